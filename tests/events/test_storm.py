"""SIGKILLs while two hundred chats follow: none loses an event, and no id has two bodies."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from aiwebhook_local.stack import SOURCE_ROOT
from tests.events.settings import EventsSettings
from tests.events.storm import Household, Storm, found, households
from tests.kill.kill_points import KillPoints
from tests.kill.nemesis import Nemesis, Toll
from tests.kill.processes import StackProcesses
from tests.kill.schedule import Schedule
from tests.kill.storm_stack import StormStack
from tests.support.fake_chat import chat_receiver
from tests.support.living import living_in
from tests.support.tenant import rows, tenant
from tests.support.tls import Tls

SETTINGS = EventsSettings.from_env()
PROJECTS, CHATS = 20, 10
WRITES = 4 if SETTINGS.sample else 18
"""Of each project: with ten chats each, 20 would use up the wakes of its principal."""
DRAIN_S, REFRESH_S = 240, 20
WAITING = (
    "SELECT endpoint_id, status, attempts, log::text, next_attempt_at::text, leased_until::text,"
    " now()::text FROM deliveries"
    " WHERE project_id = ANY(%(names)s) AND status <> 'delivered' LIMIT 20"
)
SETTLED = frozenset({"delivered"})
WEIGHTS = {
    "notifier, while delivering": 28,
    "notifier": 14,
    "relay, committed but not published": 12,
    "session_api, committed but not published": 12,
    "session_api": 8,
    "relay": 8,
    "reaper": 4,
    "Postgres (immediate)": 10,
    "front": 2,
    "stack's supervisor": 2,
}


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    return Tls(tmp_path, name="127.0.0.1")


@pytest.fixture
def stack(tmp_path: Path, tls: Tls) -> Iterator[StormStack]:
    with StormStack(tmp_path, authority=tls.authority) as running:
        yield running
    assert living_in(tmp_path) == [], "processes outlived the stack"


@pytest.mark.events
@pytest.mark.timeout(1500)
@pytest.mark.req("N3", "N6")
def test_no_kill_loses_an_event_or_gives_an_id_two_bodies(
    stack: StormStack, tls: Tls, capfd: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as opened:
        receiver = opened.enter_context(chat_receiver(tls.server))
        tenants = [opened.enter_context(tenant(stack)) for _ in range(PROJECTS)]
        homes = list(households(tenants, receiver, chats=CHATS))
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(Household.settle, homes))
        toll = rage(stack, homes)
        statuses, waiting = drained(stack, homes)
        wrong = {home.tenant.project_id: found(home) for home in homes}
        report = counted(homes, toll) | {"deliveries": statuses, "waiting": waiting}
    with capfd.disabled():
        publish(report | {"found": {name: each for name, each in wrong.items() if each}})
    assert set(statuses) <= SETTLED
    assert not any(wrong.values())
    assert toll.kills.total() == SETTINGS.kills


def rage(stack: StormStack, homes: list[Household]) -> Toll:
    """Everybody writes and follows while processes are killed; the last answer of each is had."""
    points = KillPoints(stack.dsn, StackProcesses(stack))
    with ThreadPoolExecutor(len(homes)) as pool, Schedule(stack), points:
        nemesis = Nemesis(stack, points, None, seed=SETTINGS.seed)
        storm = Storm(toll=nemesis.toll, kills=SETTINGS.kills, writes=WRITES)
        living = [
            pool.submit(home.live, random.Random(f"{SETTINGS.seed}/{number}"), storm)
            for number, home in enumerate(homes)
        ]
        toll = nemesis.rage(seed=SETTINGS.seed, kills=SETTINGS.kills, weights=WEIGHTS)
        for each in living:
            each.result()
    return toll


def drained(stack: StormStack, homes: list[Household]) -> tuple[Counter[str], list[Any]]:
    """Deliveries by status once none waits, and those that wait for ever. The reaper ticks
    meanwhile, and every chat subscribes again: a receiver that failed often enough would else be
    asked after minutes only.
    """
    names = [each.tenant.project_id for each in homes]
    query = (
        "SELECT status, count(*) AS n FROM deliveries WHERE project_id = ANY(%(names)s)"
        " GROUP BY status UNION ALL SELECT 'in the outbox', count(*) FROM outbox"
    )
    started, pause, again = time.monotonic(), threading.Event(), REFRESH_S
    with Schedule(stack):
        while True:
            counts = rows(stack.dsn, query, names=names)
            statuses = +Counter({row["status"]: row["n"] for row in counts})
            over = time.monotonic() - started
            if set(statuses) <= SETTLED or over > DRAIN_S:
                return statuses, rows(stack.dsn, WAITING, names=names)
            if over > again:
                again += REFRESH_S
                with ThreadPoolExecutor(4) as pool:
                    list(pool.map(Household.subscribe_again, homes))
            pause.wait(0.5)


def counted(homes: list[Household], toll: Toll) -> dict[str, Any]:
    """The table of the report."""
    chats = [chat for home in homes for chat in home.chats]
    return {
        "seed": SETTINGS.seed,
        "kills": {**dict(sorted(toll.kills.items())), "all": toll.kills.total()},
        "victims that did not appear": dict(toll.missed),
        "left committed and not published": toll.left_unpublished,
        "queues purged": toll.purges,
        "subscriptions": len(chats),
        "writes": sum(len(home.ledger.writes) for home in homes),
        "requests": sum(write.tries for home in homes for write in home.ledger.writes),
        "events shown": sum(len(chat.hook.shown) for chat in chats),
        "posts": sum(len(chat.hook.posts) for chat in chats),
    }


def publish(report: dict[str, Any]) -> None:
    """The counters are the result."""
    text = json.dumps(report, indent=1, ensure_ascii=False)
    (SOURCE_ROOT / ".local").mkdir(exist_ok=True)
    (SOURCE_ROOT / ".local/events-storm.json").write_text(text)
    sys.stdout.write(f"\n{text}\n")
