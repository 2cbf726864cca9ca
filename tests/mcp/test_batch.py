"""JSON-RPC batches: 2025-03-26 has them."""

from __future__ import annotations

from typing import Any, cast

import pytest

from session_api.mcp.batch import MAX_BATCH, fit_answers
from session_api.mcp.eras import MCP_PREFIX, MODERN
from tests.support.mcp import McpClient

pytestmark = pytest.mark.req("D2")
Json = dict[str, Any]
PING: Json = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
NOTE: Json = {"jsonrpc": "2.0", "method": "notifications/initialized"}
VERSION = "MCP-Protocol-Version"


def answers(
    client: McpClient, batch: list[Any], headers: dict[str, str] | None = None
) -> list[Json]:
    """To a batch that is taken."""
    told = client.post(batch, headers)
    assert told.status == 200, told
    body: Any = told.body
    assert isinstance(body, list)
    return cast("list[Json]", body)


def call(number: int, tool: str, **arguments: Any) -> Json:
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


@pytest.mark.parametrize("headers", [{}, {VERSION: "2025-03-26"}])
def test_every_message_of_a_batch_is_answered_in_order(
    alone: McpClient, headers: dict[str, str]
) -> None:
    answer: Json = {"jsonrpc": "2.0", "id": 9, "result": {}}
    sent: list[Any] = [
        *(call(7, "start_session", title="Copper"), NOTE, {**PING, "id": "two"}, answer),
        *(call(3, "list_sessions"), {**PING, "id": 4, "method": "no/such"}, "text", [], {}),
        {**PING, "id": None},
    ]
    told = answers(alone, sent, headers)
    assert [each["id"] for each in told] == [7, "two", 3, 4, None, None, None, None]
    started, pong, listed, unknown, *wrong = told
    session = started["result"]["structuredContent"]["session_id"]
    assert pong["result"] == {}
    (found,) = listed["result"]["structuredContent"]["data"]["sessions"]
    assert found["session_id"] == session
    assert unknown["error"]["code"] == -32601
    assert {each["error"]["code"] for each in wrong} == {-32600}


def test_a_batch_without_requests_is_not_answered(client: McpClient) -> None:
    told = client.post([NOTE, NOTE])
    assert (told.status, told.text) == (202, "")


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25", MODERN])
def test_later_eras_have_no_batches(client: McpClient, version: str) -> None:
    told = client.post([PING], {VERSION: version})
    assert (told.status, told.body["error"]["code"]) == (400, -32600)
    assert "one message per POST" in told.body["error"]["message"]


def test_the_size_of_a_batch_is_bounded(client: McpClient) -> None:
    assert len(answers(client, [PING] * MAX_BATCH)) == MAX_BATCH
    told = client.post([PING] * (MAX_BATCH + 1))
    assert (told.status, told.body["error"]["code"]) == (400, -32600)
    assert "1–20 messages, got 21" in told.body["error"]["message"]


def test_what_may_not_be_in_a_batch_is_refused_alone(client: McpClient) -> None:
    first = {**PING, "method": "initialize", "params": {"protocolVersion": "2025-03-26"}}
    names: Json = {f"{MCP_PREFIX}protocolVersion": MODERN, f"{MCP_PREFIX}clientCapabilities": {}}
    newer: Json = {**PING, "method": "tools/list", "params": {"_meta": names}}
    told = answers(client, [first, newer, PING])
    assert [each.get("error", {}).get("code") for each in told] == [-32600, -32020, None]


def test_the_same_write_twice_in_a_batch_is_done_once(alone: McpClient) -> None:
    told = answers(alone, [call(n, "start_session", title="A") for n in (1, 2)])
    ids = {each["result"]["structuredContent"]["session_id"] for each in told}
    assert len(ids) == 1


def test_nothing_waits_in_a_batch(alone: McpClient) -> None:
    ask = {"agent": "researcher", "instructions": "Look", "wait_seconds": 20}
    told = answers(alone, [call(n, "delegate_task", **ask) for n in range(MAX_BATCH)])
    notes = told[0]["result"]["structuredContent"]["notes"]
    assert notes == ["wait_seconds has no effect in a batch."]


def test_answers_that_do_not_fit_together_give_way_the_longest_first() -> None:
    answers: list[Json] = [
        {"jsonrpc": "2.0", "id": n, "result": "x" * size}
        for n, size in enumerate((900, 10, 2_000, 50))
    ]
    kept = fit_answers(answers, 1_800)
    assert [kept[place] for place in (0, 1, 3)] == [answers[place] for place in (0, 1, 3)]
    assert kept[2]["id"] == 2
    assert "alone" in kept[2]["error"]["message"]
    assert fit_answers(answers) == answers
