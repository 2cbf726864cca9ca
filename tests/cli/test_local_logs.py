"""`aiwebhook local logs` and the folder that commands of the local stack are told."""

import json
from pathlib import Path

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


def test_a_stack_without_logs_shows_none(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["local", "logs", "--home", str(nowhere)]) == 0

    assert capsys.readouterr().out == ""


def test_status_looks_into_the_folder_that_it_is_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["--json", "local", "status", "--home", str(home)]) == 1

    assert json.loads(capsys.readouterr().out)["home"] == str(home)
