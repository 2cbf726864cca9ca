"""Why a task is not running yet: one sentence, a place in the queue, an estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import floor
from typing import Any

from aiwebhook.domain.counted import counted

PLACES_COUNTED_UP_TO = 1000  # places in the queue; beyond that nobody needs the exact number


class WaitReason(StrEnum):
    """Why a task does not run yet; `queue.reason` of the API."""

    DEPENDENCY = "dependency"
    """Another task must complete first."""
    NOT_BEFORE = "not_before"
    """Its time has not come."""
    RETRY = "retry"
    """An attempt failed; the next one waits for its back-off."""
    NO_WORKER = "no_worker"
    """Nobody who could run it is connected."""
    AT_CAP = "at_cap"
    """The agent runs as many tasks as it may."""
    TURN = "turn"
    """It will be claimed as soon as the dispatcher looks."""
    STARTING = "starting"
    """Claimed; the run has not reported in yet."""
    ANSWER = "answer"
    """It asked a question."""


_USUAL: Mapping[str, Any] = {
    "ready": True,
    "blockers": 0,
    "run_after": None,
    "attempts": 0,
    "cancel_requested": False,
    "agent_status": "available",
    "agent_reason": None,
    "agent_kind": None,
    "waits_for": (),
    "running": 0,
    "ahead": None,
    "last_error": None,
    "median_run_s": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSituation:
    """What the queue knows about one task at one moment."""

    status: str
    ready: bool
    blockers: int
    run_after: datetime | None
    attempts: int
    cancel_requested: bool
    agent_name: str
    max_concurrent: int
    agent_status: str
    agent_kind: str | None
    agent_reason: str | None
    """Why its status is what it is, when there is more to say than the status."""
    waits_for: Sequence[str]
    running: int
    ahead: int | None
    """Ready tasks before it, counted up to COUNTED_UP_TO; None when it is not ready."""
    last_error: str | None
    """What the newest attempt that ended said of its failure."""
    median_run_s: float | None
    """Of the agent's last completed runs; None when there is none."""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> TaskSituation:
        """From the JSON of a task's answer, in which what is nothing, false or null may
        be left out.
        """
        fields: dict[str, Any] = {**_USUAL, **facts}
        if fields["run_after"] is not None:
            fields["run_after"] = datetime.fromisoformat(fields["run_after"])
        return cls(**fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The explanation. `position` 1 is next; `estimate_s` until it starts, None when
    nobody can know.
    """

    reason: WaitReason
    explanation: str
    position: int | None = None
    estimate_s: int | None = None
    until: datetime | None = None
    waits_for: Sequence[str] = ()
    warning: str | None = None
    """What is known to make the task fail once it starts; it is tried all the same."""


def explain_waiting(situation: TaskSituation) -> Waiting | None:
    """Why it does not run; None when it does, or has ended."""
    waiting = _explain(situation)
    if waiting is None or situation.agent_status != "error":
        return waiting
    return replace(waiting, warning=situation.agent_reason)


def _explain(situation: TaskSituation) -> Waiting | None:
    if situation.status == "input_required":
        return Waiting(
            reason=WaitReason.ANSWER, explanation="It asked a question and waits for the answer."
        )
    if situation.status == "claimed":
        return Waiting(
            reason=WaitReason.STARTING, explanation="Its run is being started.", estimate_s=0
        )
    if situation.status != "pending":
        return None
    if situation.blockers > 0:
        return _for_others(situation)
    if situation.run_after is not None:
        return _for_its_time(situation, situation.run_after)
    return _for_its_turn(situation)


def _for_others(situation: TaskSituation) -> Waiting:
    names = ", ".join(situation.waits_for[:5]) + (", …" if len(situation.waits_for) > 5 else "")
    return Waiting(
        reason=WaitReason.DEPENDENCY,
        explanation=f"It waits until {names} completed.",
        waits_for=tuple(situation.waits_for),
    )


def _for_its_time(situation: TaskSituation, run_after: datetime) -> Waiting:
    moment = run_after.strftime("%Y-%m-%d %H:%M:%S UTC")
    if situation.attempts > 0:
        why = f": {situation.last_error.rstrip('.')}" if situation.last_error else ""
        text = f"Attempt {situation.attempts} did not succeed{why}. Tried again after {moment}."
        return Waiting(reason=WaitReason.RETRY, explanation=text, until=run_after)
    text = f"It may not start before {moment}."
    return Waiting(reason=WaitReason.NOT_BEFORE, explanation=text, until=run_after)


def _for_its_turn(situation: TaskSituation) -> Waiting:
    ahead = situation.ahead or 0
    position = ahead + 1
    if situation.agent_status == "offline":
        return Waiting(
            reason=WaitReason.NO_WORKER,
            explanation=f"No worker for agent {situation.agent_name} is connected.",
            position=position,
        )
    free = situation.max_concurrent - situation.running
    if ahead < free:
        return Waiting(
            reason=WaitReason.TURN, explanation="It is next.", position=position, estimate_s=0
        )
    number = f"more than {PLACES_COUNTED_UP_TO}" if ahead >= PLACES_COUNTED_UP_TO else str(ahead)
    return Waiting(
        reason=WaitReason.AT_CAP,
        explanation=f"Agent {situation.agent_name} runs {situation.running} of at most "
        f"{counted(situation.max_concurrent, 'task')}; before this one: {number}.",
        position=position,
        estimate_s=_estimate(situation, ahead - free),
    )


def _estimate(situation: TaskSituation, behind: int) -> int | None:
    """Whole rounds of the agent's slots, half a run until the first slot comes free."""
    if situation.median_run_s is None:
        return None
    rounds = floor(behind / situation.max_concurrent) + 0.5
    return round(rounds * situation.median_run_s)
