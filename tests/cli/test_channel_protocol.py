"""`aiwebhook mcp channel` speaks MCP, whether or not there is a deployment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.channel import channel, environment

pytestmark = pytest.mark.req("N6")
NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"no json", -32700),
        (b"\xff", -32700),
        (b"[]", -32600),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "server/discover"}', -32601),
        (b'{"jsonrpc": "2.0", "id": 7, "method": ["tools/list"]}', -32601),
    ],
)
def test_whatever_it_is_sent_it_goes_on(tmp_path: Path, sent: bytes, code: int) -> None:
    with channel(environment(NOWHERE, "aiw_key", tmp_path), tmp_path) as client:
        assert client.answer(sent)["error"]["code"] == code
        client.send({"jsonrpc": "2.0", "id": 9, "result": {}})
        client.send({"jsonrpc": "2.0", "method": "notifications/cancelled"})
        client.send(b"  ")
        assert client.answer({"jsonrpc": "2.0", "id": "p", "method": "ping"}) == {
            "jsonrpc": "2.0",
            "id": "p",
            "result": {},
        }


@pytest.mark.parametrize(
    ("asked", "told"), [("2024-11-05", "2024-11-05"), ("2099-01-01", "2025-11-25")]
)
def test_it_speaks_the_version_that_it_is_asked_for(tmp_path: Path, asked: str, told: str) -> None:
    with channel(environment(NOWHERE, "aiw_key", tmp_path), tmp_path) as client:
        assert client.open(asked)["protocolVersion"] == told
