"""Chats that follow, clients that write, and the accounting of who was told what."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiwebhook.client import Client, RetryPolicy
from aiwebhook.domain.cursors import EVENTS, decode_cursor
from tests.kill.ledger import Ledger, Write
from tests.kill.nemesis import Toll
from tests.kill.patient import Patient
from tests.support.fake_chat import ChatReceiver, FakeChat, Fault
from tests.support.tenant import Tenant

Json = dict[str, Any]
Place = tuple[int, int]
KIND = "memory.stored"
SESSIONS = ("first", "second")
_SPREAD_S = 5.0
CLUMSY = (Fault.BUSY, Fault.EARLY, Fault.LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """How far it is: the writes of each project are spread over all kills."""

    toll: Toll
    kills: int
    writes: int

    def wait(self, number: float, more_s: float) -> None:
        """Until it is time for the write of this number, and a little longer: the next victim is to
        be met at work.
        """
        pause = threading.Event()
        while self.toll.kills.total() * self.writes < number * self.kills:
            pause.wait(0.1)
        pause.wait(more_s)


@dataclass(slots=True, kw_only=True)
class Household:
    """A project, its chats, and the cursor of before the storm. Half of the chats follow one of its
    two sessions alone.
    """

    tenant: Tenant
    chats: list[FakeChat]
    ledger: Ledger = field(default_factory=Ledger)
    start: str = ""

    def settle(self) -> None:
        """Open the sessions, and have every chat follow."""
        for session_id in SESSIONS:
            self.tenant.session(session_id)
        self.start = self.chats[0].result("events/poll", {"name": KIND})["cursor"]
        for chat in self.chats:
            chat.hook.late_s = 0.5
            chat.subscribed(KIND, arguments=self.arguments(chat))

    def subscribe_again(self) -> None:
        """Every chat, with the secret it has: what waits for its receiver is sent at once."""
        for chat in self.chats:
            chat.subscribe(KIND, arguments=self.arguments(chat))

    def arguments(self, chat: FakeChat) -> Json:
        """What the chat follows."""
        number = self.chats.index(chat)
        return {"session_id": SESSIONS[number % 4 // 2]} if number % 2 else {}

    def live(self, rng: random.Random, storm: Storm) -> None:
        """Its writes, each until it is acknowledged; now and then a chat subscribes anew."""
        policy = RetryPolicy(attempts=1)
        url, key = self.tenant.client.base_url, self.tenant.key
        try:
            with Client(url, api_key=key, retry=policy, timeout_s=20) as client:
                patient = Patient(self.ledger, client, key, number=0)
                for number in range(storm.writes):
                    storm.wait(number + rng.random(), rng.uniform(0, _SPREAD_S))
                    self._write(patient, rng)
                    if rng.random() < 0.3:
                        self._refresh(rng)
        except Exception as error:  # noqa: BLE001 a thread must hand its error over
            self.ledger.unexpected.append(f"{type(error).__name__}: {error}")

    def _write(self, patient: Patient, rng: random.Random) -> None:
        session_id = rng.choice(SESSIONS)

        def data(marker: str) -> Json:
            return {"type": "note", "key": marker, "content": marker}

        def as_a_resource(write: Write, key: str) -> Json:
            path = f"/v1/sessions/{session_id}/memories"
            return {"data": patient.client.post(path, write.data, key=key)["data"]}

        send = as_a_resource if rng.random() < 0.5 else None
        patient.write("memory", "store_memory", session_id, data, send)

    def _refresh(self, rng: random.Random) -> None:
        """Under a secret of its own now and then. It may fail: the subscription stays as it was."""
        chat = rng.choice(self.chats)
        chat.hook.script.extend(rng.choices((None, None, *CLUMSY), k=3))
        try:
            chat.subscribe(KIND, arguments=self.arguments(chat))
        except (OSError, ValueError):
            self.ledger.refusals["refresh not answered"] += 1

    def events(self) -> list[Json]:
        """What happened, in the order of the log."""
        return self.tenant.sql(
            "SELECT event_name(event_id, created_at, event_no) AS event_id, session_id, seq,"
            " xid::text AS xid, event_no, data ->> 'key' AS key"
            " FROM events e WHERE project_id = %(project_id)s AND type = 'memory.stored'"
            " ORDER BY e.xid, event_no"
        )


def households(tenants: list[Tenant], receiver: ChatReceiver, *, chats: int) -> Iterator[Household]:
    """One for each project."""
    for tenant in tenants:
        server = f"{tenant.client.base_url}/mcp"
        made = [
            FakeChat(server=server, token=tenant.key, hook=receiver.hook()) for _ in range(chats)
        ]
        yield Household(tenant=tenant, chats=made)


def found(household: Household) -> dict[str, list[str]]:
    """What must be empty."""
    wrong = defaultdict[str, list[str]](list)
    wrong["clients"] += household.ledger.unexpected
    events = household.events()
    stored = {event["key"] for event in events}
    wrong["lost writes"] += [
        w.marker for w in household.ledger.acknowledged("memory") if w.marker not in stored
    ]
    for chat in household.chats:
        _look_at(household, chat, events, wrong)
    _poll(household, events, wrong)
    return {name: each for name, each in wrong.items() if each}


def _look_at(
    household: Household, chat: FakeChat, events: list[Json], wrong: dict[str, list[str]]
) -> None:
    only = household.arguments(chat).get("session_id")
    places = {
        e["event_id"]: (int(e["xid"]), e["event_no"])
        for e in events
        if only in {None, e["session_id"]}
    }
    bodies = defaultdict[str, set[bytes]](set)
    had: set[str] = set()
    for arrival in chat.hook.posts:
        event = arrival.document
        bodies[arrival.headers["webhook-id"]].add(arrival.body)
        if not arrival.verified:
            wrong["not verified"].append(event["eventId"])
        if arrival.fault is None or arrival.fault is Fault.LATE:
            had.add(event["eventId"])
        missing = [i for i, place in places.items() if place <= _place(event) and i not in had]
        # At a fault the receiver has refused this very event: what is said of it holds afterwards.
        wrong["before its cursor and not had"] += [i for i in missing if i != event["eventId"]]
    wrong["lost"] += sorted(places.keys() - had)
    wrong["not followed"] += sorted(had - places.keys())
    wrong["one id, two bodies"] += [name for name, each in bodies.items() if len(each) > 1]


def _place(event: Json) -> Place:
    xid, event_no = decode_cursor(EVENTS, event["cursor"])
    return int(xid), event_no


def _poll(household: Household, events: list[Json], wrong: dict[str, list[str]]) -> None:
    """From the cursor of before the storm, in pages: each once, and each session in its order."""
    polled: list[Json] = []
    cursor, more = household.start, True
    while more:
        page = household.chats[0].result(
            "events/poll", {"name": KIND, "cursor": cursor, "maxEvents": 7}
        )
        polled += page["events"]
        cursor, more = page["cursor"], page["hasMore"]
        wrong["truncated"] += [cursor] if page["truncated"] else []
    ids = [event["eventId"] for event in polled]
    if ids != [event["event_id"] for event in events]:
        wrong["polled otherwise"].append(f"{len(ids)} of {len(events)}")
    for session_id in SESSIONS:
        seqs = [e["data"]["seq"] for e in polled if e["data"]["session_id"] == session_id]
        if seqs != sorted(seqs):
            wrong["not in order"].append(f"{household.tenant.project_id} {session_id}: {seqs}")
