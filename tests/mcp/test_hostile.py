"""Whatever is sent, the answer is one of JSON-RPC or a problem, and never a fault of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from session_api.mcp.eras import MCP_PREFIX, MODERN
from tests.support.mcp import McpClient
from tests.support.session_api import ApiDriver

pytestmark = pytest.mark.req("D2")
Json = dict[str, Any]
DEEP = 100_000
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
LISTS = ("tools/list", "resources/list", "resources/templates/list", "prompts/list")


def error_of(
    client: McpClient, body: Any, headers: dict[str, str] | None = None
) -> tuple[int, int]:
    """The HTTP status and the code of the error."""
    reply = client.post(body, headers)
    return reply.status, reply.body["error"]["code"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, -32700),
        (b"{", 400, -32700),
        (b"null", 400, -32600),
        (b'"text"', 400, -32600),
        (b"\xff\xfe{}", 400, -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "\xc3\x28"}', 400, -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": NaN}', 400, -32700),
        (b"[]", 400, -32600),
        (b"[1,", 400, -32700),
        (json.dumps([PING] * 21).encode(), 400, -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "id": 2, "method": "ping"}', 400, -32600),
        (b"{}", 400, -32600),
        ({**PING, "jsonrpc": "1.0"}, 400, -32600),
        ({**PING, "method": 7}, 400, -32600),
        ({**PING, "method": None}, 400, -32600),
        ({**PING, "params": []}, 400, -32602),
        ({**PING, "params": "text"}, 400, -32602),
        ({**PING, "params": {"_meta": []}}, 400, -32602),
        (b'{"a":' * DEEP + b"1" + b"}" * DEEP, 400, -32600),
        (b"[" * DEEP + b"]" * DEEP, 400, -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": ' + b"[" * DEEP, 400, -32600),
    ],
)
def test_what_is_no_request_is_refused(
    client: McpClient, body: Any, status: int, code: int
) -> None:
    assert error_of(client, body) == (status, code)


@pytest.mark.parametrize("wrong", [None, True, 1.5, 1e400, [1], {"a": 1}, "x" * 2_000])
def test_an_id_of_another_type_is_refused(client: McpClient, wrong: object) -> None:
    body = json.dumps({**PING, "id": wrong}).replace("Infinity", "1" * 2_000).encode()
    reply = client.post(body)
    assert (reply.status, reply.body["error"]["code"]) == (400, -32600)
    assert reply.body["id"] is None


@pytest.mark.parametrize("right", [0, -1, 2**53, "", "a", "\ud800", "ä"])
def test_an_id_comes_back_as_it_was_sent(client: McpClient, right: object) -> None:
    assert client.post({**PING, "id": right}).body == {"jsonrpc": "2.0", "id": right, "result": {}}


def test_notifications_and_answers_are_taken_and_not_answered(client: McpClient) -> None:
    note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    answer: Json = {"jsonrpc": "2.0", "id": 4, "result": {}}
    for body in (note, answer):
        reply = client.post(body)
        assert (reply.status, reply.text) == (202, "")


def test_unknown_methods_are_named(client: McpClient, driver: ApiDriver) -> None:
    for method in ("nothing", "server/discover", "tasks/get", "logging/setLevel", "x" * 5_000):
        assert client.call(method)["error"]["code"] == -32601
    modern = McpClient(driver=driver, version=MODERN)
    for method in ("nothing", "initialize", "ping", "resources/subscribe"):
        reply = modern.post(modern.request(method), modern.headers(method))
        assert (reply.status, reply.body["error"]["code"]) == (404, -32601)


@pytest.mark.parametrize("version", ["2025-11-25", MODERN])
@pytest.mark.parametrize("method", LISTS)
@pytest.mark.parametrize("cursor", ["nonsense", "", 7, ["a"], "A" * 5_000, "\ud800", "e30"])
def test_a_cursor_of_another_list_is_refused(
    driver: ApiDriver, version: str, method: str, cursor: object
) -> None:
    client = McpClient(driver=driver, version=version)
    assert client.call(method, {"cursor": cursor})["error"]["code"] == -32602


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"name": 7},
        {"name": "no_such_tool"},
        {"name": "start_session", "arguments": []},
        {"name": "start_session", "arguments": "text"},
        {"name": "start_session", "arguments": 7},
    ],
)
def test_a_call_that_is_none_is_a_protocol_error(client: McpClient, params: Any) -> None:
    assert client.call("tools/call", params)["error"]["code"] == -32602


def test_arguments_of_four_megabytes_are_refused_or_taken(client: McpClient) -> None:
    session = client.tool("start_session", title="Long")["session_id"]
    text = "word " * 800_000
    assert client.tool("add_to_session", session=session, content=text)["data"]["size"] == len(text)
    refused = client.refused("delegate_task", agent="researcher", instructions=text)
    assert "instructions" in refused
    assert len(refused) < 3_000
    assert "tags" in client.refused(
        "save_memory", session=session, content="x", type="fact", tags=["t"] * 500_000
    )


@pytest.mark.parametrize(
    ("headers", "changes", "code"),
    [
        ({"MCP-Protocol-Version": "2025-06-18"}, {}, -32020),
        ({"MCP-Protocol-Version": ""}, {}, -32020),
        ({"Mcp-Method": "tools/call"}, {}, -32020),
        ({"Mcp-Method": "=?base64?!!!?="}, {}, -32020),
        ({"MCP-Protocol-Version": "1999-01-01"}, {"protocolVersion": "1999-01-01"}, -32022),
        ({}, {"protocolVersion": 7}, -32602),
        ({}, {"clientCapabilities": None}, -32602),
        ({}, {"clientCapabilities": []}, -32602),
    ],
)
def test_headers_that_contradict_the_body_are_refused(
    driver: ApiDriver, headers: dict[str, str], changes: dict[str, Any], code: int
) -> None:
    client = McpClient(driver=driver, version=MODERN)
    body = client.request("tools/list")
    for name, value in changes.items():
        body["params"]["_meta"][f"{MCP_PREFIX}{name}"] = value
    sent = client.headers("tools/list") | headers
    assert error_of(client, body, sent) == (400, code)


def test_a_missing_header_of_the_newer_era_is_refused(driver: ApiDriver) -> None:
    client = McpClient(driver=driver, version=MODERN)
    params: Json = {"name": "list_sessions", "arguments": {}}
    body, headers = client.request("tools/call", params), client.headers("tools/call", params)
    for name in headers:
        left = {other: value for other, value in headers.items() if other != name}
        assert error_of(client, body, left) == (400, -32020)
    assert error_of(client, body, {**headers, "Mcp-Name": "get_task"}) == (400, -32020)


def test_a_missing_version_is_read_as_the_oldest(client: McpClient) -> None:
    assert client.post(PING).body["result"] == {}
    assert client.post(PING, {"MCP-Protocol-Version": "2025-03-26"}).body["result"] == {}
    started = client.post(
        {**PING, "method": "initialize", "params": {"protocolVersion": "2025-03-26"}}
    )
    assert started.body["result"]["protocolVersion"] == "2025-03-26"
    long = "We take copper. " * 200
    session = client.tool("start_session", title="Copper")["session_id"]
    client.tool("save_memory", session=session, content=long, type="note")
    params = {"name": "search_memories", "arguments": {"session": session, "query": "copper"}}
    missing, oldest, newer = (
        client.post({**PING, "method": "tools/call", "params": params}, headers).text
        for headers in ({}, *({"MCP-Protocol-Version": v} for v in ("2025-03-26", "2025-11-25")))
    )
    assert missing == oldest != newer  # clients of 2025-03-26 read nothing but the text


def test_a_version_that_contradicts_initialize_is_refused(client: McpClient) -> None:
    body = {**PING, "method": "initialize", "params": {"protocolVersion": "2025-11-25"}}
    assert error_of(client, body, {"MCP-Protocol-Version": "2025-06-18"}) == (400, -32020)
    assert client.post(body, {"MCP-Protocol-Version": "2025-11-25"}).status == 200


def test_a_version_nobody_knows_is_answered_with_those_we_do(client: McpClient) -> None:
    reply = client.post(PING, {"MCP-Protocol-Version": "2024-11-05"})
    assert (reply.status, reply.body["error"]["code"]) == (400, -32022)
    assert MODERN in reply.body["error"]["data"]["supported"]
    asked = {**PING, "method": "initialize", "params": {"protocolVersion": "2031-01-01"}}
    assert client.post(asked).body["result"]["protocolVersion"] == "2025-11-25"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", "http://localhost.evil.example"]
)
def test_pages_of_other_origins_are_refused(client: McpClient, origin: str) -> None:
    assert error_of(client, PING, {"Origin": origin}) == (403, -32600)


def test_a_page_of_an_origin_that_is_named_may_call(client: McpClient) -> None:
    assert client.post(PING, {"Origin": "http://localhost:6274"}).status == 200


def test_without_a_key_nothing_is_answered(driver: ApiDriver) -> None:
    for token, body in ((None, PING), ("aiw_wrong", PING), (None, b"[" * DEEP)):
        reply = McpClient(driver=driver, token=token).post(body)
        assert reply.status == 401
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")


def test_only_post_is_answered(driver: ApiDriver) -> None:
    for path in ("/mcp", "/mcp/"):
        assert driver.post(path, PING).body["result"] == {}
        for method in ("GET", "DELETE", "PUT"):
            reply = driver.call(method, path)
            assert (reply.status, reply.headers["Allow"]) == (405, "POST")


def test_another_content_type_is_refused(client: McpClient) -> None:
    assert client.post(PING, {"Content-Type": "text/plain"}).status == 415


STRANGE: list[Any] = [None, -1, "\ud800", "\0", "latest", [[]], {"a": {"b": []}}]
STRANGER: list[Any] = [
    *(True, 0, 2**70, 1.5, 1e308, "", " ", "\u202e", "x" * 5_000, "{}", [], {}, [None], ["\0"]),
    "'; DROP TABLE tasks; --",
]


@pytest.mark.parametrize(
    "value",
    [*STRANGE, *(pytest.param(each, marks=pytest.mark.slow) for each in STRANGER)],
    ids=lambda value: repr(value)[:20],
)
def test_any_argument_of_any_tool_is_answered(client: McpClient, value: Any) -> None:
    session = client.tool("start_session", title="Strange")["session_id"]
    given = client.tool("delegate_task", agent="researcher", instructions="Go", session=session)
    complete: dict[str, Any] = {
        "session": session,
        "task": given["data"]["task_id"],
        "content": "Copper",
        "type": "fact",
        "memory": "nothing",
        "agent": "researcher",
        "instructions": "Go",
        "message": "Yes",
        "title": "Any",
    }
    for tool in client.result("tools/list")["tools"]:
        schema = tool["inputSchema"]
        needed = {name: complete[name] for name in schema.get("required", ())}
        for name in (*schema["properties"], "unknown"):
            arguments = {**needed, name: value}
            told = client.call("tools/call", {"name": tool["name"], "arguments": arguments})
            assert told["result"]["content"][0]["text"], (tool["name"], name, told)


def test_strange_resources_and_prompts_are_not_found(client: McpClient) -> None:
    for uri in (
        "",
        "file:///etc/passwd",
        "aiwebhook://sessions/%00/transcript",
        "x" * 9_000,
        "aiwebhook://tasks/none/log",
        "aiwebhook://tasks/../transcript",
        "aiwebhook://artifacts/%2e%2e",
        "aiwebhook://sessions/none/memories/x",
        "aiwebhook://sessions/none/memories",
        "aiwebhook://tasks/none/memories/x",
        "aiwebhook://sessions/none/transcript/x",
        "aiwebhook://sessions/none/memories/%00",
        "aiwebhook://sessions/none/memories/\ud800",
        "aiwebhook://sessions/none/memories/%ed%a0%80",
        "\ud800",
    ):
        error = client.call("resources/read", {"uri": uri})["error"]
        assert error["code"] == -32002, uri
    for params in (
        {},
        {"name": "none"},
        {"name": "plan"},
        {"name": "plan", "arguments": {"topic": 1}},
    ):
        assert client.call("prompts/get", params)["error"]["code"] == -32602
