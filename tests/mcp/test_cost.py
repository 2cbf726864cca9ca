"""What the door costs: no statement more than `/v1`, and nothing for those who do not use it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from aiwebhook.postgres.flush import flush
from tests.support.mcp import McpClient
from tests.support.session_api import ApiDriver
from tests.support.source_tree import PYTHONPATH, ROOT

pytestmark = pytest.mark.req("D2")
Json = dict[str, Any]
DOORS = ("session_api.mcp", "session_api.oauth", "session_api.introduction")


class Counted:
    """How many statements ran."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number = 0

        def counting(pipe: Any, calls: Sequence[Any], **more: Any) -> list[Any]:
            self.number += len(calls)
            return flush(pipe, calls, **more)

        monkeypatch.setattr("aiwebhook.postgres.database.flush", counting)

    def of(self, call: Callable[..., object], *args: Any, **kwargs: Any) -> int:
        """The statements of one call."""
        before = self.number
        call(*args, **kwargs)
        return self.number - before


def test_a_warm_tool_call_runs_the_statements_of_its_command_and_no_more(
    driver: ApiDriver, client: McpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = driver.session()
    task = driver.task(session)
    pairs: list[tuple[tuple[str, Json], tuple[str, str, Json | None]]] = [
        (
            ("add_to_session", {"session": session, "content": "{n}"}),
            ("POST", f"/v1/sessions/{session}/conversation", {"content": "{n}"}),
        ),
        (
            ("save_memory", {"session": session, "content": "{n}", "type": "fact"}),
            ("POST", f"/v1/sessions/{session}/memories", {"content": "{n}", "type": "fact"}),
        ),
        (
            ("search_memories", {"session": session, "query": "x"}),
            ("GET", f"/v1/sessions/{session}/memories?text=x", None),
        ),
        (
            ("delegate_task", {"session": session, "agent": "researcher", "instructions": "{n}"}),
            (
                "POST",
                "/v1/tasks",
                {"session_id": session, "agent_name": "researcher", "description": "{n}"},
            ),
        ),
        (("get_task", {"task": task}), ("GET", f"/v1/tasks/{task}", None)),
        (("get_updates", {"session": session}), ("GET", f"/v1/sessions/{session}/updates", None)),
    ]

    def filled(data: Json, words: str) -> Json:
        return {name: words if value == "{n}" else value for name, value in data.items()}

    counted = Counted(monkeypatch)
    for (tool, arguments), (method, path, body) in pairs:
        for words in ("warm", "counted"):
            by_tool = counted.of(client.tool, tool, **filled(arguments, f"{words} tool"))
            sent = None if body is None else filled(body, words)
            by_rest = counted.of(driver.call, method, path, sent)
        assert 0 < by_tool <= by_rest, tool


def test_who_does_not_use_it_does_not_import_it() -> None:
    code = (
        "import sys, session_api.router, session_api.routes, session_api.raw_routes\n"
        f"print([name for name in sys.modules if name.startswith({DOORS})])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{PYTHONPATH}{os.pathsep}{ROOT / 'functions'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
