"""JSON for programs: the fields and the form that were asked for; texts from files, ids
by their beginnings.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.errors import Invalid
from aiwebhook_cli.json_shape import as_lines, fields_of, with_fields
from aiwebhook_cli.main import hoist_globals, run_command_line
from aiwebhook_cli.short_id import whole_id
from tests.cli.conftest import CommandLine

pytestmark = pytest.mark.req("S8")


def test_a_list_keeps_its_form_and_its_rows_have_the_fields_that_were_asked_for(
    cli: CommandLine,
) -> None:
    for name in ("one", "two"):
        cli("session", "create", name, "--title", name.upper())

    chosen = cli("session", "list", "--json=session_id,title")
    page = cli("session", "list", "--jsonl", "--json=title", "--limit", "1")
    single = cli("session", "summary", "one", "--json=status")
    lines = cli("session", "list", "--jsonl").out.splitlines()

    assert chosen.json == {
        "sessions": [
            {"session_id": "two", "title": "TWO"},
            {"session_id": "one", "title": "ONE"},
        ],
        "count": 2,
        "next_cursor": None,
    }
    assert page.out == '{"title": "TWO"}\n'
    assert page.err.startswith("More: add --cursor ")
    assert single.json == {"status": "active"}
    assert [json.loads(line)["session_id"] for line in lines] == ["two", "one"]


def test_an_unknown_field_is_reported_with_the_existing_ones(cli: CommandLine) -> None:
    cli("session", "create", "one")
    wrong = cli("session", "list", "--json=titel")
    empty = cli("session", "list", "--json=title,")

    problem = json.loads(wrong.err)
    assert (wrong.code, wrong.out, problem["detail"]) == (1, "", "There is no field titel.")
    assert "session_id, status, title" in problem["remedy"], "as --json=FIELDS takes them"
    assert (empty.code, "empty field" in empty.err) == (1, True)


def test_events_have_the_fields_too(cli: CommandLine) -> None:
    task_id = cli.driver.task(cli.driver.session())
    cli("task", "cancel", task_id)
    lines = cli("task", "watch", task_id, "--json=type,nothing").out.splitlines()
    assert json.loads(lines[0]) == {"type": "task.created", "nothing": None}


def test_anything_but_a_list_is_one_line_and_an_empty_list_has_any_field() -> None:
    session: dict[str, Any] = {"session_id": "s", "participants": [], "next_cursor": None}
    assert list(as_lines(session)) == [session]
    assert list(as_lines({"items": [], "next_cursor": None})) == []
    assert with_fields({"items": []}, fields_of("x")) == {"items": []}
    assert with_fields([1], ("x",)) == [1]
    with pytest.raises(Invalid):
        with_fields({"a": 1}, ("b",))


def test_json_options_may_stand_anywhere() -> None:
    hoisted = hoist_globals(["task", "list", "--json=a,b", "--jsonl"])
    assert hoisted == ["--jsonl", "--json", "--json-fields=a,b", "task", "list"]
    assert hoist_globals(["a", "--", "--json=x"]) == ["a", "--", "--json=x"]


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["--version"]) == 0
    assert capsys.readouterr().out.startswith("aiwebhook ")


def test_a_description_may_be_in_a_file(cli: CommandLine, nowhere: Path) -> None:
    cli("session", "create", "plan")
    (nowhere / "brief.md").write_text("Look into\nit – soon", encoding="utf-8")
    (nowhere / "raw").write_bytes(b"\xff")
    delegate = ("task", "delegate", "plan", "researcher")

    def described(text: str) -> str:
        task_id = cli(*delegate, text, "--json=task_id").json["task_id"]
        return cli("task", "show", task_id, "--json=description").json["description"]

    assert described("@brief.md") == "Look into\nit – soon"
    assert described("@@ana knows") == "@ana knows"
    for name, why in (("@none.md", "No such file"), ("@raw", "not UTF-8")):
        refused = cli(*delegate, name)
        assert (refused.code, why in refused.err) == (2, True)


def test_the_beginning_of_an_id_is_taken_where_only_one_begins_so(cli: CommandLine) -> None:
    task_id = cli.driver.task(cli.driver.session())
    assert cli("task", "show", task_id[:-4], "--json").json["task_id"] == task_id
    other = task_id[:-1] + ("0" if task_id[-1] != "0" else "1")
    assert whole_id(task_id[:20], lambda: [task_id]) == task_id
    assert whole_id("task_00000000", lambda: [task_id]) == "task_00000000", "an id of one's own"
    assert whole_id("task_0199", lambda: [task_id]) == "task_0199", "too short to be sure"
    with pytest.raises(Invalid, match="2 have"):
        whole_id(task_id[:-2], lambda: [task_id, other])
