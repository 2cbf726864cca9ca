"""Webhooks of GitHub that come in for a driver's project, by the use case of relay."""

from __future__ import annotations

import hashlib
import hmac
import itertools
from collections.abc import Mapping
from contextlib import closing

from aiwebhook.ports.inbound import Acceptance
from aiwebhook.postgres.inbound_store import PostgresInboundStore
from aiwebhook.usecases.accept_delivery import ReceivedDelivery, WebhookSource, accept_delivery
from tests.support.commands import open_database
from tests.support.session_api import ApiDriver

SECRET = "a secret of the hook"
_numbers = itertools.count(1)


def receive(
    driver: ApiDriver, body: bytes, *, event: str = "push", headers: Mapping[str, str] | None = None
) -> Acceptance:
    """Accept a signed delivery; `headers` override."""
    with closing(Reception(driver)) as reception:
        return reception.receive(body, event=event, headers=headers)


class Reception:
    """Accepts signed deliveries on one connection to the database."""

    def __init__(self, driver: ApiDriver) -> None:
        self._driver = driver
        self._database = open_database(driver.dsn)

    def close(self) -> None:
        self._database.close()

    def receive(
        self, body: bytes, *, event: str = "push", headers: Mapping[str, str] | None = None
    ) -> Acceptance:
        """Accept one; `headers` override."""
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        sent = {
            "content-type": "application/json",
            "x-github-event": event,
            "x-github-delivery": f"72d3162e-cc78-11e3-81ab-{next(_numbers):012x}",
            "x-github-hook-id": "4711",
            "x-hub-signature-256": f"sha256={signature}",
            **(headers or {}),
        }
        return accept_delivery(
            PostgresInboundStore(self._database),
            self._driver.outside.blobs,
            WebhookSource(project_id=self._driver.project_id, secrets=[SECRET]),
            ReceivedDelivery(
                headers=sent, repeated=frozenset(), body=body, correlation_id="req_test"
            ),
        )
