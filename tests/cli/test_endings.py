"""However a command ends, it says so in a sentence, with the next step and an exit code."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aiwebhook.client import Client
from aiwebhook.commands.catalogue import CATALOGUE
from aiwebhook.error_codes import CODES
from aiwebhook.errors import FieldError, Invalid, NotFound
from aiwebhook_cli.error_wording import COMMANDS, in_cli_terms
from aiwebhook_cli.exits import ExitCode
from aiwebhook_cli.screen import Screen
from tests.cli.conftest import CommandLine

pytestmark = pytest.mark.req("S8")
ROOT = Path(__file__).parents[2]


def shell(line: str, folder: Path, **env: str) -> tuple[int, str, str]:
    """A line of bash with `aiwebhook` in it, in a process of its own."""
    found = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": ":".join(sys.path), **env}
    line = line.replace("aiwebhook", f"{sys.executable} -m aiwebhook_cli", 1)
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=found,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


ENDINGS = [
    ("aiwebhook session list > /dev/full", 1, "could not be written: No space left"),
    ("aiwebhook session list --json > /dev/full", 1, "could not be written"),
    ("aiwebhook session list > /dev/full 2> /dev/full", 1, ""),
    ("aiwebhook session list >&-", 0, ""),
    ("set -o pipefail; aiwebhook session list | head -1 > /dev/null", 0, ""),
    ("aiwebhook session list --key aiw_wrong", 1, "came from --key"),
    ("AIWEBHOOK_API_KEY=aiw_wrong aiwebhook session list", 1, "from AIWEBHOOK_API_KEY"),
    ("AIWEBHOOK_API_KEY=$'a\\nb' aiwebhook session list", 1, "Error:"),
    ("AIWEBHOOK_PORT=abc aiwebhook local up", 1, "AIWEBHOOK_PORT must be a number"),
    ("AIWEBHOOK_PORT=99999 aiwebhook local up", 1, "AIWEBHOOK_PORT must be a number"),
    ("AIWEBHOOK_HOME=/dev/null/x aiwebhook local up", 1, "/dev/null/x"),
    ("aiwebhook session list --status foo", 1, "Error: --status must be one of"),
    ("aiwebhook task delegate nope researcher x", 1, "'aiwebhook session create'"),
    ("aiwebhook task delegate s researcher - < /dev/null", 2, "standard input was empty"),
    ("aiwebhook task delegate s researcher - < <(printf '\\xff')", 2, "not UTF-8"),
    ("aiwebhook session create s --metadata @/", 2, "Is a directory"),
    ("aiwebhook task show $'\\xff'", 2, "not UTF-8"),
    ("aiwebhook nonsense", 2, "'aiwebhook --help'"),
    ("PYTHONIOENCODING=ascii aiwebhook session create ä --title ä", 1, "Error:"),
]


@pytest.mark.slow
def test_no_ending_is_a_trace(cli: CommandLine, tmp_path: Path) -> None:
    cli.driver.session()
    env = {"AIWEBHOOK_URL": cli.url, "AIWEBHOOK_API_KEY": cli.driver.key}
    for line, code, sentence in ENDINGS:
        ended, out, err = shell(line, tmp_path, **env)
        assert (ended, "Traceback" in out + err) == (code, False), (line, out, err)
        assert sentence in err, line
        assert "Exception ignored" not in err, line


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_command_ends_well_in_every_way(cli: CommandLine, tmp_path: Path) -> None:
    session_id = cli.driver.session()
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.every_command", session_id, cli.driver.task(session_id)],
        cwd=tmp_path,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": ":".join([str(ROOT), *sys.path]),
            "HOME": str(tmp_path),
            "COLUMNS": "80",
            "AIWEBHOOK_URL": cli.url,
            "AIWEBHOOK_API_KEY": cli.driver.key,
        },
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def test_a_key_from_a_file_is_named_by_the_file(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "api_key").write_text("aiw_wrong")
    (tmp_path / ".local" / "stack.json").write_text(json.dumps({"url": cli.url}))
    _, _, err = shell("aiwebhook session list", tmp_path, AIWEBHOOK_URL=cli.url)
    assert f"{tmp_path}/.local/api_key" in err


def test_ctrl_c_while_waiting_names_the_task_and_how_to_go_on(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_given: object, **_options: object) -> None:
        raise KeyboardInterrupt

    cli("session", "create", "plan")
    monkeypatch.setattr(Client, "wait_for_task", interrupted)
    outcome = cli("task", "delegate", "plan", "researcher", "x", "--wait")
    task_id = cli("task", "list", "--json").json["tasks"][0]["task_id"]
    assert outcome.code == ExitCode.INTERRUPTED
    assert f"Task {task_id} keeps running." in outcome.err
    assert f"aiwebhook task watch {task_id}" in outcome.err


class _NobodyReads(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError(text)


def test_the_console_leaves_to_main_how_a_command_without_a_reader_ends() -> None:
    with pytest.raises(BrokenPipeError):
        Screen(file=_NobodyReads()).print("a line")


def test_a_dash_reads_standard_input(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("session", "create", "plan")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Look into\nit")))
    made = cli("task", "delegate", "plan", "researcher", "-", "--json").json
    assert cli("task", "show", made["task_id"], "--json").json["description"] == "Look into\nit"


def test_no_remedy_names_a_command_of_the_wire_that_the_command_line_has() -> None:
    assert set(COMMANDS) <= set(CATALOGUE)
    for known in CODES.values():
        worded = in_cli_terms(NotFound("x", code=known.code, remedy=known.remedy), key_from="k")
        left = [name for name in COMMANDS if re.search(rf"\b{name}\b", worded.remedy)]
        assert left == [], known


def test_fields_are_told_as_options() -> None:
    faults = tuple(
        FieldError(pointer=pointer, message="is wrong")
        for pointer in ("/data/filter", "/timeout_s", "/input_data/a/b", "/depends_on/0")
    )
    worded = in_cli_terms(Invalid("/data/filter is wrong.", errors=faults), key_from="")
    assert worded.detail == "--status is wrong."
    told = [fault.pointer for fault in worded.errors]
    assert told == ["--status", "--timeout", "--input: a/b", "--depends-on"]


def test_the_exit_codes_are_documented() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|", text, re.MULTILINE)
    assert sorted(map(int, rows)) == sorted(ExitCode)
