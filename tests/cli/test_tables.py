"""What a person sees of lists and long results: the columns that count, at the width they have."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwebhook.errors import Invalid, NotFound
from aiwebhook_cli.short_id import whole_id
from aiwebhook_cli.tables import GAP, Column, fit
from aiwebhook_cli.value_text import ago, short_ids, value_text
from tests.cli.conftest import CommandLine
from tests.support.session_api import BRIEF
from tests.support.terminal import run_on_a_terminal

pytestmark = pytest.mark.req("S8")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
LONG = "A sentence that goes on and on, well past what any line of a terminal could hold."


NARROW: list[tuple[str, set[str]]] = [
    ("task list", {"task", "status", "agent", "created", "what", "completed", "failed"}),
    ("session list", {"session", "status", "title", "active"}),
    ("session show plan", {"type", "content", "status", "decision", "completed"}),
    ("agent list", {"agent", "status", "key"}),
    ("memory list plan", {"type", "content", "created", "decision"}),
    ("artifact list", {"artifact", "name", "type", "brief"}),
    ("endpoints list", {"endpoint", "url", "status", "active"}),
    ("callbacks list", {"callback", "event", "status", "url", "pending"}),
    ("session search sentence", {"session", "kind", "text", "artifact"}),
    ("usage --by agent", {"name", "cost", "researcher", "$0.1250", "total"}),
    ("audit", {"time", "action", "subject", "endpoint.created"}),
    ("keys list", {"key", "name", "status", "scopes", "active"}),
]


@pytest.mark.parametrize("columns", [80, 120])
def test_on_a_narrow_terminal_what_counts_is_there_and_no_line_breaks(
    cli: CommandLine, columns: int
) -> None:
    driver = cli.driver
    driver.post("/v1/sessions", {"session_id": "plan", "title": LONG, "participants": ["ana"]})
    memory = {"type": "decision", "key": "k" * 40, "content": {"text": LONG, "speaker": "Ana"}}
    driver.post("/v1/sessions/plan/memories", memory)
    driver.task("plan", agent_name="conversation_processor")
    done, failed = driver.task("plan"), driver.task("plan")
    driver.claim().post("complete", {"output": BRIEF, "say": LONG, "usage": {"cost_usd": 0.125}})
    driver.claim().post("fail", {"error_class": "refused", "message": LONG})
    driver.post(
        "/v1/sessions/plan/artifacts", {"name": LONG, "type": "brief", "content": "# Copper"}
    )
    hook = f"http://127.0.0.1:1/{'hook' * 30}"
    made = driver.post("/v1/endpoints", {"url": hook, "description": LONG}).body
    driver.post(f"/v1/endpoints/{made['endpoint_id']}/ping")
    env = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "PYTHONPATH": ":".join(sys.path),
        "AIWEBHOOK_URL": cli.url,
        "AIWEBHOOK_API_KEY": driver.key,
    }
    for command, wanted in NARROW:
        line = [sys.executable, "-m", "aiwebhook_cli", *command.split()]
        code, shown = run_on_a_terminal(line, env, columns=columns)

        lines = [_COLOUR.sub("", line) for line in shown.splitlines()]
        words = {word for line in lines for word in line.split()}
        assert code == 0, shown
        assert max(map(len, lines)) <= columns, command
        assert words >= wanted, command
        assert not re.search(r"[{}]", "".join(lines)), "no JSON"
        if command == "task list":
            assert {f"…{done[-6:]}", f"…{failed[-6:]}"} <= words
            assert "ago" in words or "now" in words


def test_in_a_pipe_nothing_is_short_or_left_out(cli: CommandLine) -> None:
    task_id = cli.driver.task(cli.driver.session())
    heading, line = cli("task", "list").out.splitlines()
    assert heading.split() == ["task", "status", "agent", "session", "created", "what"]
    assert line.startswith(task_id)
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", line)


def test_the_short_id_of_a_table_is_taken_where_an_id_is_wanted(cli: CommandLine) -> None:
    session_id = cli.driver.session()
    task_id = cli.driver.task(session_id)
    for short in (task_id[-6:], f"…{task_id[-6:]}", f"task_…{task_id[-8:]}"):
        assert cli("task", "show", short, "--json").json["task_id"] == task_id
    assert cli("task", "cancel", task_id[-6:]).code == 0
    missing = cli("task", "show", "…000000")
    assert (missing.code, "full id" in missing.err) == (1, True)


def test_a_finished_research_is_read_in_a_screenful_and_its_artifacts_with_a_command(
    cli: CommandLine,
) -> None:
    task_id = cli.driver.task(cli.driver.session(), description="What did we decide?")
    sources = [{"ref": "c1", "speaker": "Ana", "chunk_id": "c", "start": 1}]
    findings = [
        {"text": f"{section} {n}", "section": section, "sources": sources}
        for section in ("answer", "decision")
        for n in range(30)
    ]
    run = cli.driver.claim()
    run.post("artifacts", {"name": "the brief.md", "type": "brief", "content": "# Copper"})
    done = run.post("complete", {"output": {**BRIEF, "findings": findings}, "say": "Copper it is."})
    assert done.status == 200, done.text

    shown = cli("task", "show", task_id).out

    assert shown.startswith("Copper it is.\n")
    assert "•  answer 0 (Ana)" in shown
    assert "decision (30)" in shown
    assert "and 27 more" in shown
    assert f"aiwebhook task artifact {task_id} 'the brief.md'" in shown
    assert not re.search(r"[{}\[\]]", shown), "no JSON"
    assert len(shown.splitlines()) < 40
    assert len(cli("task", "show", task_id, "--json").json["output"]["findings"]) == 60


_COLUMNS = st.lists(
    st.builds(
        Column,
        name=st.just("x"),
        rank=st.integers(0, 5),
        sentence=st.booleans(),
        least=st.integers(1, 30),
    ),
    min_size=1,
    max_size=8,
)


@given(_COLUMNS, st.data(), st.integers(20, 200))
def test_a_table_fits_and_never_loses_what_must_be_seen(
    columns: list[Column], data: st.DataObject, room: int
) -> None:
    size = len(columns)
    widths = data.draw(st.lists(st.integers(1, 120), min_size=size, max_size=size))
    fitted = fit(columns, widths, room)
    shown = {column.index for column in fitted}
    assert {i for i, column in enumerate(columns) if column.rank == 0} <= shown
    assert sum(c.width for c in fitted) + GAP * (len(fitted) - 1) <= room
    assert all(1 <= c.width <= widths[c.index] for c in fitted)
    lost = [columns[i].rank for i in range(size) if i not in shown]
    kept = [columns[i].rank for i in shown]
    assert not lost or not kept or min(lost) >= max(kept) or max(kept) == 0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "now"),
        (-1, "now"),
        (12, "12 s ago"),
        (190, "3 min ago"),
        (7_300, "2 h ago"),
        (86_400, "1 day ago"),
        (200_000, "2 days ago"),
        (40 * 86_400, "2026-10-19"),
        (-3_700, "in 1 h"),
    ],
)
def test_times_are_told_from_now(seconds: int, said: str) -> None:
    assert ago((NOW - timedelta(seconds=seconds)).isoformat(), NOW) == said


def test_short_ids_tell_apart_what_they_stand_for() -> None:
    one = "task_01a22262-47da-7778-9d2d-7c34e67c2422"
    two = "task_01a22262-47da-7778-9d2d-7c34007c2422"
    short = short_ids([one, two, "mine", "m" * 80])
    assert short[one] == "…e67c2422"
    assert short["mine"] == "mine"
    assert short["m" * 80] == f"{'m' * 15}…{'m' * 8}"
    for whole, shown in short.items():
        assert whole_id(shown, lambda: short) == whole
    with pytest.raises(Invalid):
        whole_id("7c2422", lambda: [one, two])
    with pytest.raises(NotFound):
        whole_id("…abcdef", lambda: [one])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"tasks": 2, "memories": 1}, "2 tasks, 1 memory"),
        (["ana", "bo"], "ana, bo"),
        ([{"a": "x", "b": True}, {"a": "y"}], "a x, b yes; a y"),
        (0.5, "0.5"),
        (None, ""),
    ],
)
def test_small_values_are_told_in_words(value: Any, said: str) -> None:
    assert value_text(value) == said
