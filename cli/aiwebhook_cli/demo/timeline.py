"""The hops of one task, from the commit of its command to the arrival of the callback. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One step: `ms` since the task was accepted, `step_ms` since the hop before; never < 0."""

    name: str
    what: str
    ms: int
    step_ms: int


_HOPS = (
    ("accepted", "the command is committed"),
    ("queued", "its wake-up is in the agent's queue, the answer is out"),
    ("claimed", "the dispatcher holds a lease on it"),
    ("launched", "ECS has taken the run"),
    ("first heartbeat", "the runner has its input"),
    ("finished", "the result is committed"),
    ("callback received", "signed, and the signature holds"),
)


def hops_of(
    task: Mapping[str, Any], *, answered_at: datetime, called_back_at: datetime
) -> tuple[Hop, ...]:
    """The hops of a finished task's last attempt.

    `task` is the data of `get_task`. The database and this process share the machine's clock.
    """
    moments = {
        "accepted": _moment(task["created_at"]),
        "queued": answered_at,
        "claimed": _moment(task.get("claimed_at")),
        "launched": _moment(task.get("launched_at")),
        "first heartbeat": _moment(task.get("started_at")),
        "finished": _moment(task.get("finished_at")),
        "callback received": called_back_at,
    }
    return _steps(moments)


def _steps(moments: Mapping[str, datetime | None]) -> tuple[Hop, ...]:
    start = moments["accepted"]
    assert start is not None, "every task has a creation time"
    known = [(name, what, moment) for name, what in _HOPS if (moment := moments[name]) is not None]
    # The answer may reach the caller after the dispatcher claimed: tell it in order of time.
    known.sort(key=lambda hop: hop[2])
    hops: list[Hop] = []
    before = start
    for name, what, moment in known:
        hops.append(Hop(name=name, what=what, ms=_ms(start, moment), step_ms=_ms(before, moment)))
        before = max(before, moment)
    return tuple(hops)


def _ms(start: datetime, end: datetime) -> int:
    return max(0, round((end - start).total_seconds() * 1000))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
