"""The relay function in this process, on a real database and faked AWS services."""

from __future__ import annotations

import io
import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import Any

from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.identity import Scope
from aiwebhook.postgres.access_store import PostgresAccessStore
from aiwebhook.postgres.authenticator import PostgresAuthenticator
from aiwebhook.postgres.command_store import PostgresCommandStore
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.inbound_store import PostgresInboundStore
from aiwebhook.usecases.accept_delivery import WebhookSource
from aiwebhook.usecases.ensure_project import ensure_project
from aiwebhook.usecases.keys import KeyOrder, create_key
from aiwebhook.wiring.relay import rule_services_on
from aiwebhook.wiring.relay_parts import RelayParts
from relay.door import RelayDoor
from tests.support.apigateway import proxy_event
from tests.support.commands import waits_on
from tests.support.fakes import FakePublisher, FakeWaker, InMemoryBlobStore

PROJECT = "bench"
Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRelay:
    """relay's door, and the key of an admin of project `bench`, without a limit."""

    door: RelayDoor
    key: str

    def event(self, body: Mapping[str, Any], idempotency_key: str) -> Event:
        """A command with its idempotency key, as API Gateway passes it on."""
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": idempotency_key}
        return proxy_event(body, headers=headers)

    def answer(self, event: Event) -> int:
        """Answer the event; returns the HTTP status."""
        with redirect_stdout(io.StringIO()):  # discards the metrics; nothing is logged
            return self.door.answer(event)["statusCode"]

    def post(self, body: Mapping[str, Any], idempotency_key: str) -> int:
        """Post a command; returns the HTTP status."""
        return self.answer(self.event(body, idempotency_key))


@contextmanager
def running_relay(database: Database) -> Generator[BenchRelay]:
    """Yield the door, on this database."""
    logging.getLogger("aiwebhook").setLevel(logging.ERROR)
    access = PostgresAccessStore(database)
    ensure_project(access, PROJECT)
    order = KeyOrder(
        name="bench", scopes=(Scope.ADMIN,), rate_per_minute=1_000_000, burst=1_000_000
    )
    key = create_key(access, order, project_id=PROJECT, actor="bench").key
    services = CommandServices(
        store=PostgresCommandStore(database),
        blobs=InMemoryBlobStore(),
        waker=FakeWaker(),
        publisher=FakePublisher(),
        waits=waits_on(database),
    )
    door = RelayDoor(
        RelayParts(
            authenticator=PostgresAuthenticator(database),
            inbound=PostgresInboundStore(database),
            services=services,
            github=lambda: WebhookSource(project_id=PROJECT, secrets=("secret",)),
            master_key=lambda: b"no source is asked for",
            rules=lambda: rule_services_on(database, services),
        )
    )
    yield BenchRelay(door=door, key=key)
