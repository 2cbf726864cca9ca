# reason: one driver of all operations, with what stands around it
"""Drives session_api: events in, answers out, on real Postgres, with fakes for
everything outside it.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, LiteralString

import psycopg

from aiwebhook.clock import utc_now
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.consent import ConsentKeys
from aiwebhook.domain.identity import Scope
from aiwebhook.domain.lease import LEASE_S, LeaseKeys
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.ports.deliveries import CallbackSender
from aiwebhook.ports.oauth import NoDocument
from aiwebhook.ports.queue_rows import ClaimedTask, ClaimOrder
from aiwebhook.postgres.access_store import PostgresAccessStore
from aiwebhook.postgres.authenticator import PostgresAuthenticator
from aiwebhook.postgres.channel_store import PostgresChannelStore
from aiwebhook.postgres.command_store import PostgresCommandStore
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.endpoint_store import PostgresEndpointStore
from aiwebhook.postgres.inbound_reads import PostgresInboundReads
from aiwebhook.postgres.name_store import PostgresNameStore
from aiwebhook.postgres.oauth_store import PostgresOAuthStore
from aiwebhook.postgres.observation_store import PostgresObservationStore
from aiwebhook.postgres.people_store import PostgresPeopleStore
from aiwebhook.postgres.project_reads import PostgresProjectReads
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.postgres.rule_store import PostgresRuleStore
from aiwebhook.postgres.spoken_store import PostgresSpokenStore
from aiwebhook.postgres.wait_store import PostgresWaitStore
from aiwebhook.usecases.ensure_project import ensure_project
from aiwebhook.usecases.granted_waits import Waits
from aiwebhook.usecases.keys import KeyOrder, create_key
from aiwebhook.usecases.manage_endpoints import EndpointServices
from aiwebhook.usecases.oauth_services import OAuthServices
from aiwebhook.wiring.session_api import SessionApi
from session_api.late_paths import LatePaths
from session_api.raw_routes import RAW_ROUTES
from session_api.router import Router
from tests.support.commands import CountedDatabase, any_name, open_database
from tests.support.fakes import FakePublisher, FakeRinger, FakeWaker, InMemoryBlobStore
from tests.support.fetched import fetched
from tests.support.http_front import LambdaHandler, rest_event
from tests.support.mcp_receiver import McpReceivers, subscriptions_on
from tests.support.senders import reconciliation_services, source_services

PUBLIC_URL = "https://hook.example.com"
MASTER_KEY = "a master key for tests only"
Json = dict[str, Any]
BRIEF: Json = {"question": "Copper?", "findings": [], "sources": []}
"""What the researcher promises of its output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiReply:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Json:
        """As JSON; {} when empty."""
        return json.loads(self.text) if self.text else {}

    @property
    def data(self) -> Json:
        """The `data` of a reply."""
        return self.body["data"]


