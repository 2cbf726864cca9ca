"""How much code a command passes: each layer that adds nothing is paid for by every request."""

from __future__ import annotations

import linecache
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType

import pytest

from aiwebhook.commands.base import COMMAND
from tests.relay.conftest import RelayClient
from tests.support.apigateway import proxy_event

ROOT = Path(__file__).resolve().parents[2]
OURS = (str(ROOT / "layers/core/python"), str(ROOT / "functions"))
NOT_COUNTED = {"<module>", "<lambda>", "<genexpr>", "<listcomp>", "<dictcomp>", "<setcomp>"}
FILES, FUNCTIONS = 34, 141
"""At most, and so many on 2026-12-01. pipe.py brought some, for 300 calls of psycopg's that went
(ADR 0020); the aim is 20 and 90, and whoever takes a layer out lowers these."""


def passed_by(call: Callable[[], object]) -> dict[str, set[str]]:
    """The functions of ours that ran, by file."""
    codes: set[CodeType] = set()

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            codes.add(frame.f_code)

    sys.setprofile(profile)
    try:
        call()
    finally:
        sys.setprofile(None)
    found: dict[str, set[str]] = {}
    for code in codes:
        if code.co_filename.startswith(OURS) and code.co_name not in NOT_COUNTED and written(code):
            name = str(Path(code.co_filename).relative_to(ROOT))
            found.setdefault(name, set()).add(code.co_qualname)
    return found


def written(code: CodeType) -> bool:
    """False for what is made of a dataclass, at import or when its module was compiled."""
    first = linecache.getline(code.co_filename, code.co_firstlineno)
    return not first.startswith("class ") and not code.co_filename.endswith("aiwebhook/expanded.py")


def delegate(relay: RelayClient, task_id: str) -> object:
    key = relay.driver.key.key
    data = {
        "task_id": task_id,
        "agent_name": "researcher",
        "description": "Which metal is best for pipes?",
    }
    command = {"type": COMMAND, "command": "delegate_task", "session_id": "s", "data": data}
    event = proxy_event(command, headers={"Authorization": f"Bearer {key}"})
    event["requestContext"]["requestTimeEpoch"] = time.time_ns() // 1_000_000
    return relay.send(event)


@pytest.mark.req("W2")
def test_a_warm_delegate_task_passes_few_files_and_functions(relay: RelayClient) -> None:
    relay.post({"type": COMMAND, "command": "create_session", "session_id": "s"})
    delegate(relay, "first")
    passed = passed_by(lambda: delegate(relay, "second"))

    functions = sorted(f"{file} {name}" for file, names in passed.items() for name in names)
    assert len(passed) <= FILES, sorted(passed)
    assert len(functions) <= FUNCTIONS, functions
