"""Sources on the command line."""

from __future__ import annotations

import pytest

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
