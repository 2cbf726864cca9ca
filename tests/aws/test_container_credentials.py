"""Credentials of functions that start from a snapshot: by an address, and anew before they end."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from aiwebhook.aws.container_credentials import ContainerCredentials
from aiwebhook.aws.environment import aws_environment
from aiwebhook.errors import Unavailable
from tests.support.loopback import Service, answer, headers_of, read_request, service

pytestmark = pytest.mark.req("O1")
START = datetime(2026, 11, 30, 12, tzinfo=UTC)


class Lambda:
    """Gives new credentials for an hour, each time it is asked."""

    def __init__(self, it: Service) -> None:
        self.it = it
        self.away = False
        self.now = START

    @property
    def names(self) -> dict[str, str]:
        return {
            "AWS_REGION": "eu-central-1",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{self.it.url}/2021-04-23/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "the token",
            # Of the process that the snapshot was made of: expired long ago.
            "AWS_ACCESS_KEY_ID": "of the snapshot",
            "AWS_SECRET_ACCESS_KEY": "of the snapshot",
        }

    def clock(self) -> datetime:
        return self.now

    def response(self, number: int) -> bytes:
        if self.away:
            return answer(500)
        until = self.now + timedelta(hours=1)
        said = {
            "AccessKeyId": f"key {number}",
            "SecretAccessKey": "secret",
            "Token": "session",
            "Expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return answer(200, json.dumps(said))


@pytest.fixture
def lambda_() -> Iterator[Lambda]:
    def serve(it: Service, connection: socket.socket) -> None:
        it.requests.append(read_request(connection))
        connection.sendall(played.response(len(it.requests)))

    with service(serve) as it:
        played = Lambda(it)
        yield played


def test_a_restored_function_asks_lambda_and_not_the_environment_of_the_snapshot(
    lambda_: Lambda,
) -> None:
    credentials = aws_environment(lambda_.names).credentials()
    assert (credentials.access_key, credentials.token) == ("key 1", "session")
    (request,) = lambda_.it.requests
    assert request.startswith(b"GET /2021-04-23/credentials HTTP/1.1")
    assert headers_of(request)["authorization"] == "the token"


def test_they_are_kept_until_shortly_before_they_expire(lambda_: Lambda) -> None:
    credentials = ContainerCredentials(lambda_.names, clock=lambda_.clock)
    assert [credentials().access_key, credentials().access_key] == ["key 1", "key 1"]
    lambda_.now += timedelta(minutes=54)
    assert credentials().access_key == "key 1"
    lambda_.now += timedelta(minutes=2)
    assert credentials().access_key == "key 2"


def test_while_lambda_gives_none_they_serve_until_they_expire(lambda_: Lambda) -> None:
    credentials = ContainerCredentials(lambda_.names, clock=lambda_.clock)
    credentials()
    lambda_.away = True
    lambda_.now += timedelta(minutes=58)
    assert credentials().access_key == "key 1"
    lambda_.now += timedelta(minutes=3)
    with pytest.raises(Unavailable, match="no credentials"):
        credentials()


def test_other_functions_take_their_keys_from_the_environment(lambda_: Lambda) -> None:
    names = {**lambda_.names, "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}
    assert aws_environment(names).credentials().access_key == "of the snapshot"
    assert lambda_.it.requests == []
