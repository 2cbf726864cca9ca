"""moto on a loopback port, and boto3 clients of the test's own to look at it from outside."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from aiwebhook.aws.environment import AwsEnvironment, aws_environment

REGION = "eu-central-1"


@pytest.fixture(scope="module")
def moto_url(quick_moto: None) -> Iterator[str]:
    """moto as a server of this process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> AwsEnvironment:
    """AWS as our adapters see it; boto3 gets the same names from the environment."""
    names = {
        "AWS_ENDPOINT_URL": moto_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    return aws_environment(names)


def outside(service: str) -> Any:
    """A boto3 client; untyped, because tests only look."""
    return import_module("boto3").client(service)
