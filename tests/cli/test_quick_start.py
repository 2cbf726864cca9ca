"""What a command line imports. Time is counted in modules: a wall clock would tell of the machine
(`python -m benchmarks cli` measures it).
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
import typer

from aiwebhook_cli.command_tree import GROUPS, ORDER, SINGLE, command_tree
from tests.cli.conftest import CommandLine
from tests.cli.generated import ROOT_HELP_FILE, group_helps, root_help

pytestmark = pytest.mark.req("S8")
HEAVY = {"pydantic", "boto3", "psycopg", "rich", "botocore", "aiohttp", "aiwebhook_local"}
_LOADED = (
    "import sys\n"
    "from aiwebhook_cli.main import run_command_line\n"
    "code = run_command_line(sys.argv[1:])\n"
    "print(*sorted(sys.modules), file=sys.stderr)\n"
    "sys.exit(code)\n"
)


def loaded_by(*arguments: str) -> set[str]:
    """Names of the modules that are loaded when a command line has done its work in a pipe."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}  # noqa: TID251 the child's
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, *arguments],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


def commands_of(group: Any) -> dict[str, Any]:
    return group.commands


def test_help_imports_no_command_no_parser_and_nothing_heavy(cli: CommandLine) -> None:
    loaded = loaded_by("--help")

    assert loaded & HEAVY == set()
    assert loaded & {"typer", "http.client", "dataclasses", "inspect"} == set()
    assert {m for m in loaded if m.startswith("aiwebhook")} == {
        *("aiwebhook_cli", "aiwebhook_cli.main", "aiwebhook_cli.streams")
    }


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_listing_sessions_imports_its_own_group_and_nothing_heavy(
    cli: CommandLine, more: list[str]
) -> None:
    cli.driver.session()
    loaded = loaded_by("session", "list", *more)

    assert loaded & HEAVY == set()
    others = {f"aiwebhook_cli.{module}" for module in GROUPS.values()} - {"aiwebhook_cli.sessions"}
    assert loaded & others == set()


def test_an_error_in_a_pipe_needs_no_rich(cli: CommandLine) -> None:
    with pytest.raises(AssertionError, match="No session") as failed:
        loaded_by("session", "summary", "nothing")

    assert "rich.console" not in str(failed.value)


def test_the_help_that_is_shown_is_the_one_of_the_commands() -> None:
    assert ROOT_HELP_FILE.read_text(encoding="utf-8") == root_help(), "make docs"


def test_help_lists_every_command_once_in_the_order_that_is_meant() -> None:
    root: Any = typer.main.get_command(command_tree())
    assert sorted(ORDER) == sorted({*GROUPS, *SINGLE})
    assert list(root.list_commands(None)) == list(ORDER)


def test_no_list_of_commands_cuts_a_sentence_off_at_eighty_columns() -> None:
    """A first sentence that is too long ends in dots: shorten it, or make two of it."""
    helps = dict(group_helps())
    assert len(helps) > len(GROUPS), "the root and each group"
    assert [
        f"{name}: {line}"
        for name, text in helps.items()
        for line in text.splitlines()
        if line.endswith("...")
        if "[ARGS]" not in line
    ] == []


@pytest.mark.parametrize(
    "words",
    [
        ["session"],
        ["session", "list"],
        ["--json", "--url", "u", "session", "list"],
        ["--key=k", "session", "--help"],
        ["session", "frobnicate"],
    ],
)
def test_only_the_group_that_is_called_is_built(words: list[str]) -> None:
    names = commands_of(typer.main.get_command(command_tree(words)))
    assert list(names) == ["session"]


@pytest.mark.parametrize("words", [[], ["frobnicate"], ["--url", "session"], ["--what", "task"]])
def test_where_no_command_is_named_all_are_known(words: list[str]) -> None:
    names = commands_of(typer.main.get_command(command_tree(words)))
    assert set(names) == {*GROUPS, *SINGLE}


def test_a_narrowed_group_takes_nothing_from_the_whole_one() -> None:
    command_tree(["session", "list"])
    whole = commands_of(typer.main.get_command(command_tree()))
    assert {"create", "list", "delete"} <= set(commands_of(whole["session"]))
