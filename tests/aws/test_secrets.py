from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

import pytest

from aiwebhook.aws.environment import AwsEnvironment
from aiwebhook.aws.secrets import AWAY_S, KEPT_S, SecretsReader
from aiwebhook.aws.signed_request import AwsClient
from aiwebhook.errors import ConfigurationError, Unavailable
from aiwebhook.wiring.database import credentials_in
from tests.aws.conftest import outside

MASTER = "m" * 32


class Hands:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def reader(aws: AwsEnvironment, hands: Hands) -> Iterator[SecretsReader]:
    client = AwsClient("secretsmanager", aws)
    yield SecretsReader(client, monotonic=hands)
    client.close()


def any_secret(name: str, value: object) -> str:
    """A secret of this name; its ARN."""
    text = value if isinstance(value, str) else json.dumps(value)
    return str(outside("secretsmanager").create_secret(Name=name, SecretString=text)["ARN"])


def rotate(arn: str, value: object) -> None:
    outside("secretsmanager").put_secret_value(SecretId=arn, SecretString=json.dumps(value))


@pytest.mark.req("O1")
def test_a_secret_is_kept_five_minutes_and_then_asked_for_again(
    reader: SecretsReader, hands: Hands
) -> None:
    arn = any_secret("kept", {"version": 1})
    assert reader.read(arn) == {"version": 1}
    rotate(arn, {"version": 2})
    hands.now += KEPT_S - 1
    assert reader.read(arn) == {"version": 1}
    hands.now += 1
    assert reader.read(arn) == {"version": 2}


@pytest.mark.req("O1")
def test_an_old_value_serves_while_secrets_manager_is_away(
    reader: SecretsReader, hands: Hands
) -> None:
    arn = any_secret("stale", {"version": 1})
    reader.read(arn)
    outside("secretsmanager").delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    hands.now += KEPT_S
    assert reader.read(arn) == {"version": 1}


@pytest.mark.req("O1")
def test_a_service_that_is_away_is_not_asked_by_every_request(hands: Hands) -> None:
    """Five minutes without Secrets Manager: ten questions, and the warm function goes on."""
    asked = list[float]()

    class Away:
        def json(self, *_: object) -> dict[str, str]:
            asked.append(hands.now)
            if len(asked) > 1:
                raise Unavailable("away")
            return {"SecretString": '{"version": 1}'}

    reader = SecretsReader(cast("AwsClient", Away()), monotonic=hands)
    reader.read("arn")
    hands.now += KEPT_S
    for _ in range(300):
        assert reader.read("arn") == {"version": 1}
        hands.now += 1.0
    assert len(asked) - 1 == KEPT_S / AWAY_S
    cold = SecretsReader(cast("AwsClient", Away()), monotonic=hands)
    with pytest.raises(Unavailable):
        cold.read("arn")


@pytest.mark.req("O1")
def test_an_absent_secret_is_unavailable(reader: SecretsReader) -> None:
    with pytest.raises(Unavailable):
        reader.read("absent")


@pytest.mark.req("O4")
@pytest.mark.parametrize("text", ["canary-value", '["canary-value"]', '"canary-value"'])
def test_a_secret_that_is_not_an_object_is_named_without_its_value(
    reader: SecretsReader, text: str
) -> None:
    arn = any_secret(f"odd-{len(text)}", text)
    with pytest.raises(ConfigurationError, match="no JSON object") as failure:
        reader.read(arn)
    assert "canary" not in str(failure.value)


@pytest.mark.req("O4")
def test_a_short_master_key_is_refused(reader: SecretsReader) -> None:
    assert reader.app_secret(any_secret("app", {"master_key": MASTER})).master_key == b"m" * 32
    with pytest.raises(ConfigurationError, match="32 characters"):
        reader.app_secret(any_secret("short", {"master_key": "abc"}))


@pytest.mark.req("W6")
def test_several_github_secrets_live_at_once(reader: SecretsReader) -> None:
    arn = any_secret("github", {"project_id": "default", "secrets": ["new", "", "old", 7]})
    assert reader.github_secret(arn).secrets == ("new", "old")
    with pytest.raises(ConfigurationError, match="project_id"):
        reader.github_secret(any_secret("github2", {"secrets": []}))


@pytest.mark.req("S6")
def test_the_database_secret_names_what_it_lacks() -> None:
    whole = {"host": "db", "port": "5432", "username": "u", "password": "pw", "dbname": "d"}
    credentials = credentials_in(whole)
    assert (credentials.host, credentials.port) == ("db", 5432)
    assert "pw" not in repr(credentials)
    with pytest.raises(ConfigurationError, match="port, dbname"):
        credentials_in({"host": "db", "username": "u", "password": "pw"})
