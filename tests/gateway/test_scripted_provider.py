"""The scripted provider speaks each dialect as its CLI expects, and the same every time."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from aiwebhook_local.scripted.scenarios import SCENARIOS
from tests.gateway.asking import ANTHROPIC, CHAT, DIALECTS, GEMINI, RESPONSES, Dialect
from tests.support.llm_gateway import Served, running_scripted

pytestmark = pytest.mark.req("T5")


def events(answer: httpx.Response) -> list[Any]:
    data = [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in data if line != "[DONE]"]


def ask(scripted: Served, dialect: Dialect, prompt: str, **how: bool) -> httpx.Response:
    whole = how.get("stream") is False
    path = dialect.whole_path if whole else dialect.path
    body = dialect.body(prompt, **how)
    return scripted.client.post(scripted.url + path, json=body, headers=dialect.headers())


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
@pytest.mark.parametrize("stream", [True, False])
def test_a_text_is_answered_in_the_provider_s_shape(
    scripted: Served, dialect: Dialect, stream: bool
) -> None:
    answer = ask(scripted, dialect, "hi", stream=stream)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(
        "text/event-stream" if stream else "application/json"
    )
    assert "Hello from the s" in answer.text


def test_the_stream_of_anthropic_is_the_documented_sequence(scripted: Served) -> None:
    kinds = [event["type"] for event in events(ask(scripted, ANTHROPIC, "hi"))]
    assert kinds == [
        "message_start", "content_block_start", "ping", "content_block_delta",
        "content_block_delta", "content_block_stop", "message_delta", "message_stop",
    ]  # fmt: skip


def test_the_stream_of_responses_ends_with_the_whole_response(scripted: Served) -> None:
    *_, last = events(ask(scripted, RESPONSES, "hi"))
    assert last["type"] == "response.completed"
    assert last["response"]["usage"]["total_tokens"] == 1050


@pytest.mark.parametrize(
    ("dialect", "name"),
    [(ANTHROPIC, "Bash"), (RESPONSES, "exec_command"), (CHAT, "bash"),
     (GEMINI, "run_shell_command")],
    ids=lambda value: getattr(value, "name", value),
)  # fmt: skip
def test_a_step_becomes_the_tool_that_the_cli_offers(
    scripted: Served, dialect: Dialect, name: str
) -> None:
    answer = ask(scripted, dialect, "[[scenario:loop]]", tools=True)
    assert f'"name":"{name}"' in answer.text
    assert "echo step" in answer.text


def test_codex_in_code_mode_gets_javascript_for_its_one_tool(scripted: Served) -> None:
    tools = {"type": "additional_tools", "tools": [{"type": "custom", "name": "exec"}]}
    prompt = {"type": "message", "role": "user", "content": "[[scenario:mcp]]"}
    body = {"model": "gpt-5.6-sol", "input": [tools, prompt]}
    item = scripted.client.post(f"{scripted.url}/v1/responses", json=body).json()["output"][0]
    assert (item["type"], item["name"]) == ("custom_tool_call", "exec")
    assert 'tools["mcp__lab__echo"]({"text": "hello"})' in item["input"]


def test_the_next_step_follows_from_the_results_since_the_newest_marker(scripted: Served) -> None:
    def block(kind: str, **more: str) -> dict[str, str]:
        return {"type": kind, **more}

    result = block("tool_result", tool_use_id="x", content="[[scenario:e500]]")
    reminder = block("text", text="<system-reminder>be brief</system-reminder>")
    messages: list[Any] = [
        {"role": "user", "content": "[[scenario:loop]]"},
        {"role": "user", "content": [result]},
        {"role": "user", "content": [block("text", text="[[scenario:tool]]")]},
        {"role": "user", "content": [result, reminder]},
        {"role": "user", "content": [result]},
    ]
    tools = [{"name": "Write"}, {"name": "Bash"}]
    body = {"model": "m", "messages": messages, "tools": tools}
    answer = scripted.client.post(f"{scripted.url}/v1/messages", json=body).json()
    assert answer["content"][0]["text"] == "Done: wrote hello.txt and committed it."
    assert scripted.seen()[-1] | {"scenario": "tool", "tool_results": 2} == scripted.seen()[-1]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
@pytest.mark.parametrize(
    ("scenario", "statuses"),
    [
        ("e401", {401}), ("e403", {403}), ("e404", {404}), ("e429", {429}), ("e500", {500}),
        ("overloaded", {529, 503}), ("context", {400}), ("no-such-scenario", {400}),
    ],
)  # fmt: skip
def test_a_failure_has_the_provider_s_status_and_shape(
    scripted: Served, dialect: Dialect, scenario: str, statuses: set[int]
) -> None:
    answer = ask(scripted, dialect, f"[[scenario:{scenario}]]")
    assert answer.status_code in statuses
    assert isinstance(answer.json()["error"]["message"], str)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
def test_a_dropped_stream_begins_and_breaks(scripted: Served, dialect: Dialect) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        ask(scripted, dialect, "[[scenario:drop]]")


def test_every_scenario_of_the_contract_is_there() -> None:
    promised = (
        "text tool mcp loop sleep detach e401 e403 e404 e429 e500 overloaded context drop hang"
        " stall maxtok refusal edit2 spend secret research"
    )
    assert set(promised.split()) <= SCENARIOS.keys()


def test_the_log_holds_a_fingerprint_and_no_credential(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    with running_scripted(tmp_path, "--log", str(log)) as scripted:
        ask(scripted, ANTHROPIC, "hi")
        (entry,) = scripted.seen()
    token = ANTHROPIC.headers()["x-api-key"]
    assert entry["auth"] == [hashlib.sha256(token.encode()).hexdigest()[:16]]
    assert token not in log.read_text(encoding="utf-8")


def test_a_script_adds_scenarios(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"mine": [{"shell": "true"}, {"say": "bye"}]}), encoding="utf-8")
    with running_scripted(tmp_path, "--script", str(script)) as scripted:
        assert "true" in ask(scripted, ANTHROPIC, "[[scenario:mine]]", tools=True).text
