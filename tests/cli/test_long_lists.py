"""Lists longer than a page of the API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aiwebhook.domain.page import MAX_PAGE
from aiwebhook_cli.long_lists import ListView, print_list
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals
from tests.cli.conftest import CommandLine

pytestmark = pytest.mark.req("S8")
Json = dict[str, Any]
_NUMBERS = ListView(rows="items", columns=(Column(name="n"),), nothing="None.")


class _Server:
    """Pages of `total` numbers."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.asked: list[int] = []

    def page(self, size: int, cursor: str | None) -> Json:
        """As the API answers."""
        self.asked.append(size)
        begin = int(cursor or 0)
        end = min(begin + size, self.total)
        rows = [{"n": number} for number in range(begin, end)]
        return {"items": rows, "next_cursor": str(end) if end < self.total else None}


def test_as_many_pages_are_asked_for_as_the_limit_needs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = _Server(1_000)
    print_list(Globals(json=True), server.page, _NUMBERS, limit=250, cursor="5")
    told = json.loads(capsys.readouterr().out)
    assert [row["n"] for row in told["items"]] == list(range(5, 255))
    assert told["next_cursor"] == "255"
    assert server.asked == [MAX_PAGE, MAX_PAGE, 50]

    short = _Server(7)
    print_list(Globals(json=True), short.page, _NUMBERS, limit=10_000, cursor=None)
    assert json.loads(capsys.readouterr().out) == {
        "items": [{"n": n} for n in range(7)],
        "next_cursor": None,
    }


def test_lines_are_out_before_the_next_page_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = _Server(10_000)
    out: list[str] = []

    def page(size: int, cursor: str | None) -> Json:
        out.append(capsys.readouterr().out)
        assert out[-1].count("\n") == (MAX_PAGE if cursor else 0)
        return server.page(size, cursor)

    print_list(Globals(json=True, lines=True), page, _NUMBERS, limit=9_950, cursor=None)
    last = capsys.readouterr()
    numbers = [json.loads(line)["n"] for line in ("".join(out) + last.out).splitlines()]
    assert numbers == list(range(9_950))
    assert last.err == "More: add --cursor 9950\n"


def test_a_list_of_the_api_is_whole_in_every_form(cli: CommandLine) -> None:
    cli.driver.sql(
        "INSERT INTO sessions (project_id, session_id, status, created_at)"
        " SELECT p.project_id, 's' || n, 'active', now() - make_interval(secs => n)"
        " FROM projects p, generate_series(1, 250) n"
    )
    expected = [f"s{n}" for n in range(1, 251)]
    lines = cli("session", "list", "--limit", "10000", "--jsonl", "--json=session_id")
    assert [json.loads(line)["session_id"] for line in lines.out.splitlines()] == expected
    whole = cli("session", "list", "--limit", "240", "--json").json
    assert [row["session_id"] for row in whole["sessions"]] == expected[:240]
    assert whole["count"] == 240
    table = cli("session", "list", "--limit", "249").out.splitlines()
    assert [line.split()[0] for line in table[1:-1]] == expected[:249]
    assert table[-1].startswith("More: add --cursor ")
    rest = cli("session", "list", "--cursor", table[-1].split()[-1], "--json=session_id").json
    assert rest["sessions"] == [{"session_id": "s250"}]
    for wrong in ("0", "10001"):
        assert cli("session", "list", "--limit", wrong).code == 2
