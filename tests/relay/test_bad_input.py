# reason: the table of cases is the length; splitting it would hide what is missing
"""Bad input: the right status, problem+json, nothing stored, never a 5xx, no body in the log."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tests.relay.conftest import Answer, RelayClient
from tests.support.apigateway import proxy_event

TABLES = (
    "sessions",
    "conversation_chunks",
    "memories",
    "tasks",
    "artifacts",
    "events",
    "outbox",
    "idempotency_keys",
    "inbound_deliveries",
)
CANARY = "canary-4f1d"


def command(name: object = "store_memory", **more: Any) -> bytes:
    """A command body; `more` overrides its fields."""
    body = {
        "type": "collaborative_session_command",
        "command": name,
        "session_id": "s",
        "data": {"type": "idea", "content": CANARY},
    }
    return json.dumps({**body, **more}).encode()


def data(text: str) -> bytes:
    """A store_memory whose data is exactly this JSON text."""
    return (
        '{"type": "collaborative_session_command", "command": "store_memory", "session_id": "s",'
        f' "data": {text}}}'
    ).encode()


MEMORY = '{"type": "idea", "content": "' + CANARY + '"'

NOT_JSON: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b"  \n",
    "words": CANARY.encode(),
    "half": command()[:-1],
    "two": command() + command(),
    "array": b"[" + command() + b"]",
    "text": b'"' + CANARY.encode() + b'"',
    "number": b"5",
    "null": b"null",
    "NaN": data(MEMORY + ', "x": NaN}'),
    "Infinity": data(MEMORY + ', "x": -Infinity}'),
    "UTF-16": command().decode().encode("utf-16"),
    "invalid UTF-8": command().replace(b"canary", b"can\xff\xfe"),
    "encoded surrogate": command().replace(b"canary", b"can\xed\xa0\x80"),
    "raw NUL in text": command().replace(b"canary", b"can\0ry"),
    "raw newline in text": command().replace(b"canary", b"can\nry"),
    "comment": b"/* x */" + command(),
    "single quotes": b"{'command': 'list_sessions'}",
}
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty object": (b"{}", "/type"),
    "unknown type": (command(type="nonsense"), "/type"),
    "type not text": (command(type=5), "/type"),
    "type an array": (command(type=[None]), "/type"),
    "type an object": (command(type={"a": 1}), "/type"),
    "unknown command": (command("make_coffee"), "/command"),
    "command not text": (command(5), "/command"),
    "command missing": (b'{"type": "collaborative_session_command"}', "/command"),
    "command with a surrogate": (data("{}").replace(b"store_memory", b"\\ud800"), "/command"),
    "unknown field outside": (command(extra=CANARY), "/extra"),
    "unknown field inside": (data(MEMORY + ', "extra": 1}'), "/data/extra"),
    "field name with NUL": (data(MEMORY + ', "a\\u0000b": 1}'), "/data"),
    "field name with a surrogate": (data(MEMORY + ', "a\\ud800b": 1}'), "/data"),
    "data is an array": (data("[]"), "/data"),
    "data is text": (data('"x"'), "/data"),
    "NUL in text": (data('{"type": "idea", "content": "a\\u0000b"}'), "/data/content"),
    "lone surrogate": (data('{"type": "idea", "content": "a\\ud800"}'), "/data/content"),
    "reversed surrogates": (data('{"type": "idea", "content": "\\udc00\\ud800"}'), "/data/content"),
    "NUL deep inside": (
        data('{"type": "idea", "content": {"a": ["\\u0000"]}}'),
        "/data/content/a/0",
    ),
    "1e400": (data('{"type": "idea", "content": {"a": 1e400}}'), "/data/content/a"),
    "5,000 digits": (
        data('{"type": "idea", "content": {"a": ' + "9" * 5000 + "}}"),
        "/data/content/a",
    ),
    "4,000 digits": (
        data('{"type": "idea", "content": {"a": -' + "9" * 4000 + "}}"),
        "/data/content/a",
    ),
    "limit of 5,000 digits": (
        command("list_sessions", data={}).replace(b"{}", b'{"limit": ' + b"9" * 5000 + b"}"),
        "/data/limit",
    ),
    "limit beyond 64 bits": (command("list_sessions", data={"limit": 2**70}), "/data/limit"),
    "wrong type of a field": (data('{"type": "idea", "content": 5}'), "/data/content"),
    "missing field": (data('{"type": "idea"}'), "/data/content"),
    "null for a field": (data('{"type": null, "content": "x"}'), "/data/type"),
    "session_id missing": (command(session_id=None), "/session_id"),
    "session_id a number": (command(session_id=5), "/session_id"),
    "session_id an array": (command(session_id=["s"]), "/session_id"),
    "session_id an object, and one in data": (
        command(session_id={}, data={"type": "idea", "content": CANARY, "session_id": "s"}),
        "/session_id",
    ),
    "session_id in data an array": (
        command(data={"type": "idea", "content": CANARY, "session_id": ["s"]}),
        "/data/session_id",
    ),
    "session_id with spaces": (command(session_id="a b"), "/session_id"),
    "session_id with a slash": (command(session_id="a/b"), "/session_id"),
    "session_id of 300 characters": (command(session_id="a" * 300), "/session_id"),
    "session_id an emoji": (command(session_id="💚"), "/session_id"),
    "session_id empty": (command(session_id=""), "/session_id"),
    "session_id a path": (command(session_id="../../etc/passwd"), "/session_id"),
    "session_id with NUL": (command(session_id="a\0"), "/session_id"),
    "key too long": (data(MEMORY + f', "key": "{"k" * 129}"}}'), "/data/key"),
    "request_id a number": (command(request_id=5), "/request_id"),
    "request_id too long": (command(request_id="x" * 256), "/request_id"),
    "batch of none": (command("batch", data={"commands": []}), "/data/commands"),
    "type of an item an array": (
        command("batch", data={"atomic": True, "commands": [{"action": "list_tasks", "type": []}]}),
        "/data/commands/0/type",
    ),
    "batch of 1,001": (
        command("batch", data={"commands": [{"command": "list_tasks"}] * 1001}),
        "/data/commands",
    ),
}


def assert_problem(answer: Answer, status: int) -> None:
    """RFC 9457, complete, quoting nothing."""
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.body
    assert {
        "type",
        "title",
        "status",
        "detail",
        "code",
        "retryable",
        "remedy",
        "request_id",
    } <= set(body)
    assert body["status"] == status
    assert body["type"].endswith(body["code"])
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert CANARY not in json.dumps(body)


def assert_nothing_stored(relay: RelayClient) -> None:
    """Not a row in any table."""
    for table in TABLES:
        assert relay.driver.count(table) == 0, table


@pytest.mark.req("W2")
@pytest.mark.parametrize("name", NOT_JSON)
def test_what_is_not_one_json_object_is_400(
    relay: RelayClient, name: str, log: io.StringIO
) -> None:
    assert_problem(relay.post(NOT_JSON[name]), 400)
    assert_nothing_stored(relay)
    assert CANARY not in log.getvalue()


@pytest.mark.req("W2")
@pytest.mark.parametrize("name", REFUSED)
def test_what_breaks_a_rule_is_422_and_names_its_field(
    relay: RelayClient, name: str, log: io.StringIO
) -> None:
    body, pointer = REFUSED[name]
    answer = relay.post(body)
    assert_problem(answer, 422)
    assert answer.body["errors"][0]["pointer"] == pointer
    assert_nothing_stored(relay)
    assert CANARY not in log.getvalue()


@pytest.mark.req("W2")
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"data": ' + b"[" * 65 + b"]" * 65 + b"}",
        b'{"x": "' + b'\\"' * 200 + b'", "data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_deep_nesting_is_422(relay: RelayClient, body: bytes) -> None:
    answer = relay.post(body)
    assert_problem(answer, 422)
    assert answer.body["code"] == "too_deep"


@pytest.mark.req("W2")
def test_nesting_inside_text_and_up_to_the_limit_is_fine(relay: RelayClient) -> None:
    relay.command("create_session", "s", {"metadata": {"a": "[" * 1000}})
    deep: Any = "x"
    for _ in range(60):
        deep = [deep]
    answer = relay.command("store_memory", "s", {"type": "idea", "content": {"a": deep}})
    assert answer.status == 200


@pytest.mark.req("W2")
@pytest.mark.parametrize(
    "body",
    [
        b'{"command": "list_sessions", "command": "list_tasks"}',
        data('{"type": "idea", "content": "x", "content": "y"}'),
        b'{"command": "list_sessions", "data": {"a\\u0000": 1, "a\\u0000": 2}}',
        b'{"\\ud800": 1, "\\ud800": 2}',
    ],
)
def test_duplicate_fields_are_422(relay: RelayClient, body: bytes) -> None:
    answer = relay.post(body)
    assert_problem(answer, 422)
    assert answer.body["code"] == "duplicate_field"
    assert_nothing_stored(relay)


@pytest.mark.req("W2")
@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": ""},
        {"Content-Encoding": "gzip"},
    ],
)
def test_another_media_type_is_415(relay: RelayClient, headers: dict[str, str]) -> None:
    assert_problem(relay.post(command("list_sessions", data={}), headers=headers), 415)


@pytest.mark.req("W2")
@pytest.mark.parametrize(
    "media",
    [
        "application/json; charset=UTF-8",
        'application/json; charset="utf-8"',
        "APPLICATION/JSON",
        "application/cloudevents+json",
    ],
)
def test_json_by_another_name_is_read(relay: RelayClient, media: str) -> None:
    answer = relay.post(command("list_sessions", data={}), headers={"Content-Type": media})
    assert answer.status == 200


@pytest.mark.req("W6", "S2")
def test_four_megabytes_are_taken(relay: RelayClient) -> None:
    relay.command("create_session", "s", {})
    answer = relay.command("append_conversation", "s", {"content": "x" * 4_000_000})
    assert answer.status == 200
    assert answer.body["data"]["size"] == 4_000_000


@pytest.mark.req("W6")
@pytest.mark.parametrize("size", [4_600_000, 4_718_593, 10_000_000])
def test_more_than_the_limit_is_413_and_says_how(relay: RelayClient, size: int) -> None:
    answer = relay.post(b" " * size)
    assert_problem(answer, 413) if size > 4.5 * 1024 * 1024 else assert_problem(answer, 400)
    if answer.status == 413:
        assert "chunks" in answer.body["remedy"]
    assert_nothing_stored(relay)


@pytest.mark.req("W6")
def test_exactly_the_limit_is_taken(relay: RelayClient) -> None:
    body = command("list_sessions", data={})
    full = body + b" " * (int(4.5 * 1024 * 1024) - len(body))
    assert relay.post(full).status == 200
    assert relay.post(full + b" ").status == 413


@pytest.mark.req("W2")
def test_a_text_event_is_read_like_a_binary_one(relay: RelayClient) -> None:
    body = command("list_sessions", data={"search": "grün 💚"})
    assert relay.post(body.decode(), as_text=True).status == 200


@pytest.mark.req("W2")
@pytest.mark.parametrize(
    "change",
    [
        {"headers": None, "multiValueHeaders": None},
        {"requestContext": None},
        {"requestContext": {}},
        {"body": None},
        {"body": "%%%", "isBase64Encoded": True},
        {"queryStringParameters": {"a": "b"}},
        {"httpMethod": None, "path": None},
    ],
)
def test_a_strange_event_is_never_a_5xx(relay: RelayClient, change: dict[str, Any]) -> None:
    event = {**proxy_event(command("list_sessions", data={})), **change}
    answer = relay.send(event)
    assert 400 <= answer.status < 500


@pytest.mark.req("W2")
def test_an_unexpected_error_is_a_500_without_internals(
    relay: RelayClient, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    def explode(**_facts: object) -> None:
        raise RuntimeError(f"broken near {CANARY}")

    monkeypatch.setattr(relay.driver.services.store, "list_sessions", explode)
    answer = relay.post(command("list_sessions", data={}))
    assert_problem(answer, 500)
    assert answer.body["code"] == "internal"
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    errors = [line for line in lines if line["level"] == "ERROR"]
    assert [line["error"] for line in errors] == ["RuntimeError"]
    assert CANARY not in json.dumps(lines)
    assert any("test_bad_input.py" in frame for frame in errors[0]["at"])
