"""The official SDKs and the Inspector on our server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.doors.conftest import Door
from tests.doors.research import SAID, completed
from tests.doors.tools import NODE_MODULES, PYTHON, SCRIPTS, node, program, run

pytestmark = [pytest.mark.doors, pytest.mark.req("D2", "N5")]
Json = dict[str, Any]


def answer_of(told: str) -> Json:
    """The line of JSON that a script prints."""
    lines = [line for line in told.splitlines() if line.startswith("{")]
    assert lines, told
    return json.loads(lines[-1])


@pytest.mark.parametrize(
    ("mode", "version"),
    [("legacy", "2025-11-25"), ("auto", "2026-07-28"), ("2026-07-28", "2026-07-28")],
)
def test_the_python_sdk_does_the_whole_job(
    door: Door, tmp_path: Path, mode: str, version: str
) -> None:
    script = (str(PYTHON), str(SCRIPTS / "python_sdk.py"), door.url, door.driver.key, mode)
    opened = answer_of(run((*script, "open"), folder=tmp_path))
    assert opened["version"] == version
    assert len(opened["tools"]) == 14
    completed(door.driver)
    closed = answer_of(run((*script, "close"), folder=tmp_path))
    assert [update["say"] for update in closed["updates"]["updates"]] == [SAID]
    assert closed["task"]["data"]["artifact"]["text"] == "# The plan"
    assert closed["task"]["session_id"] == opened["session"]["session_id"]
    lines = transcript([*opened["calls"], *closed["calls"]])
    assert SAID in lines
    (NODE_MODULES.parent / f"transcript-{mode}.md").write_text(lines, "utf-8")


def transcript(calls: Sequence[Json]) -> str:
    """The conversation as a model sees it; `make test-doors` leaves it in .build/doors."""
    return "\n".join(
        f"→ {call['tool']} {json.dumps(call['arguments'])}\n← {call['text']}\n" for call in calls
    )


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_typescript_sdk_speaks_with_it(door: Door, tmp_path: Path, mode: str) -> None:
    # Beside node_modules, where its import is looked up.
    script = NODE_MODULES.parent / "typescript_sdk.mjs"
    shutil.copyfile(SCRIPTS / script.name, script)
    told = answer_of(run((node(), str(script), door.url, door.driver.key, mode), folder=tmp_path))
    assert len(told["tools"]) == 14
    assert told["task"]["session_id"] == told["session"]["session_id"]


def test_the_inspector_lists_the_tools(door: Door, tmp_path: Path) -> None:
    inspector = program("@modelcontextprotocol/inspector", "clients/launcher/build/index.js")
    options = ("--cli", door.url, "--transport", "http", "--format", "json")
    told = run((*inspector, *options, "--method", "tools/list"), folder=tmp_path)
    assert len(answer_of(told)["result"]["tools"]) == 14
