"""Drives the notifier on real Postgres: events and endpoints by statement, time by moving rows."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from aiwebhook.clock import utc_now
from aiwebhook.domain.delivery import Answered, SendOutcome
from aiwebhook.domain.lane import Lane
from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.ports.deliveries import Callback, CallbackSender, DueEvent, LaneShare
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.subscription_store import PostgresSubscriptionStore
from aiwebhook.usecases.deliver_callback import DeliveryReport, NotifierServices, deliver_callbacks
from aiwebhook.usecases.deliver_subscribed import SubscriptionDeliveries
from tests.support.fakes import FakeRinger
from tests.support.queue import QueueDriver, Row, any_name, credentials_of

MASTER_KEY = "a master key for tests, long enough"
KEYS = CallbackKeys(MASTER_KEY)
OK = Answered(status=200)
ANY_SHARE = LaneShare(lane=Lane.FIRST, share=100)


@dataclass
class FakeSender:
    """Answers by URL from a script, 200 when it has run out; remembers what was sent."""

    script: dict[str, deque[SendOutcome]] = field(default_factory=dict[str, deque[SendOutcome]])
    sent: list[Callback] = field(default_factory=list[Callback])
    before: Callable[[Callback], None] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, callback: Callback, *, within_s: float = 0.0) -> SendOutcome:  # noqa: ARG002 - the port's signature
        """The next outcome of the URL's script."""
        if self.before is not None:
            self.before(callback)
        with self._lock:
            self.sent.append(callback)
            outcomes = self.script.get(callback.url)
            return outcomes.popleft() if outcomes else OK

    def answer(self, url: str, *outcomes: SendOutcome) -> None:
        """What the URL says next."""
        self.script.setdefault(url, deque()).extend(outcomes)

    @property
    def urls(self) -> list[str]:
        """Where callbacks went, in order."""
        return [callback.url for callback in self.sent]


class NotifierDriver(QueueDriver):
    """One project with endpoints, and notifiers on connections of their own."""

    def __init__(self, dsn: str, *, project_id: str | None = None) -> None:
        super().__init__(dsn, project_id=project_id)
        self.sender = FakeSender()
        self.ringer = FakeRinger()
        self.deliveries_store = PostgresDeliveryStore(self.database)
        self._opened: list[Database] = []

    def services(self, **changes: Any) -> NotifierServices:
        """A notifier; one of several when it gets a store of its own."""
        values: dict[str, Any] = {
            "store": self.deliveries_store,
            "sender": self.sender,
            "ringer": self.ringer,
            "subscriptions": SubscriptionDeliveries(
                store=PostgresSubscriptionStore(self.database), box=lambda: SecretBox(MASTER_KEY)
            ),
            "keys": lambda: KEYS,
            "clock": utc_now,
            "random": lambda: 0.5,
            **changes,
        }
        return NotifierServices(**values)

    def another_store(self) -> PostgresDeliveryStore:
        """A store on a connection of its own."""
        database = Database(lambda: credentials_of(self.dsn))
        self._opened.append(database)
        return PostgresDeliveryStore(database)

    def notify(
        self,
        *events: int,
        sender: CallbackSender | None = None,
        services: NotifierServices | None = None,
        lane: Lane = Lane.RETRY,
    ) -> DeliveryReport:
        """What one SQS batch leads to."""
        due = [DueEvent(project_id=self.project_id, event_no=event_no) for event_no in events]
        services = services or (self.services(sender=sender) if sender else self.services())
        return deliver_callbacks(due, services, lane)

    def register(self, url: str | None = None, **columns: Any) -> Row:
        """An endpoint of the project."""
        columns = {"url": url or f"https://{any_name('hook')}.example.com/", **columns}
        names = ", ".join(columns)
        values = ", ".join(f"%({name})s" for name in columns)
        [row] = self.sql(
            f"INSERT INTO endpoints (project_id, {names}) VALUES (%(project_id)s, {values})"  # noqa: S608 - names from this file's callers
            " RETURNING *",
            **columns,
        )
        return row

    def event(
        self, event_type: str = "task.completed", *, data: Row | None = None, **more: Any
    ) -> int:
        """An event in the log; its number."""
        columns = {"task_id": None, "session_id": None, "seq": None, "correlation_id": "c", **more}
        [row] = self.sql(
            "INSERT INTO events (project_id, type, task_id, session_id, seq, data, correlation_id)"
            " VALUES (%(project_id)s, %(type)s, %(task_id)s, %(session_id)s, %(seq)s, %(data)s,"
            " %(correlation_id)s) RETURNING event_no",
            type=event_type,
            data=Jsonb(data or {}),
            **columns,
        )
        return int(row["event_no"])

    def deliver_to(self, *endpoints: Row, event_no: int | None = None) -> int:
        """An event with a delivery to each endpoint, as the terminal write makes them."""
        number = event_no if event_no is not None else self.event()
        for endpoint in endpoints:
            self.sql(
                "INSERT INTO deliveries (project_id, event_no, event_type, endpoint_id, url)"
                " VALUES (%(project_id)s, %(event_no)s, 'task.completed', %(endpoint_id)s,"
                " %(url)s)",
                event_no=number,
                endpoint_id=endpoint["endpoint_id"],
                url=endpoint["url"],
            )
        return number

    def delivery(self, event_no: int) -> Row:
        """The only delivery of the event."""
        [row] = self.sql(
            "SELECT *, next_attempt_at - now() AS wait FROM deliveries"
            " WHERE project_id = %(project_id)s AND event_no = %(event_no)s",
            event_no=event_no,
        )
        return row

    def endpoint_now(self, endpoint: Row) -> Row:
        """How the endpoint stands."""
        [row] = self.sql(
            "SELECT *, breaker_open_until - now() AS rest FROM endpoints"
            " WHERE endpoint_id = %(endpoint_id)s",
            endpoint_id=endpoint["endpoint_id"],
        )
        return row

    def time_passes(self) -> None:
        """So much that every wait, lease and rest is over."""
        self.sql(
            "UPDATE deliveries SET next_attempt_at = now() - interval '1 minute'"
            " WHERE project_id = %(project_id)s AND status = 'pending'"
        )
        self.sql(
            "UPDATE deliveries SET leased_until = leased_until - interval '1 day'"
            " WHERE project_id = %(project_id)s"
        )
        self.sql(
            "UPDATE endpoints SET breaker_open_until = breaker_open_until - interval '1 day'"
            " WHERE project_id = %(project_id)s"
        )

    def close(self) -> None:
        for database in (self.database, *self._opened):
            database.close()


@pytest.fixture
def notifier(database: str) -> Iterator[NotifierDriver]:
    """The notifier on a database of its own."""
    driver = NotifierDriver(database)
    yield driver
    driver.close()
