"""Sources on the command line."""

from __future__ import annotations

import pytest

from aiwebhook_cli.sources import reconciled
from tests.cli.conftest import CommandLine

pytestmark = pytest.mark.req("W8")


def test_a_source_is_made_listed_rotated_disabled_and_forgotten(cli: CommandLine) -> None:
    made = cli("sources", "create", "hmac", "--id", "billing", "--prefix", "sha256=", "--json").json
    assert made["url"].endswith("/webhook/billing")
    assert made["secret"]
    in_words = cli("sources", "create", "none")
    assert "/webhook/" in in_words.out
    assert "billing" in cli("sources", "list").out
    shown = cli("sources", "show", "billing").out
    assert "sha256=" in shown
    assert made["secret"] not in shown
    rotated = cli("sources", "rotate", "billing", "--overlap", "60")
    assert "shown this once" in rotated.out
    assert cli("sources", "disable", "billing").code == 0
    assert cli("sources", "show", "billing", "--json").json["status"] == "disabled"
    assert cli("sources", "enable", "billing").code == 0
    assert cli("sources", "delete", "billing").code == 0
    refused = cli("sources", "show", "billing")
    assert refused.code == 1
    assert "billing" in refused.err


@pytest.mark.req("W6")
def test_a_source_may_take_deliveries_from_githubs_networks_only(cli: CommandLine) -> None:
    chosen = ("--id", "code", "--networks", "github")
    assert cli("sources", "create", "github", *chosen, "--json").json["rules"] == {
        "networks": "github"
    }
    assert cli("sources", "create", "github", "--json").json["rules"] == {}


@pytest.mark.req("W7")
def test_github_is_asked_about_a_source_shown_and_no_more(cli: CommandLine) -> None:
    cli("sources", "create", "github", "--id", "code")
    made = cli("sources", "hook", "code", "repos/acme/billing/hooks/1", "--token", "any_token")
    assert "within a minute" in made.out
    assert "any_token" not in made.out
    shown = cli("sources", "hook", "code", "--json").json
    assert shown["hook"] == "repos/acme/billing/hooks/1"
    asked = cli("sources", "reconcile", "code", "--dry-run", "--no-wait", "--json").json
    assert asked["wanted"] == "dry_run"
    assert cli("sources", "unhook", "code").code == 0
    assert cli("sources", "hook", "code").code == 1


@pytest.mark.req("W7")
def test_what_github_was_asked_is_said_in_one_sentence() -> None:
    report = {"dry_run": False, "missed": 3, "recovered": 2, "asked": 1, "fetched": 1, "lost": 0}
    left = {"missing": 4, "refused": 0}
    found = {"wanted": None, "passed_at": "x", "failure": None, "report": report, **left}
    assert reconciled(found).startswith("3 missed, 2 recovered, 1 asked for again, 1 fetched")
    assert reconciled(found).endswith("0 lost; 4 missing.")
    refused = reconciled({**found, "refused": 2, "source_id": "code"})
    assert "we refused 2 again and again" in refused
    assert "'aiwebhook sources reconcile code'" in refused
    counted = {**found, "report": {**report, "dry_run": True}}
    assert reconciled(counted) == "GitHub sent 3 deliveries that are not here."
    failed = {**found, "failure": "GitHub answered 503", "next_at": "2026-11-30T12:00:00.000Z"}
    assert reconciled(failed).startswith("GitHub answered 503. It is asked again at 2026")
