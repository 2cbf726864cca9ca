"""Completion, as bash itself asks for it and as zsh and fish would; docs/cli.md's reference."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aiwebhook_cli.completion import ASKED
from aiwebhook_cli.main import run_command_line
from tests.cli.conftest import CommandLine
from tests.cli.generated import DOCUMENT, written

pytestmark = pytest.mark.req("S8")
_PROGRAM = "aiwebhook"


@pytest.fixture
def bash(nowhere: Path) -> Path:
    """A folder with the program, in which bash completes."""
    found = shutil.which("bash")
    if found is None:
        pytest.skip("no bash on this machine")
    program = nowhere / "bin" / _PROGRAM
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m aiwebhook_cli "$@"\n')
    program.chmod(0o755)
    return program.parent


def completed(folder: Path, *words: str) -> list[str]:
    """What bash offers for the last of these words."""
    script = (
        f'eval "$({_PROGRAM} completion bash)"\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))\n'
        f'_{_PROGRAM}_completion {_PROGRAM}; printf "%s\\n" "${{COMPREPLY[@]}}"\n'
    )
    environ = {
        **os.environ,  # noqa: TID251 the child's
        "PATH": f"{folder}:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        ["bash", "-c", script, "bash", _PROGRAM, *words],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_commands_options_profiles_and_agents(
    cli: CommandLine, bash: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("key\n"))
    assert cli("profile", "add", "workshop", "http://127.0.0.1:1").code == 0

    assert completed(bash, "ses") == ["session"]
    assert completed(bash, "session", "s") == ["search", "summary", "show"]
    assert completed(bash, "session", "list", "--st") == ["--status"]
    assert completed(bash, "--profile", "work") == ["workshop"]
    assert completed(bash, "profile", "use", "work") == ["workshop"]
    assert completed(bash, "task", "delegate", "plan", "resear") == ["researcher"]
    assert completed(bash, "--url", "http://127.0.0.1:1", "agent", "show", "resear") == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_are_told_the_same(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shell: str
) -> None:
    assert run_command_line(["completion", shell]) == 0
    assert ASKED in capsys.readouterr().out
    monkeypatch.setenv(ASKED, f"complete_{shell}")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "aiwebhook session su")
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")

    assert run_command_line([]) == 0
    told = capsys.readouterr().out
    assert "summary" in told
    assert "create" not in told


def test_a_shell_that_we_do_not_know_is_refused(
    nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["completion", "tcsh"]) == 2
    assert "tcsh" in capsys.readouterr().err


def test_the_reference_is_what_the_commands_say_of_themselves() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert document == written(document), "make docs"
    assert "### aiwebhook session list\n" in document
