"""relay's own handler on real Postgres, with fakes for everything outside the database."""

from __future__ import annotations

import importlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from aiwebhook import observability
from aiwebhook.postgres.authenticator import PostgresAuthenticator
from aiwebhook.postgres.inbound_store import PostgresInboundStore
from aiwebhook.usecases.accept_delivery import WebhookSource
from aiwebhook.wiring.relay import rule_services_on
from aiwebhook.wiring.relay_parts import RelayParts
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.apigateway import proxy_event
from tests.support.commands import CommandDriver, any_name
from tests.support.postgres import clone
from tests.support.session_api import MASTER_KEY

SECRETS = ("a live secret", "the other live secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, read as a client reads it."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]


class RelayClient:
    """Posts to relay's handler as one caller."""

    def __init__(self, driver: CommandDriver, handler: Callable[..., dict[str, Any]]) -> None:
        self.driver = driver
        self.handler = handler

    def post(self, body: Any = None, *, key: str | None = "", **event: Any) -> Answer:
        """`key` "" is the driver's own, None none at all; the rest goes to proxy_event."""
        headers = dict(event.pop("headers", None) or {})
        if key is not None:
            headers.setdefault("Authorization", f"Bearer {key or self.driver.key.key}")
        return self.send(proxy_event(body, headers=headers, **event))

    def raw(self, body: bytes, headers: Mapping[str, str], path: str) -> dict[str, Any]:
        """What the handler returns."""
        return self.handler(proxy_event(body, headers=headers, path=path), None)

    def send(self, event: dict[str, Any]) -> Answer:
        answer = self.handler(event, None)
        json.dumps(answer).encode()  # what the Lambda runtime does
        text = answer["body"]
        return Answer(
            status=answer["statusCode"],
            headers=answer["headers"],
            body=json.loads(text) if text else {},
        )

    def command(
        self, command: str, session_id: str | None = None, data: Any = None, **more: Any
    ) -> Answer:
        """A session command."""
        body = {"type": "collaborative_session_command", "command": command}
        if session_id is not None:
            body["session_id"] = session_id
        if data is not None:
            body["data"] = data
        return self.post(body, **more)


@pytest.fixture(scope="package")
def shared_database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """Projects keep apart what tests do; a database per test would only cost time."""
    with clone(postgres_server, migrated_template, "relay") as dsn:
        yield dsn


@pytest.fixture
def driver(shared_database: str) -> Iterator[CommandDriver]:
    """A fresh project, its key, and services on real Postgres."""
    driver = CommandDriver(shared_database)
    yield driver
    driver.close()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What this process logs from now on (metrics go to stdout)."""
    stream = io.StringIO()
    monkeypatch.setattr(observability, "_process", observability.Process())
    observability.configure(
        service=any_name("relay"), level="INFO", namespace="Test", stream=stream
    )
    return stream


@pytest.fixture
def relay(driver: CommandDriver, monkeypatch: pytest.MonkeyPatch) -> RelayClient:
    """The handler as Lambda imports it, its door fitted with the test's adapters."""
    environment = {
        "DATABASE_LOGIN": "/any/login",
        "APP_SECRET_ARN": "arn:app",
        "GITHUB_SECRET_ARN": "arn:github",
        "AGENT_QUEUES": '{"researcher": "https://queue.invalid/researcher"}',
        "EVENTS_TOPIC_ARN": "arn:topic",
        "ARTIFACT_BUCKET": "bucket",
        "MAX_WAITS": "12",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    module = importlib.import_module("relay.handler")
    door_module = importlib.import_module("relay.door")
    parts = RelayParts(
        authenticator=PostgresAuthenticator(driver.database),
        inbound=PostgresInboundStore(driver.database),
        services=driver.services,
        github=lambda: WebhookSource(project_id=driver.project_id, secrets=SECRETS),
        master_key=MASTER_KEY.encode,
        rules=lambda: rule_services_on(driver.database, driver.services),
    )
    door = door_module.RelayDoor(parts)
    monkeypatch.setattr(module, "answer", door.answer)
    monkeypatch.setattr(module, "door", door, raising=False)  # for tests that replace a part of it
    return RelayClient(driver, module.lambda_handler)