@dataclass(slots=True, kw_only=True)
class Outside:
    """The fakes around session_api, shared by all its instances in a test."""

    waker: FakeWaker = field(default_factory=FakeWaker)
    publisher: FakePublisher = field(default_factory=FakePublisher)
    ringer: FakeRinger = field(default_factory=FakeRinger)
    sender: McpReceivers = field(default_factory=McpReceivers)
    blobs: InMemoryBlobStore = field(default_factory=InMemoryBlobStore)
    checkpoints: InMemoryBlobStore = field(
        default_factory=lambda: InMemoryBlobStore(folder="checkpoints")
    )
    documents: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Documents of OAuth clients by URL."""
    max_waits: int = 96
    databases: list[Database] = field(default_factory=list[Database])

    def waits_on(self, database: Database) -> Waits:
        """As in the local stack."""
        return Waits(
            store=PostgresWaitStore(database),
            function="session_api",
            max_waits=self.max_waits,
            holds_polls=True,
        )

    def close(self) -> None:
        """Close every database connection of the test."""
        for database in self.databases:
            if isinstance(database, CountedDatabase):
                database.end()
            else:
                database.close()


class FakeDocuments:
    """DocumentReader over a table of documents."""

    def __init__(self, documents: Mapping[str, bytes]) -> None:
        self._documents = documents

    def read(self, url: str, *, limit: int) -> bytes | NoDocument:
        """The document of the table."""
        text = self._documents.get(url)
        if text is None or len(text) > limit:
            return NoDocument(reason="there is none")
        return text


def session_api_on(dsn: str, outside: Outside) -> SessionApi:
    # reason: a composition root is one list
    """session_api with a database connection of its own."""
    database = open_database(dsn)
    outside.databases.append(database)
    endpoints = EndpointServices(
        store=PostgresEndpointStore(database),
        deliveries=PostgresDeliveryStore(database),
        keys=CallbackKeys(MASTER_KEY),
        ringer=outside.ringer,
        allow_loopback=True,
    )
    oauth = OAuthServices(
        public_url=PUBLIC_URL,
        store=PostgresOAuthStore(database),
        consent_keys=lambda: ConsentKeys(MASTER_KEY),
        documents=lambda: FakeDocuments(outside.documents),
        clock=utc_now,
        randomness=os.urandom,
    )
    return SessionApi(
        commands=CommandServices(
            store=PostgresCommandStore(database),
            blobs=outside.blobs,
            waker=outside.waker,
            publisher=outside.publisher,
            waits=outside.waits_on(database),
            allow_loopback_callbacks=True,
        ),
        authenticator=PostgresAuthenticator(database),
        access=PostgresAccessStore(database),
        people=PostgresPeopleStore(database),
        projects=PostgresProjectReads(database),
        oauth=oauth,
        runs=PostgresQueueStore(database),
        observations=PostgresObservationStore(database),
        names=PostgresNameStore(database),
        spoken=PostgresSpokenStore(database),
        subscriptions=subscriptions_on(database, outside.sender, outside.ringer, MASTER_KEY),
        inbound=PostgresInboundReads(database),
        channels=PostgresChannelStore(database),
        rules=PostgresRuleStore(database),
        sources=source_services(database, MASTER_KEY),
        reconciliations=reconciliation_services(database, MASTER_KEY),
        blobs=outside.blobs,
        checkpoints=outside.checkpoints,
        endpoints=lambda: endpoints,
        lease_keys=lambda: LeaseKeys(MASTER_KEY),
        clock=utc_now,
        random=random.Random(1).random,
    )


def session_api_handler(dsn: str, outside: Outside) -> LambdaHandler:
    """A Lambda handler as a new instance would have it."""
    api = session_api_on(dsn, outside)
    router = Router(LatePaths(), api, RAW_ROUTES)
    return lambda event, _context: router.answer(event)


class ApiDriver:
    """One project, calling with one key; `as_scope` and `other_project` make further callers."""

    def __init__(
        self, dsn: str, *, project_id: str | None = None, outside: Outside | None = None
    ) -> None:
        self.dsn = dsn
        self.outside = outside or Outside()
        self.api = session_api_on(dsn, self.outside)
        self._router = Router(LatePaths(), self.api, RAW_ROUTES)
        self.project_id = project_id or any_name("project")
        ensure_project(self.api.access, self.project_id)
        self.key = self.make_key(Scope.ADMIN)

    def make_key(self, *scopes: Scope) -> str:
        """A key of this project."""
        order = KeyOrder(name="test", scopes=scopes, rate_per_minute=100_000, burst=10_000)
        made = create_key(self.api.access, order, project_id=self.project_id, actor="test")
        return made.key

    def other_project(self) -> ApiDriver:
        """A caller of another project on the same database."""
        return ApiDriver(self.dsn, outside=self.outside)

    def call(
        self,
        method: str,
        target: str,
        body: Json | bytes | None = None,
        *,
        token: str | None = "",
        headers: dict[str, str] | None = None,
    ) -> ApiReply:
        """One request. `token` empty: this driver's key; None: without credentials."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token or self.key}"
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
        reply = self.answer(rest_event(method, target, headers=sent, body=raw))
        return ApiReply(status=reply["statusCode"], headers=reply["headers"], text=reply["body"])

    def answer(self, event: Json) -> Json:
        """The answer to a REST API event."""
        return self._router.answer(event)

    def at(self, now: datetime) -> None:
        """From here on it is that time, as far as the function's clock decides."""
        oauth = replace(self.api.oauth, clock=lambda: now)
        self.api = replace(self.api, clock=lambda: now, oauth=oauth)
        self._router = Router(LatePaths(), self.api, RAW_ROUTES)

    def sending_by(self, sender: CallbackSender, *, allow_loopback: bool) -> None:
        """From here on MCP clients' receivers are reached by this sender."""
        self.subscribing(sender=lambda: sender, allow_loopback=allow_loopback)

    def letting_be(self, *hosts: str) -> None:
        """From here on chats there are let be while they are used."""
        self.subscribing(quiet_hosts=frozenset(hosts))

    def waiting(self, **changes: Any) -> None:
        """From here on requests are held by services that are changed so."""
        commands = replace(self.api.commands, waits=replace(self.api.waits, **changes))
        self.api = replace(self.api, commands=commands)
        self._router = Router(LatePaths(), self.api, RAW_ROUTES)

    def subscribing(self, **changes: Any) -> None:
        """From here on MCP clients subscribe by services that are changed so."""
        self.api = replace(self.api, subscriptions=replace(self.api.subscriptions, **changes))
        self._router = Router(LatePaths(), self.api, RAW_ROUTES)

    def sql(self, statement: LiteralString) -> list[tuple[Any, ...]]:
        """What a test does to the rows of its module's database."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return fetched(cursor)

    @contextmanager
    def counting(self) -> Generator[list[str]]:
        """The names of the statements that the function runs meanwhile, in their order."""
        databases = [each for each in self.outside.databases if isinstance(each, CountedDatabase)]
        names: list[str] = []
        for database in databases:
            database.counted = names
        try:
            yield names
        finally:
            for database in databases:
                database.counted = None

    def get(self, target: str, **more: Any) -> ApiReply:
        return self.call("GET", target, **more)

    def post(self, target: str, body: Json | bytes | None = None, **more: Any) -> ApiReply:
        return self.call("POST", target, body, **more)

    def session(self) -> str:
        """An open session."""
        session_id = any_name("session")
        told = self.post("/v1/sessions", {"session_id": session_id, "title": "A title"})
        assert told.status == 200, told.text
        return session_id

    def task(self, session_id: str | None = None, **fields: Any) -> str:
        """A task for the researcher."""
        body = {"agent_name": "researcher", "description": "Look into it", **fields}
        told = self.post("/v1/tasks", {"session_id": session_id or self.session(), **body})
        assert told.status == 200, told.text
        return told.data["task_id"]

    def claim_for_launch(self, agent: str) -> ClaimedTask:
        """The only task that waits, claimed as the dispatcher claims it."""
        order = ClaimOrder(project_id=self.project_id, agent_name=agent, limit=2, lease_s=LEASE_S)
        (claimed,) = self.api.runs.claim_tasks(order)
        return claimed

    def claim(self, agent: str = "researcher", worker_id: str = "worker-1") -> Run:
        """A claimed run."""
        told = self.post("/v1/runs/claim", {"worker_id": worker_id, "agents": [agent]})
        assert told.status == 200, told.text
        return Run(driver=self, input=told.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run and its lease."""

    driver: ApiDriver
    input: Json

    def post(self, action: str, body: Json | None = None) -> ApiReply:
        """POST to this run with its lease token."""
        path = f"/v1/runs/{self.input['task_id']}/{action}"
        return self.driver.post(path, body or {}, token=self.input["lease_token"])

    def get(self, action: str) -> ApiReply:
        """GET of this run with its lease token."""
        path = f"/v1/runs/{self.input['task_id']}/{action}"
        return self.driver.get(path, token=self.input["lease_token"])
