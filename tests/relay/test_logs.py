"""Logs: one line per command, one correlation id, no payload and no secret."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tests.relay.conftest import RelayClient
from tests.relay.test_github import deliver
from tests.support.apigateway import proxy_event

CANARY = "canary-77aa"


def lines_of(text: str) -> list[dict[str, Any]]:
    """Every line is JSON."""
    return [json.loads(line) for line in text.splitlines() if line]


@pytest.mark.req("O3")
def test_a_command_leaves_one_line_and_one_metric(
    relay: RelayClient, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    relay.command("create_session", "s", {}, headers={"X-Correlation-Id": "trace-1"})
    (line,) = lines_of(log.getvalue())
    assert (line["command"], line["outcome"]) == ("create_session", "success")
    assert line["correlation_id"] == "trace-1"
    assert line["ms"] >= 0
    (metric,) = lines_of(capsys.readouterr().out)
    assert metric["commands"] == [1.0]
    assert (metric["command"], metric["outcome"]) == ("create_session", "success")


@pytest.mark.req("O3")
def test_a_line_has_the_keys_id_and_the_id_by_which_the_gateways_own_log_names_the_request(
    relay: RelayClient, log: io.StringIO
) -> None:
    relay.command("create_session", "s", {})
    (line,) = lines_of(log.getvalue())
    event = proxy_event()
    assert line["gateway_request_id"] == event["requestContext"]["requestId"]
    assert line["key_id"].startswith("key_")
    assert relay.driver.key.key not in log.getvalue()


@pytest.mark.req("O3")
def test_refusals_are_logged_by_code(relay: RelayClient, log: io.StringIO) -> None:
    relay.command("get_session_summary", "nowhere")
    relay.command(CANARY, "s")
    lines = lines_of(log.getvalue())
    assert [(line["command"], line["outcome"]) for line in lines] == [
        ("get_session_summary", "session_not_found"),
        ("unknown", "unknown_command"),
    ]


@pytest.mark.req("O3")
def test_no_payload_and_no_secret_is_ever_logged(
    relay: RelayClient, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    relay.command("create_session", "s", {"title": CANARY})
    relay.command("append_conversation", "s", {"content": CANARY})
    relay.command("store_memory", "s", {"type": "idea", "content": CANARY, "key": CANARY})
    relay.command("store_memory", "s", {"type": CANARY, CANARY: CANARY})
    relay.command("append_conversation", "s", {"content": "x", "chunk_id": "c"})
    relay.command("append_conversation", "s", {"content": CANARY, "chunk_id": "c"})
    relay.post({"type": CANARY})
    relay.post(CANARY)
    relay.post(b"{}", key=CANARY)
    deliver(relay, CANARY.encode())
    deliver(relay, CANARY.encode(), X_Hub_Signature_256=CANARY)
    printed = log.getvalue() + "".join(capsys.readouterr())
    assert len(printed) > 1000
    assert CANARY not in printed
    assert relay.driver.key.key not in printed
