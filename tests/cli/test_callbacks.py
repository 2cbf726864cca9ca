"""Endpoints, and the callbacks that go out to them, on the command line."""

from __future__ import annotations

import pytest

from aiwebhook.client import Client
from aiwebhook.errors import Unavailable
from aiwebhook_cli.callbacks import wait_for_callback
from aiwebhook_cli.target import Globals
from tests.cli.conftest import CommandLine

pytestmark = pytest.mark.req("S8")
URL = "http://127.0.0.1:9/hook"


def test_an_endpoint_is_added_listed_changed_disabled_rotated_and_deleted(cli: CommandLine) -> None:
    made = cli("endpoints", "add", URL, "--event", "task.failed", "--payload", "full", "--json")
    endpoint_id, secret = made.json["endpoint_id"], made.json["secret"]
    begin = endpoint_id[:-4]

    assert secret.startswith("whsec_")
    listed = cli("endpoints", "list")
    assert URL in listed.out
    assert "task.failed" in listed.out
    shown = cli("endpoints", "show", begin)
    assert endpoint_id in shown.out
    assert secret not in shown.out
    changed = cli("endpoints", "change", begin, "--event", "task.completed", "--to", f"{URL}/2")
    assert changed.code == 0
    assert cli("endpoints", "change", begin).code == 2
    assert cli("endpoints", "disable", begin).code == 0
    told = cli("endpoints", "show", begin, "--json=status,url,event_types").json
    assert told == {"status": "disabled", "url": f"{URL}/2", "event_types": ["task.completed"]}
    assert cli("endpoints", "enable", begin).code == 0
    assert cli("endpoints", "show", begin, "--json=status").json == {"status": "active"}
    rotated = cli("endpoints", "rotate", begin)
    assert "shown this once" in rotated.out
    assert secret not in rotated.out
    assert cli("endpoints", "delete", begin, "--yes").code == 0
    assert cli("endpoints", "list").out == "No endpoints.\n"


def test_a_refusal_speaks_of_options(cli: CommandLine) -> None:
    refused = cli("endpoints", "add", URL, "--event", "task.done")
    assert refused.code == 1
    assert "--event" in refused.err
    assert "task.completed" in refused.err


def test_a_callback_is_listed_shown_and_sent_again(cli: CommandLine) -> None:
    endpoint_id = cli("endpoints", "add", URL, "--json").json["endpoint_id"]
    queued = cli("endpoints", "test", endpoint_id, "--json").json["delivery_id"]
    cli.driver.sql(
        "UPDATE deliveries SET status = 'dead', attempts = 3,"
        """ log = '[{"at": "2026-11-30T10:00:00Z", "status": 503, "error": "away"}]'"""
    )

    listed = cli("callbacks", "list", "--status", "dead", "--endpoint", endpoint_id, "--jsonl")
    assert queued in listed.out
    shown = cli("callbacks", "show", queued[:-4])
    assert "503" in shown.out
    assert "away" in shown.out
    again = cli("callbacks", "redeliver", queued[:-4])
    assert queued in again.out
    assert cli("callbacks", "show", queued, "--json=status").json == {"status": "pending"}
    assert "callbacks show" in cli("endpoints", "test", endpoint_id).out


def test_all_that_failed_are_sent_again_at_once(cli: CommandLine) -> None:
    one = cli("endpoints", "add", URL, "--json").json["endpoint_id"]
    cli.driver.sql(
        "INSERT INTO deliveries (project_id, event_no, event_type, endpoint_id, url, status)"
        " SELECT e.project_id, n, 'endpoint.ping', e.endpoint_id, e.url, 'dead'"
        " FROM endpoints e, generate_series(1, 250) n"
    )
    wrong = cli("callbacks", "redeliver")
    assert (wrong.code, "--failed" in wrong.err) == (2, True)
    for more in (("--since", "1h"), ("dlv_1", "--failed"), ("dlv_1", "--endpoint", one)):
        assert cli("callbacks", "redeliver", *more).code == 2
    none = cli("callbacks", "redeliver", "--failed", "--since", "2100-01-01T00:00:00Z")
    assert none.out == "✓ 0 callbacks are queued again.\n"
    told = cli("callbacks", "redeliver", "--failed", "--since", "2h", "--endpoint", one)
    assert told.out == "✓ 250 callbacks are queued again.\n"
    assert "200 are queued, there are more" in told.err
    assert cli("callbacks", "list", "--status", "dead").out == "No callbacks.\n"


@pytest.mark.parametrize(("status", "code"), [("delivered", 0), ("pending", 1)])
def test_a_test_event_may_be_waited_for(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, status: str, code: int
) -> None:
    """The first look finds nothing tried yet; a sender is at work before the second."""
    endpoint_id = cli("endpoints", "add", URL, "--json").json["endpoint_id"]

    def tried(_client: object, _answer: object) -> None:
        cli.driver.sql("UPDATE deliveries SET attempts = 1")
        if status == "delivered":
            cli.driver.sql("UPDATE deliveries SET status = 'delivered'")

    monkeypatch.setattr("aiwebhook.client.Client.pause_after", tried)
    waited = cli("endpoints", "test", endpoint_id, "--wait", "20", "--json=status")
    assert (waited.code, waited.json) == (code, {"status": status})


def test_a_test_event_that_nobody_sends_is_reported(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint_id = cli("endpoints", "add", URL, "--json").json["endpoint_id"]

    def no_pause(_client: object, _answer: object) -> None:
        return

    monkeypatch.setattr("aiwebhook.client.Client.pause_after", no_pause)
    times = iter([0.0, 0.5, 2.0])
    with Client(cli.url, api_key=cli.driver.key) as client:
        due = client.post(f"/v1/endpoints/{endpoint_id}/ping")["delivery_id"]
        with pytest.raises(Unavailable) as refused:
            wait_for_callback(Globals(), client, due, wait_s=1, clock=lambda: next(times))
    assert f"callbacks show {due}" in refused.value.remedy


@pytest.mark.req("O7")
def test_a_key_is_rotated_and_the_new_one_works(cli: CommandLine) -> None:
    made = cli("keys", "create", "phone", "--scope", "read", "--json").json
    in_words = cli("keys", "rotate", made["key_id"][:-4], "--overlap", "0")
    assert in_words.code == 0
    new = in_words.out.splitlines()[-1]
    assert cli("session", "list", "--key", new).code == 0
    assert cli("session", "list", "--key", made["key"]).code == 1
