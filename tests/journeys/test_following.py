"""The running stack tells MCP clients what happens: who polls, and who subscribed."""

from __future__ import annotations

import base64
import hashlib
import socket

import pytest

from aiwebhook_local.stack import StackInfo
from tests.journeys.test_mcp import Json, asked
from tests.support.tenant import Tenant
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("N6", "O5")


def test_a_polling_client_gets_the_event_and_the_notifier_calls_subscribers(
    stack: StackInfo, project: Tenant
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/hook"
    # Nobody answers there: what the address has shown is put in by hand, the rest is as it is.
    project.sql(
        "INSERT INTO callback_verifications (project_id, principal, url_sha256)"
        " VALUES (%(project_id)s, 'project', %(digest)s)",
        digest=hashlib.sha256(url.encode()).digest(),
    )
    secret = "whsec_" + base64.b64encode(b"s" * 32).decode()
    delivery = {"mode": "webhook", "url": url, "secret": secret}
    subscribed = asked(
        stack, project.key, "events/subscribe", {"name": "task.updated", "delivery": delivery}
    )
    session = project.session()
    task = project.delegate(session, "researcher")

    def told() -> Json | None:
        params = {"name": "task.updated", "cursor": subscribed["cursor"], "timeoutMs": 5_000}
        polled = asked(stack, project.key, "events/poll", params)
        return next(iter(polled["events"]), None)

    event = eventually(told, within_s=60)
    assert event["data"]["task_id"] == task

    def tried() -> Json | None:
        (listed,) = project.client.get("/v1/subscriptions")["items"]
        return listed if listed["last_error"] else None

    listed = eventually(tried, within_s=60)
    assert listed["subscription_id"] == subscribed["id"]
    assert (listed["last_error"], listed["waiting"]) == ("connection_refused", 1)
