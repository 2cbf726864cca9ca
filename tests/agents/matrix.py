"""What every agent must do in every situation: the matrix, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Act(StrEnum):
    """What is done to the CLI while its tool sleeps."""

    SIGINT = "SIGINT"
    SIGTERM = "SIGTERM"
    SIGKILL = "SIGKILL"
    FOLLOW_UP = "follow-up"
    """Not to the CLI but to the task: a second message, for the next turn."""
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """`scenario` is what the scripted provider plays; `ends` the error classes that are right,
    empty for success."""

    name: str
    scenario: str
    ends: frozenset[str] = frozenset()
    act: Act | None = None
    timeout_s: int = 120
    requests: int | None = None
    """How often the model answered, where that is certain: usage is then exact."""
    changes_file: bool = False


def _fails(name: str, scenario: str, *classes: str, **more: object) -> Situation:
    return Situation(name=name, scenario=scenario, ends=frozenset(classes), **more)  # pyright: ignore[reportArgumentType] - reason: keywords of Situation


SITUATIONS: tuple[Situation, ...] = (
    Situation(name="plain text", scenario="text", requests=1),
    Situation(name="edits and commits a file", scenario="tool", requests=3, changes_file=True),
    Situation(name="MCP tool", scenario="mcp", requests=2),
    Situation(name="resume", scenario="tool_then_pause", act=Act.FOLLOW_UP, changes_file=True),
    _fails("401", "e401", "auth"),
    _fails("404 model", "e404", "model"),
    _fails("429", "e429", "rate_limit"),
    _fails("500", "e500", "server"),
    _fails("overloaded", "overloaded", "overloaded"),
    _fails("context overflow", "context", "context"),
    _fails("dropped connection", "drop", "network"),
    _fails("max turns", "loop", "max_turns"),
    _fails("truncated output", "maxtok", "truncated"),
    _fails("refusal", "refusal", "refused"),
    # What a CLI makes of an answer that is none is its own business, as long as it is no success.
    _fails("garbage output", "garbage", "bad_output", "model", "network", "server", "no_result"),
    # A CLI that catches the signal and exits by itself gives no reason.
    _fails("SIGINT", "sleep", "killed", "no_result", act=Act.SIGINT),
    _fails("SIGTERM", "sleep", "killed", "no_result", act=Act.SIGTERM),
    _fails("SIGKILL", "sleep", "killed", act=Act.SIGKILL),
    _fails("cancel", "sleep", "cancelled", act=Act.CANCEL),
    _fails("hang until timeout", "hang", "timeout", timeout_s=20),
    Situation(name="detached child", scenario="detach"),
)
"""All but "refused connection", which needs the provider gone and is played last."""

AGENTS = ("claude_code", "codex", "gemini", "opencode")
