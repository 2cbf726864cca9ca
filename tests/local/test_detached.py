"""`local up --detach` and `local logs`: a stack without a terminal, and what it says."""

import os
import sys
from pathlib import Path

import pytest

from aiwebhook_local.detached import StackNotStarted, up_detached
from aiwebhook_local.log_files import LogFiles, StackLogLine
from aiwebhook_local.stack import StackAlreadyRunning
from aiwebhook_local.supervisor import down, stack_status
from tests.local.conftest import toy_options
from tests.local.test_lifecycle import UP

pytestmark = pytest.mark.req("O5")


def test_a_detached_stack_runs_on_until_it_is_told_to_stop(folder: Path) -> None:
    home = toy_options(folder).home
    path = os.pathsep.join([str(Path.cwd()), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path}  # noqa: TID251 - as a shell hands it on
    command = [sys.executable, "-u", "-c", UP, str(folder)]
    stack = up_detached(home, command, environment)
    try:
        assert "toy-key" in stack.welcome
        assert "Ctrl-C" not in stack.welcome
        assert stack_status(home).ready
        # What it says at its start belongs to whoever started it, not into a log.
        assert (home.logs / "up.log").read_text() == ""
        with pytest.raises(StackAlreadyRunning, match="already runs at"):
            up_detached(home, command, environment)
    finally:
        assert down(home)
        stack.process.wait(30)
    assert "Stopped." in (home.logs / "up.log").read_text()
    assert not stack_status(home).running


def test_a_stack_that_does_not_start_says_why(tmp_path: Path) -> None:
    home = toy_options(tmp_path).home
    command = [sys.executable, "-c", "import sys; sys.exit('Port 1 is in use.')"]

    with pytest.raises(StackNotStarted, match=r"^Port 1 is in use\.$"):
        up_detached(home, command, {})


def lines(*texts: str) -> list[StackLogLine]:
    """Lines written as `part: text`."""
    parts = (text.partition(": ") for text in texts)
    return [StackLogLine(part=part, text=text) for part, _, text in parts]


def test_logs_begin_with_the_last_lines_of_each_part_and_go_on_with_what_comes(
    tmp_path: Path,
) -> None:
    front, functions, run = (tmp_path / f"{part}.log" for part in ("front", "lambda", "task-1"))
    front.write_text("a\nb\nc\n")
    functions.write_text("d\n")
    os.utime(front, (1, 1))
    logs = LogFiles(folder=tmp_path)

    assert logs.last_lines(2) == lines("front: b", "front: c", "lambda: d")
    assert logs.new_lines() == []

    with front.open("a") as file:
        file.write("e\nunfin")
    run.write_text("f\n")
    assert logs.new_lines() == lines("front: e", "task-1: f")

    with front.open("a") as file:
        file.write("ished\n")
    assert logs.new_lines() == lines("front: unfinished")


def test_a_log_that_is_begun_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = tmp_path / "front.log"
    log.write_text("before\nbefore\n")
    logs = LogFiles(folder=tmp_path)
    logs.last_lines(0)

    log.write_text("after\n")

    assert logs.new_lines() == lines("front: after")


def test_logs_of_some_parts_leave_out_the_others(tmp_path: Path) -> None:
    for part in ("front", "lambda", "task-1", "task-2"):
        (tmp_path / f"{part}.log").write_text("x\n")

    shown = LogFiles(folder=tmp_path, parts=("task", "lambda")).last_lines(1)

    assert {line.part for line in shown} == {"lambda", "task-1", "task-2"}
