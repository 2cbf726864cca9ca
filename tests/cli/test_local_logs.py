"""`aiwebhook local logs` and the folder that commands of the local stack are told."""

import json
import socket
from pathlib import Path

import psutil
import pytest

from aiwebhook_cli.main import run_command_line

pytestmark = pytest.mark.req("O4")


@pytest.fixture
def home(nowhere: Path) -> Path:
    """The folder of a stack, with two logs; not the one that the environment names."""
    home = nowhere / "elsewhere"
    (home / "logs").mkdir(parents=True)
    (home / "logs" / "lambda.log").write_text("one\ntwo\n")
    (home / "logs" / "task-1.log").write_text("\x1b[2Jagent\tspeaks\n")
    return home


def test_logs_show_each_line_with_its_part_and_drive_no_terminal(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["local", "logs", "--home", str(home), "-n", "1"]) == 0

    assert sorted(capsys.readouterr().out.splitlines()) == ["lambda: two", "task-1: agent speaks"]


def test_logs_of_one_part_as_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["--json", "local", "logs", "lambda", "--home", str(home)]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [{"part": "lambda", "line": "one"}, {"part": "lambda", "line": "two"}]


@pytest.mark.parametrize(("parts", "of"), [([], ""), (["fornt", "task-9"], " of fornt or task-9")])
def test_where_there_is_no_log_it_says_so(
    home: Path, capsys: pytest.CaptureFixture[str], parts: list[str], of: str
) -> None:
    folder = home if parts else home.parent
    assert run_command_line(["local", "logs", *parts, "--home", str(folder)]) == 0

    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"No log{of} in {folder / 'logs'} yet.\n")


def test_ports_and_process_ids_are_shown_as_they_are_typed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    me = psutil.Process()
    record = {
        "url": "http://127.0.0.1:8787",
        "ports": {"front": 8787, "postgres": 54_321},
        "pids": {"supervisor": 1_234_567},
        "processes": [{"pid": me.pid, "started": me.create_time()}],
    }
    (home / "stack.json").write_text(json.dumps(record))

    assert run_command_line(["local", "status", "--home", str(home)]) == 0
    shown = capsys.readouterr().out
    assert "front 8787, postgres 54321" in shown
    assert "supervisor 1234567" in shown


def test_status_looks_into_the_folder_that_it_is_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["--json", "local", "status", "--home", str(home)]) == 1

    assert json.loads(capsys.readouterr().out)["home"] == str(home)


def test_a_detached_stack_that_does_not_start_says_why_once(
    nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        home = str(nowhere / "home")
        assert run_command_line(["local", "up", "--detach", "--port", port, "--home", home]) == 1

    shown = capsys.readouterr()
    assert shown.out == ""
    first, remedy = shown.err.splitlines()
    assert first.startswith(f"Error: Port {port} is in use. ")
    assert remedy.startswith("  → Run 'aiwebhook doctor'")
