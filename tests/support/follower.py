"""A client that follows events by webhook, and the notifier that serves it, on one database."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString, cast

from aiwebhook.clock import utc_now
from aiwebhook.domain.lane import Lane
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.ports.deliveries import Callback, DueEvent
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.usecases.deliver_callback import DeliveryReport, NotifierServices, deliver_callbacks
from aiwebhook.usecases.deliver_subscribed import SubscriptionDeliveries
from session_api.mcp.eras import MODERN
from tests.support.commands import any_name, open_database
from tests.support.mcp import McpClient
from tests.support.mcp_receiver import McpReceivers, verified
from tests.support.session_api import BRIEF, MASTER_KEY, ApiDriver

Json = dict[str, Any]


def a_secret(text: str = "a secret of its own") -> str:
    """A client's secret of 32 bytes."""
    return "whsec_" + base64.b64encode(text.encode().ljust(32, b"."))[:44].decode()


@dataclass(slots=True, kw_only=True)
class Follower:
    """`url` and `secret` are those of its receiver."""

    driver: ApiDriver
    token: str | None = ""
    url: str = field(
        default_factory=lambda: f"https://{any_name('chat').replace('_', '-')}.example.com/hook?k=1"
    )
    secret: str = field(default_factory=a_secret)

    @property
    def client(self) -> McpClient:
        """As it speaks MCP."""
        return McpClient(driver=self.driver, version=MODERN, token=self.token)

    @property
    def receivers(self) -> McpReceivers:
        """Where callbacks end."""
        return self.driver.outside.sender

    def params(self, name: str = "task.updated", **more: Any) -> Json:
        """Of events/subscribe."""
        delivery = {"mode": "webhook", "url": self.url, "secret": self.secret}
        return {"name": name, "arguments": {}, "delivery": delivery, "cursor": None, **more}

    def subscribe(self, name: str = "task.updated", **more: Any) -> Json:
        """The result."""
        return self.client.result("events/subscribe", self.params(name, **more))

    def refusal(self, name: str = "task.updated", **more: Any) -> Json:
        """The error."""
        answer = self.client.call("events/subscribe", self.params(name, **more))
        assert "error" in answer, answer
        return answer["error"]

    def unsubscribe(self, name: str = "task.updated", **more: Any) -> Json:
        """The whole answer."""
        return self.client.call("events/unsubscribe", self.params(name, **more))

    def completed(self, session_id: str | None = None, say: str = "Copper it is.") -> str:
        """A task that has ended; its id."""
        task_id = self.driver.task(session_id)
        run = self.driver.claim()
        assert run.post("complete", {"output": BRIEF, "say": say}).status == 200
        return task_id

    def deliver(self, lane: Lane = Lane.RETRY) -> DeliveryReport:
        """Whatever of this project is due, as a notifier does it."""
        rows = self.sql("SELECT DISTINCT event_no FROM deliveries WHERE project_id = 'PROJECT'")
        due = [DueEvent(project_id=self.driver.project_id, event_no=number) for (number,) in rows]
        return self.deliver_these(due, lane)

    def deliver_these(self, due: Sequence[DueEvent], lane: Lane) -> DeliveryReport:
        """What of these events is due."""
        database = open_database(self.driver.dsn)
        self.driver.outside.databases.append(database)
        api = self.driver.api
        services = NotifierServices(
            store=PostgresDeliveryStore(database),
            sender=api.subscriptions.sender(),
            ringer=self.driver.outside.ringer,
            subscriptions=SubscriptionDeliveries(
                store=type(api.subscriptions.store)(database), box=api.subscriptions.box
            ),
            keys=lambda: CallbackKeys(MASTER_KEY),
            clock=utc_now,
            random=lambda: 0.5,
        )
        return deliver_callbacks(due, services, lane)

    def received(self) -> Sequence[Callback]:
        """Events that came, in order."""
        return self.receivers.events(self.url)

    def told(self) -> list[Json]:
        """The same, verified by the official library."""
        return [verified(callback, self.secret) for callback in self.received()]

    def controls(self) -> list[Json]:
        """Control messages that came, verified in the same way."""
        return [verified(callback, self.secret) for callback in self.receivers.controls(self.url)]

    def time_passes(self) -> None:
        """So much that every wait, lease and rest is over."""
        for table, column in (
            ("deliveries", "next_attempt_at"),
            ("deliveries", "leased_until"),
            ("endpoints", "breaker_open_until"),
        ):
            self.sql(
                f"UPDATE {table} SET {column} = {column} - interval '1 day'"  # noqa: S608 - names of this function
                " WHERE project_id = 'PROJECT'"
            )

    def silent_for(self, seconds: float) -> None:
        """So long nobody has called, and nothing has happened."""
        keys = "SELECT key_id FROM api_keys WHERE project_id = 'PROJECT'"
        for table, column, where in (
            ("rate_buckets", "refilled_at", f"key_id IN ({keys})"),
            ("rate_leases", "used_at", f"key_id IN ({keys})"),
            ("events", "created_at", "project_id = 'PROJECT'"),
            ("deliveries", "next_attempt_at", "project_id = 'PROJECT'"),
        ):
            self.sql(
                f"UPDATE {table} SET {column} = {column} - interval '{seconds} s'"  # noqa: S608 - names of this function
                f" WHERE {where}"
            )

    def deliveries(self) -> list[tuple[str, int, float]]:
        """Status, attempts and seconds to wait of each, oldest event first."""
        return cast(
            "list[tuple[str, int, float]]",
            self.sql(
                "SELECT status, attempts::integer,"
                " round(extract(epoch FROM next_attempt_at - now()))::float8"
                " FROM deliveries WHERE project_id = 'PROJECT' AND endpoint_id LIKE 'sub%'"
                " ORDER BY event_no"
            ),
        )

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """A statement about this project."""
        text = statement.replace("PROJECT", self.driver.project_id)
        return self.driver.sql(cast("LiteralString", text))
