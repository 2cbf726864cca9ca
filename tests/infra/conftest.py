"""Fixtures: the committed templates of each stage. Only tests marked `synth` run CDK."""

from __future__ import annotations

import pytest

from tests.infra.template import STAGES, Template, load


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "synth: runs CDK or cfn-lint (seconds, needs the dev packages)"
    )


@pytest.fixture(scope="session", params=STAGES)
def stage(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def network(stage: str) -> Template:
    return load(stage, "network")


@pytest.fixture(scope="session")
def data(stage: str) -> Template:
    return load(stage, "data")


@pytest.fixture(scope="session")
def door(stage: str) -> Template:
    return load(stage, "door")


@pytest.fixture(scope="session")
def service(stage: str) -> Template:
    return load(stage, "service")
