"""One real turn for each scenario that the tests and the golden files know."""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiwebhook_runner.adapters import CliTurn, adapter_for
from aiwebhook_runner.output.messages import SessionStarted
from tests.adapters.any_launch import SESSION_ID, any_launch
from tests.adapters.real_cli import Heard, empty_workspace, hear
from tests.adapters.scripted import Scripted

NOBODY = "http://127.0.0.1:9"
MCP_SERVER = [sys.executable, str(Path(__file__).with_name("mcp_echo.py"))]
SCHEMA = {
    "type": "object",
    "required": ["city"],
    "properties": {"city": {"type": "string"}},
}
MANIFEST: Mapping[str, dict[str, Any]] = {
    "mcp": {"mcp_servers": {"lab": {"command": MCP_SERVER}}},
    "loop": {"max_turns": 3},
    "structured": {"output_schema": SCHEMA},
}
SIGNALS = {"sigint": signal.SIGINT, "sigterm": signal.SIGTERM, "sigkill": signal.SIGKILL}
PLAYED_BY = {"nobody": "text", "resume": "tool", **dict.fromkeys(SIGNALS, "sleep")}
"""Our scenarios that are another one of the scripted provider."""
SCRIPTS: Mapping[str, list[Mapping[str, Any]]] = {
    "badtool": [{"call": ["NoSuchTool", {"x": 1}]}, {"say": "Recovered."}],
    "structured": [
        {"call": ["StructuredOutput", {"city": "Bern"}]},
        {"say": '{"city": "Bern"}'},
    ],
}
SCENARIOS = (
    *("text", "tool", "mcp", "badtool", "structured", "resume"),
    *("e400", "e401", "e403", "e404", "e429", "e500", "overloaded", "context"),
    *("drop", "nobody", "maxtok", "refusal", "loop", *SIGNALS),
)
CLASSES = {
    "e400": "model",
    "e401": "auth",
    "e403": "auth",
    "e404": "model",
    "e429": "rate_limit",
    "overloaded": "overloaded",
    "context": "context",
    "drop": "network",
    "nobody": "network",
    "maxtok": "truncated",
    "refusal": "refused",
}
"""Of the scenarios that fail alike in all CLIs. Codex calls every 5xx "high demand"."""
LOOP_STEPS = 5
"""After which the runner would stop a CLI that counts no turns itself."""


def play(kind: str, scenario: str, provider: Scripted, folder: Path, *, path: str) -> Heard:
    """The (last) turn of this scenario."""
    empty_workspace(folder)
    launch = any_launch(
        kind,
        folder,
        path=path,
        base_url=NOBODY if scenario == "nobody" else provider.url,
        turn=turn_of(PLAYED_BY.get(scenario, scenario)),
        **MANIFEST.get(scenario, {}),
    )
    adapter = adapter_for(launch.run.agent)
    if scenario != "resume":
        return hear(adapter, launch, on_line=_interference(kind, scenario))
    session_id = hear(adapter, launch).one(SessionStarted).session_id
    return hear(adapter, replace(launch, turn=turn_of("edit2", number=2, resume=session_id)))


def turn_of(scenario: str, *, number: int = 1, resume: str | None = None) -> CliTurn:
    prompt = f"Do the task. [[scenario:{scenario}]]"
    return CliTurn(number=number, prompt=prompt, session_id=SESSION_ID, resume=resume)


def _interference(kind: str, scenario: str) -> Callable[[int, bytes], None] | None:
    """What the runner would do to it while it works."""
    if scenario in SIGNALS:
        return _once_a_tool_runs(SIGNALS[scenario])
    if scenario == "loop" and kind == "codex":
        return _after_steps(LOOP_STEPS)
    return None


def _once_a_tool_runs(number: signal.Signals) -> Callable[[int, bytes], None]:
    def on_line(pid: int, line: bytes) -> None:
        if b'"tool_use"' in line or b'"command_execution"' in line:
            os.kill(pid, number)

    return on_line


def _after_steps(limit: int) -> Callable[[int, bytes], None]:
    seen: list[bytes] = []

    def on_line(pid: int, line: bytes) -> None:
        seen.extend([line] if b"item.completed" in line else [])
        if len(seen) == limit:
            os.kill(pid, signal.SIGINT)

    return on_line
