"""Whatever happens in whatever order, readers are told what a small model of them says.

At least once until acknowledged, never afterwards, oldest first, at most five times; news of other
sessions once per person, with the same bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiwebhook.commands.base import Reply
from tests.support.commands import CommandDriver, any_name

SESSIONS = (0, 1, 2)
READERS = (None, "walk", "desk")
STEPS = st.one_of(
    st.tuples(st.just("finish"), st.sampled_from(SESSIONS)),
    st.tuples(st.just("reply"), st.sampled_from(SESSIONS), st.sampled_from(READERS)),
    st.tuples(st.just("look"), st.sampled_from(SESSIONS), st.sampled_from(READERS)),
    st.tuples(st.just("nowhere"), st.sampled_from(READERS)),
    st.tuples(
        st.just("ack"), st.sampled_from(SESSIONS), st.sampled_from(READERS), st.integers(0, 3)
    ),
    st.tuples(st.just("ids"), st.sampled_from(READERS), st.sets(st.integers(0, 9), max_size=3)),
)


@dataclass(slots=True)
class News:
    """One finished task, and who knows of it."""

    event_id: str
    session: int
    seq: int
    settled: bool = False
    """Acknowledged by any conversation."""
    times: int = 0
    """Told elsewhere."""


@dataclass(slots=True)
class Conversation:
    """One reader in one session."""

    acked: set[str] = field(default_factory=set[str])
    times: dict[str, int] = field(default_factory=dict[str, int])
    cursors: list[int] = field(default_factory=list[int])
    """What its replies gave."""


class Model:
    """What the documents promise, without a database."""

    def __init__(self) -> None:
        self.news: list[News] = []
        self.readers: dict[tuple[int, str | None], Conversation] = {}

    def conversation(self, session: int, reader: str | None) -> Conversation:
        """A new one begins where any has acknowledged."""
        known = self.readers.get((session, reader))
        if known is not None:
            return known
        others = [c for (where, _), c in self.readers.items() if where == session]
        return Conversation(acked=set[str]().union(*(c.acked for c in others)))

    def updates(self, session: int, one: Conversation) -> list[tuple[str, int]]:
        found = [n for n in self.news if n.session == session and n.event_id not in one.acked]
        times = [(n.event_id, one.times.get(n.event_id, 0)) for n in found]
        return [(name, told + 1) for name, told in times if told < 5][:20]

    def elsewhere(self, session: int | None) -> list[tuple[str, int]]:
        found = [n for n in self.news if n.session != session and not n.settled and n.times < 5]
        return [(n.event_id, n.times + 1) for n in found][:3]

    def counted(self, session: int | None, reader: str | None, reply: Reply) -> None:
        """The reply is there: what it told is one more time."""
        for item in reply.elsewhere:
            self.of(item["id"]).times += 1
        if session is None:
            return
        one = self.readers.setdefault((session, reader), self.conversation(session, reader))
        for update in reply.updates:
            one.times[update["id"]] = update["times"]
            if update["times"] == 5:
                self.of(update["id"]).times = 5
        if reply.cursor is not None:
            one.cursors.append(reply.cursor)

    def acknowledge(self, session: int, reader: str | None, cursor: int) -> None:
        one = self.readers.setdefault((session, reader), self.conversation(session, reader))
        for news in self.news:
            if news.session == session and news.seq <= cursor:
                news.settled = True
                one.acked.add(news.event_id)

    def of(self, event_id: str) -> News:
        return next(n for n in self.news if n.event_id == event_id)


def check(model: Model, session: int | None, one: Conversation | None, reply: Reply) -> None:
    """The reply is what the model says, in its order, with its counts."""
    expected = [] if session is None or one is None else model.updates(session, one)
    assert [(u["id"], u["times"]) for u in reply.updates] == expected
    elsewhere = model.elsewhere(session)
    assert [(item["id"], item["times"]) for item in reply.elsewhere] == elsewhere
    open_elsewhere = [n for n in model.news if n.session != session and not n.settled]
    assert reply.elsewhere_more == len(open_elsewhere) - len(elsewhere)
    if session is None or one is None:
        return
    unacked = [n for n in model.news if n.session == session and n.event_id not in one.acked]
    assert reply.updates_more == len(unacked) - len(expected)
    told = {name for name, _ in expected}
    untold = [n for n in unacked if one.times.get(n.event_id, 0) < 5 and n.event_id not in told]
    assert all(n.seq > (reply.cursor or 0) for n in untold)


@pytest.mark.req("N5")
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, max_size=40))
def test_readers_are_told_what_the_model_says(
    driver: CommandDriver, steps: list[tuple[object, ...]]
) -> None:
    """On a project of its own per example; driver gives the database."""
    one = CommandDriver(driver.dsn, project_id=any_name("readers"))
    model = Model()
    try:
        for session in SESSIONS:
            one.session(f"s{session}")
            model.readers[session, None] = Conversation()
        for step in steps:
            take(one, model, step)
    finally:
        one.close()


def take(one: CommandDriver, model: Model, step: tuple[object, ...]) -> None:
    """Do one step and compare."""
    match step:
        case ("finish", int(session)):
            event_id = one.finish(f"t{len(model.news)}", f"s{session}")
            seq = one.events(f"s{session}")[-1][0]
            model.news.append(News(event_id=event_id, session=session, seq=seq))
        case ("reply", int(session), reader):
            reply = one.send("list_tasks", f"s{session}", reader=reader)
            check(model, session, model.conversation(session, name(reader)), reply)
            model.counted(session, name(reader), reply)
        case ("look", int(session), reader):
            reply = one.send("list_tasks", f"s{session}", reader=reader, safe=True)
            check(model, session, model.conversation(session, name(reader)), reply)
        case ("nowhere", reader):
            reply = one.send("list_sessions", reader=reader)
            check(model, None, None, reply)
            model.counted(None, None, reply)
        case ("ack", int(session), reader, int(back)):
            cursors = model.conversation(session, name(reader)).cursors
            if not cursors:
                return
            cursor = cursors[-1 - min(back, len(cursors) - 1)]
            model.acknowledge(session, name(reader), cursor)
            reply = one.send("list_tasks", f"s{session}", reader=reader, ack=cursor)
            check(model, session, model.conversation(session, name(reader)), reply)
            model.counted(session, name(reader), reply)
        case ("ids", reader, places):
            acknowledge_singly(one, model, name(reader), cast("set[int]", places))
        case _:
            raise AssertionError(step)


def acknowledge_singly(
    one: CommandDriver, model: Model, reader: str | None, places: set[int]
) -> None:
    chosen = [model.news[p] for p in sorted(places) if p < len(model.news)]
    if not chosen:
        return
    for session in {news.session for news in chosen}:
        known = model.conversation(session, reader)
        model.readers[session, reader] = known
    for news in chosen:
        news.settled = True
        model.readers[news.session, reader].acked.add(news.event_id)
    reply = one.send("ack_updates", None, {"ids": [n.event_id for n in chosen]}, reader=reader)
    check(model, None, None, reply)
    model.counted(None, None, reply)


def name(reader: object) -> str | None:
    assert reader is None or isinstance(reader, str)
    return reader
