# reason: one client, with all that can happen to it
"""`aiwebhook listen`: byte for byte, in order, at least once; a target that is down holds all."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.domain.plain_text import plain_line
from aiwebhook.errors import Unavailable
from aiwebhook_cli import listen
from aiwebhook_cli.listening.handing_on import (
    Attempted,
    Executor,
    Forwarder,
    HandOn,
    Verdict,
    only_shown,
)
from aiwebhook_cli.listening.listener import Listener
from aiwebhook_cli.main import run_command_line
from tests.cli.conftest import CommandLine
from tests.support.commands import any_name
from tests.support.deliveries import receive
from tests.support.laptop import Laptop, QuickCalls
from tests.support.target import Forwarded, Target
from tests.support.terminal import on_a_terminal

pytestmark = pytest.mark.req("W5")
Json = dict[str, Any]
ODD = [
    b'{ "a" : "caf\\u00e9", "n": 12345678901234567890, "f": 1.0, "a":2 }\r\n',
    b"\xff\xfe\x00 not text",
    b"payload=%7B%22a%22%3A1%7D&x=+",
    b'{"big": "' + b"x" * 200_000 + b'"}',
]


def test_deliveries_are_forwarded_byte_for_byte_in_their_order(laptop: Laptop) -> None:
    ids = laptop.receive(*ODD, headers={"x-custom": "grün", "authorization": "Bearer secret"})
    with Target() as target:
        laptop.listen(laptop.forwarder(f"{target.url}/hook"))

    assert [got.delivery_id for got in target.taken] == ids
    assert [got.body for got in target.taken] == ODD
    for got in target.taken:
        assert (got.method, got.path) == ("POST", "/hook")
        assert got.headers["x-github-event"] == "push"
        assert got.headers["content-type"] == "application/json"
        assert got.headers["x-custom"].encode("latin-1").decode() == "grün"
        assert "authorization" not in got.headers
        assert got.headers["host"] == f"127.0.0.1:{target.port}"
    assert [reason for _, reason in laptop.watched.shown] == ["HTTP 200"] * len(ODD)


def test_a_channel_goes_on_where_it_stood(laptop: Laptop) -> None:
    with Target() as target:
        laptop.receive(b"1", b"2")
        laptop.listen(laptop.forwarder(target.url), holder="client-1")
        laptop.receive(b"3")
        laptop.listen(laptop.forwarder(target.url), holder="client-2")
        laptop.listen(laptop.forwarder(target.url), holder="client-3")
    assert [got.body for got in target.taken] == [b"1", b"2", b"3"]


def test_a_target_that_is_away_holds_what_comes(laptop: Laptop) -> None:
    laptop.receive(b"1", b"2")
    with Target() as gone:
        port = gone.port
    targets: list[Target] = []

    def come_back() -> None:
        if len(laptop.watched.pauses) == 5:
            targets.append(laptop.open.enter_context(Target(port=port)))

    laptop.watched.on_pause = come_back
    laptop.listen(laptop.forwarder(gone.url))

    assert [got.body for got in targets[0].taken] == [b"1", b"2"]
    assert len(laptop.watched.pauses) == 5
    assert sum("away: nothing listens there." in hint for hint in laptop.watched.hints) == 1
    assert laptop.driver.get("/v1/inbound?status=failed").body["items"] == []


@pytest.mark.parametrize(
    ("status", "tries", "noted"),
    [(404, 1, "HTTP 404"), (302, 1, "HTTP 302"), (500, 3, "HTTP 500"), (503, 3, "HTTP 503")],
)
def test_what_fails_is_noted_passed_over_and_can_be_replayed(
    laptop: Laptop, status: int, tries: int, noted: str
) -> None:
    bad, good = laptop.receive(b"bad", b"good")
    answers = {b"bad": status, b"good": 204}
    with Target(lambda got: answers[got.body]) as target:
        laptop.listen(laptop.forwarder(target.url))
        assert [got.body for got in target.got] == [b"bad"] * tries + [b"good"]
        [failed] = laptop.driver.get("/v1/inbound?status=failed").body["items"]
        assert (failed["delivery_id"], failed["failure"]) == (bad, noted)

        answers[b"bad"] = 200
        laptop.driver.post(f"/v1/inbound/{bad}/replay")
        laptop.listen(laptop.forwarder(target.url))
    assert [got.delivery_id for got in target.taken] == [good, bad]


def test_a_temporary_fault_is_not_a_failure(laptop: Laptop) -> None:
    laptop.receive(b"1")
    statuses = iter((500, None, 429, 500, 200))
    with Target(lambda _got: next(statuses)) as target:
        laptop.listen(laptop.forwarder(target.url))
    assert len(target.got) == 5
    assert laptop.driver.get("/v1/inbound?status=failed").body["items"] == []


def test_a_crash_before_the_acknowledgement_repeats_the_delivery_and_loses_none(
    laptop: Laptop,
) -> None:
    ids = laptop.receive(b"1", b"2", b"3")

    class Killed(BaseException):
        """As SIGKILL, just after the target's answer."""

    def killed_after_the_second(forward: Forwarder) -> HandOn:
        def handle(delivery: Json) -> Attempted:
            tried = forward(delivery)
            if delivery["delivery_id"] == ids[1]:
                raise Killed
            return tried

        return handle

    with Target() as target:
        with pytest.raises(Killed):
            laptop.listen(killed_after_the_second(laptop.forwarder(target.url)))
        laptop.listen(laptop.forwarder(target.url), holder="client-2")
    assert [got.delivery_id for got in target.taken] == [ids[0], ids[1], ids[1], ids[2]]


