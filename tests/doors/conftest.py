"""A database, a project with a key, our server on a loopback port, and a browser."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aiwebhook_local.postgres import EmbeddedPostgres
from tests.doors.serving import serving_deployment, serving_our_tools
from tests.doors.tools import SAMPLE
from tests.support.chromium import Tab, browsing, chromium
from tests.support.oauth import Connecting
from tests.support.postgres import clone
from tests.support.session_api import ApiDriver


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Our server: its address, and the project behind it."""

    url: str
    driver: ApiDriver


@pytest.fixture(scope="session")
def doors_database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Generator[str]:
    with clone(postgres_server, migrated_template, "doors") as dsn:
        yield dsn


@pytest.fixture
def door(doors_database: str) -> Generator[Door]:
    """In a project of its own."""
    driver = ApiDriver(doors_database)
    with serving_our_tools(doors_database, driver.key) as url:
        yield Door(url=url, driver=driver)
    driver.outside.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A front that knows its own address, and a person who may sign in."""

    url: str
    code: str
    driver: ApiDriver


@pytest.fixture
def deployment(doors_database: str) -> Generator[Deployment]:
    """Of a project of its own."""
    driver = ApiDriver(doors_database)
    with serving_deployment(doors_database) as url:
        yield Deployment(url=url, code=Connecting(driver=driver).code, driver=driver)
    driver.outside.close()


@pytest.fixture
def tab(tmp_path: Path) -> Generator[Tab]:
    """Of a browser of its own."""
    if SAMPLE:
        pytest.skip("the browser is in the whole of make test-doors")
    program = chromium()
    if program is None:
        pytest.skip("no Chromium is installed")
    with browsing(program, tmp_path / "chromium") as opened:
        yield opened
