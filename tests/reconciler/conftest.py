"""A reconciler on real Postgres, with GitHub's API on a loopback port."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aiwebhook.domain.github_app import app_token
from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.domain.source import SourceKind
from aiwebhook.outbound.api_exchange import HttpApiExchange
from aiwebhook.ports.endpoints import Actor
from aiwebhook.ports.inbound import InboundDelivery
from aiwebhook.ports.reconciliation import ReconciliationRow
from aiwebhook.ports.sources import SourceFields
from aiwebhook.postgres.inbound_store import PostgresInboundStore
from aiwebhook.postgres.reconciliation_store import PostgresReconciliationStore
from aiwebhook.usecases.accept_delivery import keep_delivery
from aiwebhook.usecases.manage_reconciliations import ReconciliationOrder, set_reconciliation
from aiwebhook.usecases.manage_sources import SourceOrder, create_source
from aiwebhook.usecases.reconcile import ReconcileReport, ReconcilerServices, reconcile_due
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.commands import CommandDriver, any_name
from tests.support.fakes import InMemoryBlobStore
from tests.support.github_api import TOKEN, GithubTwin, running_github
from tests.support.postgres import clone
from tests.support.senders import reconciliation_services, source_services
from tests.support.session_api import MASTER_KEY

HOOK_ID = "4711"


class Relay:
    """Our door, as GitHub sees it: up, down, or too small for what is sent."""

    def __init__(self, driver: CommandDriver, source_id: str) -> None:
        self.driver = driver
        self.source_id = source_id
        self.blobs = InMemoryBlobStore()
        self.store = PostgresInboundStore(driver.database)
        self.status = 202
        self.max_bytes = 10_000
        self.hook_id = HOOK_ID

    def take(self, guid: str, event: str, body: bytes) -> int:
        """What it answers."""
        if self.status != 202:
            return self.status
        delivery = InboundDelivery(
            project_id=self.driver.project_id,
            source=self.source_id,
            hook_id=self.hook_id,
            guid=guid,
            event_type=event,
            headers={},
            body=body,
            body_sha256=hashlib.sha256(body).digest(),
            size=len(body),
            content_type="application/json",
            correlation_id="req_test",
        )
        if len(body) > self.max_bytes:
            self.store.keep_tombstone(delivery)
            return 413
        keep_delivery(self.store, self.blobs, delivery)
        return 202

    def rows(self) -> list[dict[str, Any]]:
        return self.driver.sql(
            "SELECT * FROM inbound_deliveries WHERE project_id = %(project_id)s"
            " AND status <> 'too_large' ORDER BY received_at, delivery_id"
        )

    def guids(self) -> list[str]:
        return sorted(row["guid"] for row in self.rows())


class Reconciler:
    """The reconciler of one project, its GitHub and its relay. Time passes when it is told to."""

    def __init__(self, driver: CommandDriver) -> None:
        self.driver = driver
        self.source_id = any_name("source").lower()
        self.relay = Relay(driver, self.source_id)
        self.store = PostgresReconciliationStore(driver.database)
        self.actor = Actor(project_id=driver.project_id, key_id="test")
        self.github: GithubTwin
        self.services: ReconcilerServices
        self.steps: int | None = None

    def set_up(self, github: GithubTwin) -> None:
        self.github = github
        create_source(
            source_services(self.driver.database, MASTER_KEY),
            self.actor,
            SourceOrder(
                kind=SourceKind.GITHUB,
                source_id=self.source_id,
                secret=None,
                fields=SourceFields(
                    rules={}, cidrs=[], max_bytes=10_000, rate_per_minute=60, burst=60
                ),
            ),
        )
        self.services = ReconcilerServices(
            store=self.store,
            inbound=self.relay.store,
            blobs=self.relay.blobs,
            exchange=HttpApiExchange(allow_loopback=True),
            box=lambda: SecretBox(MASTER_KEY),
            app_token=app_token,
            clock=lambda: github.now,
            github_api=github.url,
        )

    def begin(self, **changes: Any) -> ReconciliationRow:
        """Ask GitHub from now on."""
        order = ReconciliationOrder(hook=self.github.hook, api_url=self.github.url, token=TOKEN)
        return set_reconciliation(
            reconciliation_services(self.driver.database, MASTER_KEY),
            self.actor,
            source_id=self.source_id,
            order=replace(order, **changes),
        )

    def tick(self, *, has_time: Callable[[], bool] = lambda: True) -> ReconcileReport:
        """One pass, now."""
        self.make_due()
        reports = reconcile_due(self.services, has_time=has_time)
        assert len(reports) == 1
        return reports[0]

    def make_due(self) -> None:
        self.driver.sql(
            "UPDATE reconciliations SET next_at = now() WHERE project_id = %(project_id)s"
        )

    def pass_time(self, **span: float) -> None:
        """For GitHub, and for what is noted here."""
        self.github.now += timedelta(**span)
        self.driver.sql(
            "UPDATE missed_deliveries m SET next_at = m.next_at - make_interval(secs => %(by)s)"
            " FROM reconciliations r WHERE r.reconciliation_id = m.reconciliation_id"
            " AND r.project_id = %(project_id)s",
            by=timedelta(**span).total_seconds(),
        )

    def row(self) -> ReconciliationRow:
        found = self.store.find_reconciliation(
            project_id=self.driver.project_id, source_id=self.source_id
        )
        assert found is not None
        return found

    def lost_while(self, status: int, *guids: str, body: bytes = b"{}", age_s: float = 120) -> None:
        """GitHub sends these while we answer that."""
        self.relay.status = status
        for guid in guids:
            self.github.send(guid, body, age_s=age_s)
        self.relay.status = 202


@pytest.fixture(scope="package")
def shared_database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    with clone(postgres_server, migrated_template, "reconciler") as dsn:
        yield dsn


@pytest.fixture
def reconciler(shared_database: str) -> Iterator[Reconciler]:
    driver = CommandDriver(shared_database)
    reconciler = Reconciler(driver)
    with running_github(reconciler.relay.take) as github:
        reconciler.set_up(github)
        yield reconciler
    driver.sql("DELETE FROM reconciliations WHERE project_id = %(project_id)s")
    driver.close()


def large(size: int) -> bytes:
    """A JSON body of about that many bytes, with more white space than it would get again."""
    return json.dumps({"action": "opened", "text": "x" * size}, indent=1).encode()
