"""What came in, on the command line."""

from __future__ import annotations

import pytest

from tests.cli.conftest import CommandLine
from tests.support.deliveries import receive

pytestmark = pytest.mark.req("W4")
BODY = b'{ "action" : "opened", "n": 1.0, "s":"\\/" }\r\n'


def test_a_delivery_is_listed_shown_written_out_and_replayed(cli: CommandLine) -> None:
    delivery_id = receive(cli.driver, BODY, event="issues").delivery_id

    listed = cli("deliveries", "list", "--event", "issues", "--action", "opened", "--json")
    shown = cli("deliveries", "show", delivery_id, "--json")
    in_words = cli("deliveries", "show", delivery_id)
    written = cli("deliveries", "body", delivery_id)
    told = cli("deliveries", "replay", delivery_id)

    assert [item["delivery_id"] for item in listed.json["items"]] == [delivery_id]
    assert shown.json["headers"]["x-github-event"] == "issues"
    assert "opened" in in_words.out
    assert written.out == BODY.decode()
    assert told.code == 0
    assert delivery_id in told.out
    assert "Nothing came in." in cli("deliveries", "list", "--source", "none").out


def test_what_does_not_exist_is_reported_in_a_sentence(cli: CommandLine) -> None:
    for command in ("show", "body", "replay"):
        refused = cli("deliveries", command, "in_none")
        assert refused.code == 1
        assert "in_none" in refused.err
        assert "Traceback" not in refused.err
