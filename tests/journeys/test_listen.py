"""`aiwebhook listen` as a process of its own, against the running stack."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import pytest

from aiwebhook.client import Client
from aiwebhook_cli.listening.channel_calls import ChannelCalls
from aiwebhook_local.stack import StackInfo
from tests.journeys import test_github as github
from tests.support.commands import any_name
from tests.support.target import Forwarded, Target
from tests.support.tenant import rows
from tests.support.terminal import Terminal
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("W5")
FORM = "application/x-www-form-urlencoded"
BODIES: Sequence[tuple[bytes, str]] = [
    (github.PUSH, "application/json"),
    (urlencode({"payload": github.PUSH.decode()}).encode(), FORM),
    (b"\xff\xfe\x00 not text", "text/plain"),
]

WITH_LEASE = """
import sys
from aiwebhook_cli import listen
from aiwebhook_cli.main import run_command_line
listen.LISTENER_LEASE_S = int(sys.argv.pop(1))
sys.exit(run_command_line(sys.argv[1:]))
"""
REDEPLOYED = 10 if os.environ.get("RELAY_SIZE") == "whole" else 2  # noqa: TID251 the edge


class Listening:
    """A channel of the project that GitHub delivers to; it begins here."""

    def __init__(self, stack: StackInfo, client: Client, home: Path) -> None:
        self.stack = stack
        self.channel = any_name("journey")
        calls = ChannelCalls(
            client, channel=self.channel, holder="before-it", lease_s=30, wanted={}
        )
        calls.release(calls.claim()["lease_epoch"])
        self.env = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "HOME": str(home),
            "AIWEBHOOK_HOME": str(home / ".local"),
            "AIWEBHOOK_URL": stack.url,
            "AIWEBHOOK_API_KEY": stack.api_key,
        }

    def command(self, target: Target) -> list[str]:
        """What a laptop runs."""
        forward = ["--forward", f"{target.url}/hook", "--channel", self.channel]
        return [sys.executable, "-m", "aiwebhook_cli", "listen", *forward]

    def started(self, target: Target, *, lease_s: int = 30) -> subprocess.Popen[bytes]:
        command = self.command(target)
        if lease_s != 30:
            command[1:3] = ["-c", WITH_LEASE, str(lease_s)]
        return subprocess.Popen(
            command,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def deliver(self, body: bytes, media: str = "application/json") -> str:
        """As GitHub does; the delivery's id."""
        answer = github.deliver(self.stack, body, self.stack.github_secret, Content_Type=media)
        assert answer.status_code == 202, answer.text
        return answer.json()["delivery_id"]

    def is_free(self) -> bool:
        """Nobody holds it."""
        query = "SELECT leased_until <= now() AS free FROM channels WHERE channel = %(channel)s"
        return rows(self.stack.dsn, query, channel=self.channel)[0]["free"]

    def left(self) -> int:
        """How many deliveries the channel is not behind yet."""
        query = (
            "SELECT count(*) AS left FROM events e JOIN channels c ON e.project_id = c.project_id"
            " AND (e.xid, e.event_no) > (c.after_xid, c.after_no)"
            " WHERE c.channel = %(channel)s AND e.type = 'delivery.received'"
        )
        return rows(self.stack.dsn, query, channel=self.channel)[0]["left"]

    def lease_ends(self) -> None:
        """Half a minute later."""
        update = "UPDATE channels SET leased_until = now() WHERE channel = %(channel)s"
        rows(self.stack.dsn, update, channel=self.channel)


@pytest.fixture
def listening(stack: StackInfo, local_project: Client, tmp_path: Path) -> Listening:
    return Listening(stack, local_project, tmp_path)