def test_two_clients_of_a_channel_take_turns_and_forward_nothing_twice(laptop: Laptop) -> None:
    with Target() as target:
        first = Listener(
            laptop.calls("client-1"),
            laptop.forwarder(target.url),
            laptop.watched.outside(),
        )
        held = laptop.calls("client-1").claim()
        laptop.receive(b"1", b"2")
        waited: list[int] = []

        def let_go() -> None:
            waited.append(1)
            if len(waited) == 3:
                first.run(rounds=1)  # forwards both, and releases

        laptop.watched.on_pause = let_go
        laptop.listen(laptop.forwarder(target.url), holder="client-2")
    assert held["lease_epoch"] >= 1
    assert [got.body for got in target.taken] == [b"1", b"2"]
    assert any("standing by" in hint for hint in laptop.watched.hints)


def test_an_acknowledgement_under_an_older_lease_moves_nothing(laptop: Laptop) -> None:
    laptop.receive(b"1", b"2")
    taken: list[bytes] = []

    def slept(got: Forwarded) -> int:
        if not taken:
            laptop.driver.sql("UPDATE channels SET leased_until = now()")
            laptop.calls("client-2").claim()
        taken.append(got.body)
        return 200

    def wake() -> None:
        laptop.driver.sql("UPDATE channels SET leased_until = now()")

    laptop.watched.on_pause = wake
    with Target(slept) as target:
        laptop.listen(laptop.forwarder(target.url), rounds=2)
    assert taken == [b"1", b"1", b"2"]


def test_a_page_from_before_a_sleep_is_not_handed_on_where_another_took_over(
    laptop: Laptop,
) -> None:
    laptop.receive(b"1", b"2")
    other = laptop.calls("client-2")
    calls = laptop.calls("client-1")
    slept: list[int] = []

    class Sleeper(QuickCalls):
        """Falls asleep with an answer in hand, for eight hours."""

        def poll(self, lease_epoch: int, *, wait_s: float = 0) -> Json:
            page = super().poll(lease_epoch, wait_s=wait_s)
            if not slept:
                laptop.watched.now_s += 8 * 3600
                laptop.driver.sql("UPDATE channels SET leased_until = now()")
                slept.append(other.claim()["lease_epoch"])
            return page

    handed_on_asleep: list[int] = []

    def other_ends() -> None:
        handed_on_asleep.append(len(target.got))
        other.release(slept[0])

    calls.__class__ = Sleeper
    laptop.watched.on_pause = other_ends
    with Target() as target:
        forward = laptop.forwarder(target.url)
        Listener(calls, forward, laptop.watched.outside()).run(rounds=2)
    assert handed_on_asleep == [0]
    assert [got.body for got in target.taken] == [b"1", b"2"]


def test_a_sleep_without_another_client_changes_nothing(laptop: Laptop) -> None:
    laptop.receive(b"1", b"2")

    def slept(_got: Forwarded) -> int:
        laptop.watched.now_s += 31
        return 200

    with Target(slept) as target:
        laptop.listen(laptop.forwarder(target.url))
    assert [got.body for got in target.taken] == [b"1", b"2"]


def test_a_program_gets_the_bytes_and_what_they_are_about(laptop: Laptop, tmp_path: Path) -> None:
    out = tmp_path / "out"
    program = (
        "import os, sys; b = sys.stdin.buffer.read(); open(sys.argv[1], 'ab').write(b);"
        "sys.exit(3 if b == b'bad' else os.environ['AIWEBHOOK_EVENT'] != 'push')"
    )
    bad, *_ = laptop.receive(b"bad", b"\xff\x00good")
    laptop.listen(Executor([sys.executable, "-c", program, str(out)], {"PATH": "/usr/bin"}))
    assert out.read_bytes() == b"badbadbad\xff\x00good"
    assert laptop.watched.shown[0] == (bad, "exit 3")


def test_filters_pass_over_what_is_not_wanted(laptop: Laptop) -> None:
    laptop.receive(b"1")
    laptop.receive(b"2", event="issues")
    with Target() as target:
        laptop.listen(laptop.forwarder(target.url), event="issues")
        laptop.listen(laptop.forwarder(target.url))
    assert [got.body for got in target.taken] == [b"2"]


