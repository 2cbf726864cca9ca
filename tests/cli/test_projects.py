"""Projects, the audit log, what was used and what is found, on the command line."""

from __future__ import annotations

import json

import pytest

from aiwebhook.domain.identity import DEFAULT_PROJECT
from tests.cli.conftest import CommandLine
from tests.support.session_api import BRIEF, ApiDriver

pytestmark = pytest.mark.req("O7", "S8")


def test_a_project_is_made_and_its_key_works(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = cli("projects", "list")
    assert (refused.code, "'default'" in refused.err) == (1, True)

    default = ApiDriver(cli.driver.dsn, project_id=DEFAULT_PROJECT, outside=cli.driver.outside)
    monkeypatch.setenv("AIWEBHOOK_API_KEY", default.key)
    made = cli("projects", "create", "orchard", "The orchard")
    key = made.out.splitlines()[-1]
    assert cli("session", "list", "--key", key).out == "No sessions.\n"
    assert "The orchard" in cli("projects", "list").out
    second = cli("projects", "key", "orchard", "second", "--json").json
    assert len(cli("keys", "list", "--key", second["key"], "--json").json["items"]) == 2
    wrong = cli("projects", "create", "Orchard")
    assert wrong.code == 1
    assert cli("projects", "create", "orchard").code == 1


def test_the_audit_log_says_who_did_what(cli: CommandLine) -> None:
    key_id = cli("keys", "create", "phone", "--json").json["key_id"]
    cli("keys", "revoke", key_id)
    told = cli("audit", "--subject", key_id, "--since", "1h").out
    assert [line.split()[2] for line in told.splitlines()[1:]] == ["key.revoked", "key.created"]
    assert cli("audit", "--action", "people.").out == "No entries.\n"
    lines = cli("audit", "--jsonl", "--json=action", "--action", "key.rev").out
    assert json.loads(lines) == {"action": "key.revoked"}


def test_usage_is_shown_by_key_with_its_name_and_a_total(cli: CommandLine) -> None:
    assert cli("usage").out == "Nothing was used.\n"
    phone = cli("keys", "create", "phone", "--json").json["key"]
    cli("session", "create", "plan")
    for cost in (0.25, 1.0):
        assert cli("task", "delegate", "plan", "researcher", "x", "--key", phone).code == 0
        usage = {"requests": 1, "input_tokens": 1_500, "output_tokens": 5, "cost_usd": cost}
        cli.driver.claim().post("complete", {"output": BRIEF, "say": "Done.", "usage": usage})

    heading, row, total = cli("usage", "--by", "key").out.splitlines()
    assert heading.split()[:2] == ["name", "cost"]
    assert row.split()[:4] == ["phone", "$1.2500", "2", "2"]
    assert "3,000" in row
    assert total.split()[:2] == ["total", "$1.2500"]
    whole = cli("usage", "--json").json
    assert whole["total"]["cost_usd"] == 1.25
    lines = cli("usage", "--by", "agent", "--jsonl", "--json=name,runs").out
    assert json.loads(lines) == {"name": "researcher", "runs": 2}
    assert cli("usage", "--until", "1h").out == "Nothing was used.\n"
    assert cli("usage", "--by", "week").code == 2


def test_words_are_searched_in_all_sessions(cli: CommandLine) -> None:
    cli("session", "create", "plan", "--title", "Ores")
    cli("memory", "store", "plan", "fact", "The copper price rises.", "--name", "m")
    found = cli("session", "search", "price", "copper")
    assert "The copper price rises." in found.out
    assert cli("session", "search", "gold").out == "Found nowhere.\n"
    fields = ("--json=kind,name,session_id", "--jsonl")
    told = cli("session", "search", "COPPER", *fields).out
    assert json.loads(told) == {"kind": "memory", "name": "m", "session_id": "plan"}