def test_what_github_signed_reaches_a_program_behind_nat_and_is_counted_on_the_terminal(
    listening: Listening,
) -> None:
    missed = [listening.deliver(*sent) for sent in BODIES[:2]]
    with (
        Target() as target,
        Terminal(listening.command(target), listening.env, columns=120) as terminal,
    ):
        target.wait_for(2)
        live = listening.deliver(*BODIES[2])
        target.wait_for(3)
        eventually(lambda: "3 handed on, 0 failed" in terminal.text(), within_s=20)
        terminal.process.send_signal(signal.SIGINT)
        code = terminal.process.wait(timeout=20)

    assert [got.delivery_id for got in target.taken] == [*missed, live]
    assert [(got.body, got.headers["content-type"]) for got in target.taken] == BODIES
    assert {(got.method, got.path) for got in target.taken} == {("POST", "/hook")}
    assert all("x-hub-signature-256" in got.headers for got in target.taken)
    told = terminal.text()
    assert f"Listening on channel {listening.channel} of {listening.stack.url}" in told
    assert all(delivery_id in told for delivery_id in [*missed, live])
    assert code == 130
    assert "Traceback" not in told
    assert listening.is_free(), "Ctrl-C lets go of the channel"


def test_a_client_killed_before_the_target_answered_loses_nothing(listening: Listening) -> None:
    sent = {listening.deliver(b'{"n": %d}' % number): number for number in range(4)}
    ids = list(sent)
    laptops: list[subprocess.Popen[bytes]] = []

    def perhaps_killed(got: Forwarded) -> int | None:
        if got.delivery_id == ids[1] and len(laptops) == 1:
            os.kill(laptops[0].pid, signal.SIGKILL)
            laptops[0].wait(timeout=20)
            return None
        return 200

    with Target(perhaps_killed) as target:
        laptops.append(listening.started(target))
        assert laptops[0].wait(timeout=60) == -signal.SIGKILL
        assert not listening.is_free()
        listening.lease_ends()
        laptops.append(listening.started(target))
        target.wait_for(len(ids))
        laptops[1].send_signal(signal.SIGTERM)
        laptops[1].wait(timeout=20)

    assert [got.delivery_id for got in target.got] == [ids[0], ids[1], *ids[1:]]
    assert [got.delivery_id for got in target.taken] == ids
    assert [got.body for got in target.taken] == [b'{"n": %d}' % n for n in range(4)]


def test_a_laptop_that_slept_stands_by_behind_the_next_one(listening: Listening) -> None:
    laptops: list[subprocess.Popen[bytes]] = []
    with Target() as target:
        laptops.append(listening.started(target, lease_s=5))
        ids = [listening.deliver(b'{"n": %d}' % number) for number in range(2)]
        eventually(lambda: listening.left() == 0)
        laptops[0].send_signal(signal.SIGSTOP)
        # The poll that is held for the sleeper is answered with this one.
        ids.append(listening.deliver(b'{"n": 2}'))
        eventually(listening.is_free)
        laptops.append(listening.started(target))
        eventually(lambda: listening.left() == 0)

        laptops[0].send_signal(signal.SIGCONT)
        ids.append(listening.deliver(b'{"n": 3}'))
        eventually(lambda: listening.left() == 0)
        laptops[1].send_signal(signal.SIGINT)
        laptops[1].wait(timeout=20)
        ids.append(listening.deliver(b'{"n": 4}'))
        eventually(lambda: listening.left() == 0)
        laptops[0].send_signal(signal.SIGINT)
        laptops[0].wait(timeout=20)

    assert [got.delivery_id for got in target.taken] == ids


def test_ten_deployments_under_a_listener_lose_nothing(listening: Listening) -> None:
    stack = listening.stack
    aws_lambda = stack.aws.client("lambda")
    ids: list[str] = []
    with Target() as target:
        laptop = listening.started(target)
        for number in range(REDEPLOYED):
            ids.append(listening.deliver(b'{"n": %d}' % len(ids)))
            before = processes_below(stack.pids["front"])
            for function in ("relay", "session_api"):
                aws_lambda.update_function_configuration(
                    FunctionName=stack.functions[function], Description=f"release {number}"
                )
            ids.append(listening.deliver(b'{"n": %d}' % len(ids)))
            target.wait_for(len(ids), timeout_s=60)
            assert processes_below(stack.pids["front"]) - before, "new processes answered"
        laptop.send_signal(signal.SIGINT)
        assert laptop.wait(timeout=20) == 130

    assert [got.delivery_id for got in target.taken] == ids
    assert [got.body for got in target.taken] == [b'{"n": %d}' % n for n in range(len(ids))]


def processes_below(pid: int) -> set[int]:
    """Its children, and theirs."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found |= {child} | processes_below(child)
    return found
