"""Fairness between sessions, judged by counting claims: nothing here knows how a claim decides.

A ready task that is the k-th of its session's in its lane (agent and priority) is claimed within
k + 1 turns of m claims of the lane, m being the sessions that have ready tasks there meanwhile:
its own turns, and the one that is going on when it comes. (Not k: whoever came first in a turn
would have to be remembered when its tasks are gone, or it could come first again and again.)

Not counted are claims of tasks that were handed back: they had their turn. A cancelled task that
stood before it still counts: turns are given out when tasks become ready, not saved up.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from aiwebhook.domain.attempt import ErrorClass, FailureReport
from aiwebhook.ports.queue_rows import ClaimedTask, Completion
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.fail_run import fail_run, release_run
from tests.support.queue import QueueDriver, any_name

AGENT = "busy"
SESSIONS = ("s1", "s2", "s3")


@dataclass(slots=True, kw_only=True)
class Waiter:
    """A task that became ready."""

    lane: int
    session: str
    turns: int
    rivals: set[str]
    passed_by: int = 0

    @property
    def bound(self) -> int:
        return (self.turns + 1) * len(self.rivals)


class Oracle:
    """Who waits, for how long, and behind whom."""

    def __init__(self) -> None:
        self.waiters: dict[str, Waiter] = {}
        self._gone: defaultdict[tuple[int, str], int] = defaultdict(int)

    def became_ready(self, names: list[str], *, lane: int, session: str) -> None:
        """Tasks of one session, at one moment: each stands behind all of them."""
        of_lane = [w for w in self.waiters.values() if w.lane == lane]
        own = sum(w.session == session for w in of_lane)
        if own == 0:
            self._gone[lane, session] = 0
        turns = own + len(names) + self._gone[lane, session]
        for waiter in of_lane:
            waiter.rivals.add(session)
        for name in names:
            rivals = {w.session for w in of_lane} | {session}
            self.waiters[name] = Waiter(lane=lane, session=session, turns=turns, rivals=rivals)

    def claimed(self, name: str) -> None:
        """Everybody else of the lane was passed by."""
        waiter = self.waiters.pop(name, None)
        if waiter is None:
            return  # handed back before
        for other in self.waiters.values():
            other.passed_by += other.lane == waiter.lane

    def left(self, name: str) -> None:
        """Cancelled while it waited."""
        waiter = self.waiters.pop(name, None)
        if waiter is not None:
            self._gone[waiter.lane, waiter.session] += 1

    def check(self) -> None:
        """Nobody was passed by too often."""
        for name, waiter in self.waiters.items():
            assert waiter.passed_by < waiter.bound, (name, waiter)


class FairnessMachine(RuleBasedStateMachine):
    """Sessions with backlogs, newcomers, and one agent. Set `driver` on a subclass."""

    driver: ClassVar[QueueDriver]

    def __init__(self) -> None:
        super().__init__()
        self.queue = self.driver
        self.queue.project_id = any_name("project")
        self.queue.forget_sessions()
        self.queue.open_project()
        self.queue.agent(AGENT, max_concurrent=100)
        self.oracle = Oracle()
        self.resting: dict[str, tuple[int, str]] = {}
        self.where: dict[str, tuple[int, str]] = {}

    def delegate(self, session: str, lane: int, count: int) -> None:
        for _ in range(count):
            name = f"t{len(self.where)}"
            self.queue.enqueue(name, agent_name=AGENT, session_id=session, priority=lane)
            self.where[name] = (lane, session)
            self.oracle.became_ready([name], lane=lane, session=session)

    def claim(self, limit: int) -> tuple[ClaimedTask, ...]:
        claims = self.queue.claim(AGENT, limit=limit, worker_id="w1")
        ready = [self.where[name][0] for name in self.oracle.waiters]
        for claimed in claims:
            self.oracle.claimed(claimed.task_id)
        lanes = [self.where[c.task_id][0] for c in claims]
        assert lanes == sorted(lanes, reverse=True)
        assert not lanes or not ready or lanes[0] >= max(ready)
        return claims

    @rule(
        session=st.sampled_from(SESSIONS), lane=st.sampled_from((0, 0, 1)), count=st.integers(1, 6)
    )
    def backlog_grows(self, session: str, lane: int, count: int) -> None:
        self.delegate(session, lane, count)

    @rule(rounds=st.integers(1, 12), anew=st.booleans(), lane=st.sampled_from((0, 0, 1)))
    def newcomers_come_and_go(self, *, rounds: int, anew: bool, lane: int) -> None:
        """One task after the other, each of a session that has no backlog."""
        for number in range(rounds):
            self.delegate(f"n{number}" if anew else "n", lane, 1)
            self.work_off(1)
            self.oracle.check()

    @rule(limit=st.integers(1, 4))
    def work_off(self, limit: int) -> None:
        for claimed in self.claim(limit):
            complete_run(self.queue.store, claimed.lease, Completion(output={}))

    @rule()
    def hand_back(self) -> None:
        for claimed in self.claim(1):
            release_run(self.queue.store, claimed.lease)

    @rule()
    def fail_for_now(self) -> None:
        report = FailureReport(error_class=ErrorClass.NETWORK, message="it broke")
        for claimed in self.claim(1):
            ended = fail_run(self.queue.store, claimed.lease, report, random=lambda: 0.5)
            if ended.status == "pending":
                self.resting[claimed.task_id] = self.where[claimed.task_id]

    @precondition(lambda self: self.resting)
    @rule()
    def back_offs_end(self) -> None:
        self.queue.let_wait_pass()
        self.queue.store.ready_due_tasks(limit=100)
        for lane, session in sorted(set(self.resting.values())):
            names = [n for n, place in self.resting.items() if place == (lane, session)]
            self.oracle.became_ready(names, lane=lane, session=session)
        self.resting.clear()

    @precondition(lambda self: self.oracle.waiters)
    @rule(number=st.integers(0, 50))
    def cancel(self, number: int) -> None:
        names = list(self.oracle.waiters)
        name = names[number % len(names)]
        self.queue.cancel(name)
        self.oracle.left(name)

    @invariant()
    def nobody_is_passed_by_too_often(self) -> None:
        self.oracle.check()

    def teardown(self) -> None:
        self.queue.drop_project()


def fairness_on(queue: QueueDriver) -> type[FairnessMachine]:
    """A machine of its own for one test."""

    class Machine(FairnessMachine):
        driver: ClassVar[QueueDriver] = queue

    return Machine
