"""What a person sees of the end of a task."""

from __future__ import annotations

import pytest

from aiwebhook_cli.printing import print_rows
from aiwebhook_cli.target import Globals
from tests.cli.conftest import CommandLine


@pytest.mark.req("T6")
def test_watching_tells_why_a_task_failed(cli: CommandLine) -> None:
    task_id = cli.driver.task(cli.driver.session())
    cli.driver.claim().post("fail", {"error_class": "refused", "message": "The model said no."})
    (last,) = [
        line for line in cli("task", "watch", task_id).out.splitlines() if " failed " in line
    ]
    assert last.endswith("The model said no.")


@pytest.mark.req("S5")
def test_what_a_task_left_is_listed_and_printed_just_as_it_is(cli: CommandLine) -> None:
    task_id = cli.driver.task(cli.driver.session())
    patch = "--- a\n+++ b\n[bold]\n"
    cli.driver.claim().post(
        "artifacts", {"name": "changes.patch", "type": "patch", "content": patch}
    )

    listed = cli("task", "artifact", task_id)
    printed = cli("task", "artifact", task_id, "changes.patch")
    missing = cli("task", "artifact", task_id, "other.patch")

    assert "changes.patch" in listed.out
    assert printed.out == patch
    assert (missing.code, "changes.patch" in missing.err) == (1, True)


@pytest.mark.req("N4")
def test_a_table_wider_than_the_terminal_loses_no_column(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    row = {"attempt_id": "att_" + "0" * 36, "status": "failed", "started_at": "2026-11-22"}
    print_rows(Globals(), {}, [row], tuple(row), nothing="")
    shown = capsys.readouterr().out.splitlines()[1]
    assert shown.split() == list(row.values())
