"""What happened and what happens, on the command line."""

from __future__ import annotations

import json

import pytest

from aiwebhook.client import Client
from aiwebhook_cli.exits import ExitCode
from tests.cli.conftest import CommandLine

pytestmark = pytest.mark.req("S9", "S8")


def test_events_are_listed_in_their_order_by_type_and_session(cli: CommandLine) -> None:
    for name in ("plan", "aside"):
        cli("session", "create", name)
    task_id = cli.driver.task("plan")

    whole = cli("events", "list")
    assert [line.split()[2] for line in whole.out.splitlines()] == [
        "session.created",
        "session.created",
        "task.created",
    ]
    assert task_id in whole.out
    mine = cli("events", "list", "--session", "aside", "--json=type,session_id").out
    assert json.loads(mine) == {"type": "session.created", "session_id": "aside"}
    assert cli("events", "list", "--type", "task.failed").out == "No events.\n"
    wrong = cli("events", "list", "--type", "nothing")
    assert wrong.code == 1


def test_a_list_that_is_cut_says_where_it_goes_on(cli: CommandLine) -> None:
    for number in range(250):
        cli.driver.post("/v1/sessions", {"session_id": f"s{number}"})
    read: list[str] = []
    after: list[str] = []
    while True:
        page = cli("events", "list", "--json=session_id", "--limit", "105", *after)
        read += [json.loads(line)["session_id"] for line in page.out.splitlines()]
        if "--after" not in page.err:
            break
        after = ["--after", page.err.split()[-1]]
    assert read == [f"s{number}" for number in range(250)]


def test_tail_begins_now_and_ctrl_c_says_how_to_go_on(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("session", "create", "before")
    of_client = Client.project_events
    asked: list[str] = []

    def meanwhile(
        client: Client, *, after: str, wait_s: float, types: object, limit: object
    ) -> object:
        """A session begins while the first request is held; then the person has seen enough."""
        asked.append(after)
        if len(asked) == 1:
            page = of_client(client, after=after, types=types, limit=limit)
            cli.driver.post("/v1/sessions", {"session_id": "now"})
            return page
        if len(asked) == 2:
            return of_client(client, after=after, types=types, limit=limit)
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "project_events", meanwhile)
    seen = cli("events", "tail")
    assert "session.created  now" in seen.out
    assert "before" not in seen.out
    assert seen.code == ExitCode.INTERRUPTED
    assert asked[0] == "latest"
    assert f"events tail --after {asked[-1]}" in seen.err


def test_tail_ends_after_so_many(cli: CommandLine) -> None:
    for name in ("a", "b", "c"):
        cli("session", "create", name)
    first = cli("events", "list", "--limit", "1")
    after = first.err.split()[-1]
    seen = cli("events", "tail", "--after", after, "--limit", "2", "--json=session_id").out
    assert [json.loads(line)["session_id"] for line in seen.splitlines()] == ["b", "c"]