def test_a_client_pauses_as_the_server_says_where_no_poll_is_held(laptop: Laptop) -> None:
    """As on AWS, where a held request costs its seconds."""
    laptop.driver.waiting(holds_polls=False)
    calls = laptop.calls("client-1")

    class OfTheDriver(QuickCalls):
        """Asks the function whose polls are not held."""

        def poll(self, lease_epoch: int, *, wait_s: float = 0) -> Json:
            del wait_s
            path = f"/v1/channels/{self.channel}/deliveries?wait=20&lease_epoch={lease_epoch}"
            return laptop.driver.get(path).body

    calls.__class__ = OfTheDriver
    listener = Listener(calls, only_shown, laptop.watched.outside())
    laptop.watched.on_pause = lambda: laptop.receive(b"1")
    listener.run(rounds=2)
    assert laptop.watched.pauses == [5.0], "and none after what there was"
    assert len(laptop.watched.shown) == 1


def test_the_server_may_go_away_and_come_back(laptop: Laptop) -> None:
    laptop.receive(b"1")
    calls = laptop.calls("client-1")
    faults = iter((True, True, False, True, False))

    class Flaky(QuickCalls):
        """Reaches the server now and then."""

        def poll(self, lease_epoch: int, *, wait_s: float = 0) -> Json:
            refuse()
            return super().poll(lease_epoch, wait_s=wait_s)

        def acknowledge(self, lease_epoch: int, cursor: str, **more: Any) -> None:
            refuse()
            super().acknowledge(lease_epoch, cursor, **more)

    def refuse() -> None:
        if next(faults, False):
            raise Unavailable("No answer.", code="unreachable")

    calls.__class__ = Flaky
    Listener(calls, only_shown, laptop.watched.outside()).run(rounds=1)
    assert len(laptop.watched.shown) == 1
    assert len(laptop.watched.pauses) == 3
    assert sum("no delivery is lost" in hint for hint in laptop.watched.hints) == 2


def test_wrong_usage_is_reported_in_a_sentence(cli: CommandLine) -> None:
    for arguments in (
        ["--forward", "http://127.0.0.1:1", "--exec", "true"],
        ["--exec", "'"],
        ["--forward", "ftp://x"],
        ["--exec", ""],
    ):
        refused = cli("listen", *arguments)
        assert refused.code in (1, 2), arguments
        assert refused.err
        assert "Traceback" not in refused.err


def test_the_command_shows_what_came_since(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b'{"action": "\x1b[2Jopened"}'.replace(b"\x1b", b"\\u001b")
    delivery_id = receive(cli.driver, body, event="issues").delivery_id
    run = Listener.run

    def once(self: Listener, *, rounds: int | None = None) -> None:
        del rounds
        run(self, rounds=1)

    monkeypatch.setattr(Listener, "run", once)
    in_words = cli("listen", "--replay", "1h", "--channel", any_name("channel"))
    as_json = cli("listen", "--replay", "1h", "--channel", any_name("channel"), "--json")

    assert delivery_id in in_words.out
    assert "\x1b" not in in_words.out
    shown = json.loads(as_json.out.splitlines()[0])
    assert (shown["delivery_id"], shown["outcome"]) == (delivery_id, "done")
    assert "Listening on channel" in in_words.err


def test_a_line_tells_the_verdict_and_no_control_characters() -> None:
    told = {
        "received_at": "2026-11-29T14:03:11.204Z",
        "source": "github",
        "event": "issues",
        "action": "labeled\x1b[2J",
        "repository": "octo/tree",
        "size": 1200,
        "delivery_id": "in_1",
        "replayed": True,
        "conflict": True,
    }
    line = listen.line_of_delivery(told, Attempted(verdict=Verdict.DONE, reason="HTTP 200"))
    assert line.startswith("14:03:11  github  issues labeled")
    assert "again  HTTP 200  its GUID came before" in line
    assert "\x1b" not in line


def test_on_80_columns_a_line_stays_one_line_and_its_id_can_be_given_back(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b'{"action": "labeled", "repository": {"full_name": "octo-org/a-forest-of-trees"}}'
    delivery_id = receive(cli.driver, body, event="issues").delivery_id
    run = Listener.run

    def once(self: Listener, *, rounds: int | None = None) -> None:
        del rounds
        run(self, rounds=1)

    monkeypatch.setattr(Listener, "run", once)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")  # one that is dumb has no line that changes
    with on_a_terminal(columns=80) as shown:
        run_command_line(("listen", "--print", "--replay", "1h", "--channel", any_name("channel")))
    told = shown()
    [line] = [each for each in told.splitlines() if "a-forest-of-trees" in each]
    line = plain_line(line)
    assert len(line) <= 80
    assert "HTTP" not in line
    assert "shown" in line
    short = f"…{delivery_id[-6:]}"
    assert short in line
    assert "1 handed on, 0 failed" in told
    monkeypatch.setenv("COLUMNS", "200")
    assert cli("deliveries", "body", short).out == body.decode()
