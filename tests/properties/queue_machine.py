"""A model of the queue beside the real one: Hypothesis drives both, every step compares them.

What a run says is given by *any* lease ever handed out, most of them stale: a zombie of every
kind. The model knows which report must count; the database must agree, and hold the
invariants of docs/architecture.md.
"""

# reason: a Hypothesis machine is one class: rules, model and invariants share its state

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from aiwebhook.domain.attempt import (
    OVERDUE_ERROR,
    STALE,
    UNSTARTED_ERROR,
    ErrorClass,
    FailureReport,
    decide_refusal,
)
from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.stopped_run import StoppedRun, decide_stop
from aiwebhook.errors import LeaseLost, MessagesWaiting
from aiwebhook.ports.changes import TaskRef
from aiwebhook.ports.queue_rows import AgentRef, ClaimedTask, Completion, Remains, RunMemory
from aiwebhook.ports.run_reports import RunReport
from aiwebhook.usecases.add_run_artifact import ArtifactDraft, add_run_artifact
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.fail_run import fail_run, release_run
from aiwebhook.usecases.heartbeat import heartbeat
from aiwebhook.usecases.record_run_events import RunEvent, record_run_events
from aiwebhook.usecases.resolve_ended import resolve_ended
from aiwebhook.usecases.run_messages import run_messages
from aiwebhook.usecases.save_checkpoint import CheckpointDraft, save_checkpoint
from aiwebhook.usecases.start_run import start_run
from tests.properties.queue_checks import check_everything
from tests.support.fakes import InMemoryBlobStore
from tests.support.queue import KEYS, QueueDriver, any_name

LAST_WORDS = (
    *("beat", "fail", "complete", "release", "stop", "start"),
    *("checkpoint", "messages", "progress", "artifact", "refused"),
)
AGENTS = {"solo": 1, "team": 2}
SESSIONS = ("s1", "s2")
ENDED = frozenset({"completed", "failed", "cancelled"})
LEASED = frozenset({"claimed", "running"})
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class ModelTask:
    """What the task must look like."""

    agent: str
    session: str
    max_attempts: int
    depends_on: tuple[str, ...]
    status: str = "pending"
    epoch: int = 0
    claims: int = 0
    attempts: int = 0
    waits_for_time: bool = False
    cancel_requested: bool = False
    expired: bool = False
    worker: str | None = None
    endings: int = 0
    has_callback: bool = False
    unresolved: set[str] = field(default_factory=set[str])
    result: str | None = None
    checkpoint: str | None = None
    messages: list[int] = field(default_factory=list[int])
    used: dict[int, int] = field(default_factory=dict[int, int])
    """Tokens by lease epoch, as last reported."""

    @property
    def ready(self) -> bool:
        return self.status == "pending" and not self.unresolved and not self.waits_for_time


@dataclass(slots=True, kw_only=True)
class Effects:
    """What accepted reports must have left, and nothing else."""

    progress: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(session, line) in order."""
    artifacts: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """(session, content) by id."""
    memories: dict[tuple[str, str], list[str]] = field(
        default_factory=dict[tuple[str, str], list[str]]
    )

    def forget(self, session: str) -> None:
        """What goes with a session."""
        self.progress = [told for told in self.progress if told[0] != session]
        self.artifacts = {k: v for k, v in self.artifacts.items() if v[0] != session}
        self.memories = {k: v for k, v in self.memories.items() if k[0] != session}


GONE = ModelTask(agent="", session="", max_attempts=0, depends_on=(), status="gone", epoch=-1)


class QueueMachine(RuleBasedStateMachine):
    """Set `driver` on a subclass before running."""

    driver: ClassVar[QueueDriver]
    zombies: ClassVar[Counter[str]] = Counter()
    accepted: ClassVar[Counter[str]] = Counter()
    ghosts: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.queue = self.driver
        self.queue.project_id = any_name("project")
        self.queue.forget_sessions()
        self.tasks: dict[str, ModelTask] = {}
        self.claims: list[ClaimedTask] = []
        self.names = 0
        self.free_names: list[str] = []
        self.deleted_attempts: set[str] = set()
        self.newest_epoch = 0
        self.effects = Effects()
        self.told: dict[tuple[str, int], list[str]] = {}
        self.blobs = InMemoryBlobStore()

    @initialize(
        tasks=st.lists(
            st.tuples(
                st.sampled_from(SESSIONS),
                st.sampled_from(tuple(AGENTS)),
                st.integers(0, 1),
                st.booleans(),
            ),
            min_size=4,
            max_size=8,
        ),
        workers=st.booleans(),
    )
    def open_project(self, *, tasks: list[tuple[str, str, int, bool]], workers: bool) -> None:
        """A queue that is at work already: an empty one teaches little."""
        self.queue.open_project()
        for name, cap in AGENTS.items():
            self.queue.agent(name, max_concurrent=cap)
        self.queue.endpoint("https://example.com/all")
        for session, agent, priority, chained in tasks:
            self.delegate_task(
                session=session,
                agent=agent,
                priority=priority,
                max_attempts=1 + len(self.tasks) % 3,
                callback=chained,
                picks=[len(self.tasks) - 1] if chained and self.tasks else [],
            )
        for name in AGENTS:
            self.claim_tasks(name, limit=1, worker=workers)

    # ── helpers ───────────────────────────────────────────────────────────────────────────────────

    def new_name(self) -> str:
        self.names += 1
        return f"t{self.names}"

    def pick_task(self, number: int) -> str:
        return list(self.tasks)[number % len(self.tasks)]

    def pick_claim(self, number: int, *, zombie: bool) -> ClaimedTask:
        """A live lease or a dead one, whichever was asked for, if there is one. Of the dead ones
        those first whose task another run has: they are the dangerous ones.
        """
        fitting = [c for c in self.claims if self.is_current(c) != zombie] or self.claims
        ghosts = [c for c in fitting if self.is_ghost(c.lease)]
        fitting = ghosts if zombie and ghosts else fitting
        return fitting[number % len(fitting)]

    def task_of(self, lease: RunLease) -> ModelTask:
        """The task of that name, whether or not it is the one that was claimed."""
        return self.tasks.get(lease.task_id, GONE)

    def is_ghost(self, lease: RunLease) -> bool:
        task = self.task_of(lease)
        return task.epoch > lease.lease_epoch and task.status == "running"

    def is_current(self, claim: ClaimedTask) -> bool:
        task = self.task_of(claim.lease)
        return task.epoch == claim.lease_epoch and task.status in LEASED

    def is_running(self, lease: RunLease) -> bool:
        task = self.task_of(lease)
        return task.epoch == lease.lease_epoch and task.status == "running"

    def count(self, kind: str, lease: RunLease, *, live: bool) -> None:
        (self.accepted if live else self.zombies)[kind] += 1
        self.ghosts[kind] += self.is_ghost(lease)

    def end(self, task_id: str, status: str) -> None:
        task = self.tasks[task_id]
        task.status = status
        task.worker = None
        task.expired = False
        if status in ENDED:
            task.endings += 1
            task.waits_for_time = False
            task.checkpoint = None

    def tell_dependants(self, ended: list[str]) -> None:
        """As resolve_ended does, generation by generation."""
        while ended:
            failed: list[str] = []
            for name, task in self.tasks.items():
                if task.status != "pending" or not task.unresolved & set(ended):
                    continue
                broken = any(
                    self.tasks[e].status != "completed" for e in task.unresolved & set(ended)
                )
                task.unresolved -= set(ended)
                if broken:
                    failed.append(name)
            for name in failed:
                self.end(name, "failed")
            ended = failed

    def fate(self, task: ModelTask, *, charged: bool, retryable: bool, cancelled: bool) -> str:
        if task.cancel_requested or cancelled:
            return "cancelled"
        if not charged:
            return "pending"
        return "pending" if retryable and task.attempts < task.max_attempts else "failed"

    def end_attempt(
        self, task_id: str, *, charged: bool, retryable: bool, cancelled: bool, waits: bool
    ) -> str:
        task = self.tasks[task_id]
        fate = self.fate(task, charged=charged, retryable=retryable, cancelled=cancelled)
        task.attempts -= 0 if charged else 1
        self.end(task_id, fate)
        task.waits_for_time = fate == "pending" and waits
        return fate

    # ── doors ─────────────────────────────────────────────────────────────────────────────────────

    @rule(
        session=st.sampled_from(SESSIONS),
        agent=st.sampled_from(tuple(AGENTS)),
        priority=st.integers(0, 1),
        max_attempts=st.integers(1, 3),
        callback=st.booleans(),
        picks=st.lists(st.integers(0, 50), max_size=2),
    )
    def delegate(
        self,
        *,
        session: str,
        agent: str,
        priority: int,
        max_attempts: int,
        callback: bool,
        picks: list[int],
    ) -> None:
        self.delegate_task(
            session=session,
            agent=agent,
            priority=priority,
            max_attempts=max_attempts,
            callback=callback,
            picks=picks,
        )

    def delegate_task(
        self,
        *,
        session: str,
        agent: str,
        priority: int,
        max_attempts: int,
        callback: bool,
        picks: list[int],
    ) -> None:
        depends_on = tuple(dict.fromkeys(self.pick_task(n) for n in picks if self.tasks))
        name = self.free_names.pop(0) if self.free_names else self.new_name()
        refused = any(self.tasks[d].status in {"failed", "cancelled"} for d in depends_on)
        accepted = self.queue.try_enqueue(
            name,
            agent_name=agent,
            session_id=session,
            priority=priority,
            depends_on=depends_on,
            max_attempts=max_attempts,
            callback_url="https://example.com/task" if callback else None,
        )
        assert accepted != refused
        if refused:
            self.free_names.append(name)
        else:
            self.tasks[name] = ModelTask(
                agent=agent,
                session=session,
                max_attempts=max_attempts,
                depends_on=depends_on,
                has_callback=callback,
                unresolved={d for d in depends_on if self.tasks[d].status != "completed"},
            )

    @precondition(lambda self: self.tasks)
    @rule(number=st.integers(0, 50))
    def delegate_again(self, number: int) -> None:
        assert not self.queue.try_enqueue(self.pick_task(number), session_id="s1")

    @precondition(lambda self: self.tasks)
    @rule(number=st.integers(0, 50), crash=st.booleans())
    def cancel(self, *, number: int, crash: bool) -> None:
        name = self.pick_task(number)
        task = self.tasks[name]
        row = self.queue.cancel(name)
        assert (row is None) == (task.status in ENDED)
        if row is None:
            return
        if task.status in LEASED:
            task.cancel_requested = True
            return
        task.cancel_requested = True
        self.end(name, "cancelled")
        assert row["data"]["status"] == "cancelled"
        if not crash:
            ref = TaskRef(project_id=self.queue.project_id, task_id=name)
            resolve_ended(self.queue.store, self.queue.store.resolve_dependants([ref]))
            self.tell_dependants([name])

    @precondition(lambda self: self.tasks)
    @rule(number=st.integers(0, 50))
    def retry(self, number: int) -> None:
        bad = [n for n, t in self.tasks.items() if t.status in {"failed", "cancelled"}]
        name = bad[number % len(bad)] if bad and number % 4 else self.pick_task(number)
        task = self.tasks[name]
        dependencies = [self.tasks[d].status for d in task.depends_on]
        allowed = task.status in {"failed", "cancelled"} and not (
            {"failed", "cancelled"} & set(dependencies)
        )
        assert (self.queue.retry(name) is not None) == allowed
        if allowed:
            task.status = "pending"
            task.attempts = 0
            task.cancel_requested = False
            task.result = None
            task.unresolved = {d for d in task.depends_on if self.tasks[d].status != "completed"}

    @precondition(lambda self: self.tasks)
    @rule(number=st.integers(0, 50))
    def reply(self, number: int) -> None:
        self.reply_to(self.pick_task(number))

    def reply_to(self, name: str) -> None:
        task = self.tasks[name]
        row = self.queue.reply(name)
        assert (row is None) == (task.status in ENDED)
        if row is not None:
            task.messages.append(row["data"]["message_no"])

    # ── dispatcher and workers ────────────────────────────────────────────────────────────────────

    @rule(agent=st.sampled_from(tuple(AGENTS)), limit=st.integers(1, 3), worker=st.booleans())
    def claim(self, *, agent: str, limit: int, worker: bool) -> None:
        self.claim_tasks(agent, limit=limit, worker=worker)

    def claim_tasks(self, agent: str, *, limit: int, worker: bool) -> None:
        self.look(agent, limit=limit, settled=worker)
        running = sum(t.agent == agent and t.status in LEASED for t in self.tasks.values())
        room = max(0, min(limit, AGENTS[agent] - running))
        expected = self.queue.ready_in_order(agent)[:room]
        claims = self.queue.claim(agent, limit=limit, worker_id="w1" if worker else None)
        assert [c.task_id for c in claims] == expected
        epochs = {c.lease_epoch for c in claims}
        assert len(epochs) == len(claims)
        assert min(epochs, default=self.newest_epoch + 1) > self.newest_epoch  # in any life
        self.newest_epoch = max(epochs, default=self.newest_epoch)
        for claim in claims:
            task = self.tasks[claim.task_id]
            assert task.ready
            task.status = "running" if worker else "claimed"
            task.epoch = claim.lease_epoch
            task.claims += 1
            task.attempts += 1
            task.expired = False
            task.worker = "w1" if worker else None
            assert claim.attempt == task.attempts
        self.claims += claims

    def look(self, agent: str, *, limit: int, settled: bool) -> None:
        """What a dispatcher does before it claims; it gives back what it got."""
        store = self.queue.store
        ref = AgentRef(project_id=self.queue.project_id, agent_name=agent)
        found = store.reserve_launches(ref, older_than_s=300, limit=limit, settled=settled)
        own = [task for task in self.tasks.values() if task.agent == agent]
        leased = [task for task in own if task.status in LEASED]
        room = AGENTS[agent] - len(leased)
        assert found.claimable == max(0, min(limit, room, sum(task.ready for task in own)))
        assert found.stale == any(task.expired for task in leased)
        kept_back = not settled and (found.stale or found.due)
        assert found.launches == (0 if kept_back else found.claimable)
        store.hand_back_launches(found.launches)

    @precondition(lambda self: self.claims)
    @rule(number=st.integers(0, 50), zombie=st.booleans(), worker=st.sampled_from(("w1", "w2")))
    def start(self, *, number: int, zombie: bool, worker: str) -> None:
        claim = self.pick_claim(number, zombie=zombie)
        task = self.task_of(claim.lease)
        allowed = self.is_current(claim) and (
            task.status == "claimed" or (task.status == "running" and task.worker == worker)
        )
        self.count("start", claim.lease, live=allowed)
        try:
            run = start_run(
                self.queue.runs,
                task_id=claim.task_id,
                bootstrap_code=KEYS.bootstrap_code(claim.attempt_id),
                worker_id=worker,
                now=NOW,
            )
        except LeaseLost:
            assert not allowed
            return
        assert allowed
        assert KEYS.verify_lease_token(run.lease_token, NOW) == claim.lease
        assert (run.checkpoint and run.checkpoint.data) == (
            task.checkpoint and {"token": task.checkpoint}
        )
        task.status = "running"
        task.worker = worker
        task.expired = False

    @precondition(lambda self: self.claims)
    @rule(number=st.integers(0, 50), zombie=st.booleans(), retryable=st.booleans())
    def launch_refused(self, *, number: int, zombie: bool, retryable: bool) -> None:
        claim = self.pick_claim(number, zombie=zombie)
        allowed = self.is_current(claim) and self.task_of(claim.lease).status == "claimed"
        self.count("launch_refused", claim.lease, live=allowed)
        changes = self.queue.store.end_attempt(
            claim.lease,
            decide_refusal(reason="no capacity", retryable=retryable),
            from_statuses=("claimed",),
            remains=Remains(),
            random=0.5,
        )
        assert (changes is not None) == allowed
        if changes is None:
            return
        fate = self.end_attempt(
            claim.task_id, charged=not retryable, retryable=True, cancelled=False, waits=True
        )
        resolve_ended(self.queue.store, changes)
        if fate in ENDED:
            self.tell_dependants([claim.task_id])

    # ── runs ──────────────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: self.claims)
    @rule(number=st.integers(0, 50), zombie=st.booleans())
    def beat(self, *, number: int, zombie: bool) -> None:
        lease = self.pick_claim(number, zombie=zombie).lease
        live = self.is_running(lease)
        self.count("heartbeat", lease, live=live)
        task = self.task_of(lease)
        try:
            answer = heartbeat(self.queue.store, lease)
        except LeaseLost:
            assert not live
            return
        assert live
        assert answer.cancel_requested == task.cancel_requested
        task.expired = False

    @precondition(lambda self: self.claims)
    @rule(
        number=st.integers(0, 50),
        zombie=st.booleans(),
        again=st.integers(0, 4),
        lines=st.integers(0, 3),
    )
    def tell_progress(self, *, number: int, zombie: bool, again: int, lines: int) -> None:
        """Some lines anew, after some that were told before: as if their answer had been lost."""
        lease = self.pick_claim(number, zombie=zombie).lease
        live = self.is_running(lease)
        self.count("events", lease, live=live)
        told = self.told.setdefault((lease.task_id, lease.lease_epoch), [])
        known = max(0, len(told) - again)
        fresh = [any_name("line") for _ in range(lines)]
        try:
            record_run_events(
                self.queue.store,
                lease,
                [RunEvent(type="log", data={"line": n}) for n in told[known:] + fresh],
                first_no=known + 1,
                usage={"input_tokens": number} if number % 2 else None,
            )
        except LeaseLost:
            assert not live
            return
        assert live
        told += fresh
        session = self.task_of(lease).session
        self.effects.progress += [(session, line) for line in fresh]
        if number % 2:
            self.tasks[lease.task_id].used[lease.lease_epoch] = number

    @precondition(lambda self: self.claims)
    @rule(number=st.integers(0, 50), zombie=st.booleans())
    def leave_checkpoint(self, *, number: int, zombie: bool) -> None:
        lease = self.pick_claim(number, zombie=zombie).lease
        live = self.is_running(lease)
        self.count("checkpoint", lease, live=live)
        token = any_name("checkpoint")
        try:
            draft = CheckpointDraft(data={"token": token})
            save_checkpoint(self.queue.store, self.blobs, lease, draft)
        except LeaseLost:
            assert not live
            return
        assert live
        self.tasks[lease.task_id].checkpoint = token

    @precondition(lambda self: self.claims)
    @rule(number=st.integers(0, 50), zombie=st.booleans(), after=st.integers(0, 3))
    def read_messages(self, *, number: int, zombie: bool, after: int) -> None:
        lease = self.pick_claim(number, zombie=zombie).lease
        live = self.is_running(lease)
        self.count("messages", lease, live=live)
        sent = self.task_of(lease).messages
        seen = sent[after - 1] if 0 < after <= len(sent) else 0
        try:
            found = run_messages(self.queue.store, lease, after=seen)
        except LeaseLost:
            assert not live
            return
        assert live
        assert [m.message_no for m in found] == [n for n in sent if n > seen][:10]

    @precondition(lambda self: self.claims)
    @rule(number=st.integers(0, 50), zombie=st.booleans())
    def hand_in_artifact(self, *, number: int, zombie: bool) -> None:
        lease = self.pick_claim(number, zombie=zombie).lease
        live = self.is_running(lease)
        self.count("artifact", lease, live=live)
        text = any_name("text")
        draft = ArtifactDraft(name="brief", type="report", content=text)
        try:
            added = add_run_artifact(self.queue.store, self.blobs, lease, draft)
        except LeaseLost:
            assert not live
            return
        assert live
        self.effects.artifacts[added.artifact_id] = (self.task_of(lease).session, text)

    @precondition(lambda self: self.claims)
    @rule(
        number=st.integers(0, 50),
        zombie=st.booleans(),
        crash=st.booleans(),
        content=st.sampled_from(("x", "y", "")),
        reads=st.sampled_from(("none", "old", "all")),
    )
    def complete(self, *, number: int, zombie: bool, crash: bool, content: str, reads: str) -> None:
        lease = self.pick_claim(number, zombie=zombie).lease
        passes_over = self.is_running(lease) and reads == "old"
        if passes_over:  # said while the run was writing its last words
            self.reply_to(lease.task_id)
        sent = self.task_of(lease).messages
        seen = {"none": None, "old": sent[-2] if len(sent) > 1 else 0, "all": max(sent, default=0)}
        if passes_over:
            self.refuses_to_pass_over(lease, content=content, seen=seen["old"] or 0)
        else:
            self.complete_lease(lease, crash=crash, content=content, seen=seen[reads])

    def refuses_to_pass_over(self, lease: RunLease, *, content: str, seen: int) -> None:
        """A follow-up that the run has not seen: nothing is written, the task goes on."""
        learnt = [RunMemory(key="finding", type="fact", content=content)] if content else []
        completion = Completion(output={}, memories=learnt, messages_seen=seen)
        try:
            complete_run(self.queue.store, lease, completion)
        except MessagesWaiting:
            return
        raise AssertionError("a follow-up was passed over")

    @rule(agent=st.sampled_from(tuple(AGENTS)), content=st.sampled_from(("x", "y", "")))
    def work_off(self, agent: str, content: str) -> None:
        """A worker does what it can get."""
        known = len(self.claims)
        self.claim_tasks(agent, limit=2, worker=True)
        for claim in self.claims[known:]:
            self.complete_lease(claim.lease, crash=False, content=content)

    def complete_lease(
        self, lease: RunLease, *, crash: bool, content: str, seen: int | None = None
    ) -> None:
        live = self.is_running(lease)
        self.count("complete", lease, live=live)
        task = self.task_of(lease)
        learnt = [RunMemory(key="finding", type="fact", content=content)] if content else []
        token = any_name("output")
        completion = Completion(output={"token": token}, memories=learnt, messages_seen=seen)
        repeated = (
            not live
            and task.status == "completed"
            and task.epoch == lease.lease_epoch
            and not crash
        )
        if crash:  # the process dies before it can tell the dependants
            report = RunReport(lease=lease, completion=completion)
            taken = bool(self.queue.store.complete_runs([report]).leases)
        else:
            taken = self.says_completed(lease, completion)
        assert taken == (live or repeated)
        if repeated or not taken:
            return
        task.result = token
        self.end(lease.task_id, "completed")
        if content:
            versions = self.effects.memories.setdefault((task.session, "finding"), [])
            if versions[-1:] != [content]:
                versions.append(content)
        if not crash:
            self.tell_dependants([lease.task_id])

    def says_completed(self, lease: RunLease, completion: Completion) -> bool:
        try:
            return complete_run(self.queue.store, lease, completion).status == "completed"
        except LeaseLost:
            return False

    @precondition(lambda self: self.claims)
    @rule(
        number=st.integers(0, 50),
        zombie=st.booleans(),
        error_class=st.sampled_from((ErrorClass.NETWORK, ErrorClass.AUTH, ErrorClass.CANCELLED)),
        at_once=st.booleans(),
    )
    def fail(self, *, number: int, zombie: bool, error_class: ErrorClass, at_once: bool) -> None:
        lease = self.pick_claim(number, zombie=zombie).lease
        live = self.is_running(lease)
        self.count("fail", lease, live=live)
        report = FailureReport(error_class=error_class, message="it broke")
        before = self.queue.store.attempt_outcome(lease)
        try:
            ended = fail_run(
                self.queue.store, lease, report, random=lambda: 0.0 if at_once else 0.5
            )
        except LeaseLost:
            assert not live
            return
        if not live:  # the same report again: the same answer, no change
            assert before is not None
            assert before.status == ended.status
            return
        fate = self.end_attempt(
            lease.task_id,
            charged=True,
            retryable=error_class is ErrorClass.NETWORK,
            cancelled=error_class is ErrorClass.CANCELLED,
            waits=not at_once,
        )
        assert ended.status == fate
        if fate in ENDED:
            self.tell_dependants([lease.task_id])

    @precondition(lambda self: self.claims)
    @rule(number=st.integers(0, 50), zombie=st.booleans())
    def release(self, *, number: int, zombie: bool) -> None:
        lease = self.pick_claim(number, zombie=zombie).lease
        live = self.is_running(lease)
        self.count("release", lease, live=live)
        before = self.queue.store.attempt_outcome(lease)
        try:
            ended = release_run(self.queue.store, lease)
        except LeaseLost:
            assert not live
            return
        if not live:
            assert before is not None
            assert before.status == ended.status
            return
        fate = self.end_attempt(
            lease.task_id, charged=False, retryable=True, cancelled=False, waits=False
        )
        assert ended.status == fate
        if fate in ENDED:
            self.tell_dependants([lease.task_id])

    @precondition(lambda self: self.claims)
    @rule(
        number=st.integers(0, 50), zombie=st.booleans(), exit_code=st.sampled_from((1, 137, None))
    )
    def container_stops(self, *, number: int, zombie: bool, exit_code: int | None) -> None:
        claim = self.pick_claim(number, zombie=zombie)
        live = self.is_current(claim)
        self.count("stopped", claim.lease, live=live)
        lease = self.queue.store.attempt_lease(claim.attempt_id)
        if claim.attempt_id in self.deleted_attempts:
            assert lease is None
            return
        assert lease == claim.lease
        assert lease is not None
        verdict = decide_stop(StoppedRun(attempt_id=claim.attempt_id, exit_code=exit_code))
        changes = self.queue.store.end_attempt(
            lease,
            verdict,
            from_statuses=("claimed", "running"),
            remains=Remains(exit_code=exit_code),
            random=0.5,
        )
        assert (changes is not None) == live
        if changes is None:
            return
        fate = self.end_attempt(
            claim.task_id,
            charged=True,
            retryable=True,
            cancelled=False,
            waits=True,
        )
        resolve_ended(self.queue.store, changes)
        if fate in ENDED:
            self.tell_dependants([claim.task_id])

    # ── time and the reaper ───────────────────────────────────────────────────────────────────────

    @precondition(lambda self: any(t.status in LEASED for t in self.tasks.values()))
    @rule(number=st.integers(0, 50))
    def lease_runs_out(self, number: int) -> None:
        self.lease_runs_out_of(number)

    def lease_runs_out_of(self, number: int) -> None:
        leased = [n for n, t in self.tasks.items() if t.status in LEASED]
        name = leased[number % len(leased)]
        self.queue.let_lease_run_out(name)
        self.tasks[name].expired = True

    @rule()
    def reap(self) -> None:
        self.reap_stale()

    def reap_stale(self) -> None:
        changes = self.queue.store.release_stale_tasks(
            STALE, unstarted=UNSTARTED_ERROR, randoms=[0.5] * 20
        )
        resolve_ended(self.queue.store, changes)
        expired = {n for n, t in self.tasks.items() if t.status in LEASED and t.expired}
        assert {c.task_id for c in changes.tasks} == expired
        ended = [
            name
            for name in expired
            if self.end_attempt(name, charged=True, retryable=True, cancelled=False, waits=False)
            in ENDED
        ]
        self.tell_dependants(ended)

    @precondition(lambda self: any(t.status in LEASED for t in self.tasks.values()))
    @rule(
        number=st.integers(0, 50),
        last_words=st.lists(st.sampled_from(LAST_WORDS), min_size=2, max_size=6, unique=True),
    )
    def another_run_takes_over(self, *, number: int, last_words: list[str]) -> None:
        """The way to a zombie: silent for too long, reaped, claimed by somebody else; and the
        zombie speaks, and speaks.
        """
        self.lease_runs_out_of(number)
        self.reap_stale()
        for agent in AGENTS:
            self.claim_tasks(agent, limit=3, worker=True)
        if not any(self.is_ghost(claim.lease) for claim in self.claims):
            return
        self.zombies_speak(number, last_words)

    def zombies_speak(self, number: int, last_words: list[str]) -> None:
        n, late = number, True
        network = ErrorClass.NETWORK
        words: dict[str, Callable[[], object]] = {
            "beat": lambda: self.beat(number=n, zombie=late),
            "fail": lambda: self.fail(number=n, zombie=late, error_class=network, at_once=True),
            "complete": lambda: self.complete(
                number=n, zombie=late, crash=False, content="x", reads="none"
            ),
            "release": lambda: self.release(number=n, zombie=late),
            "stop": lambda: self.container_stops(number=n, zombie=late, exit_code=1),
            "start": lambda: self.start(number=n, zombie=late, worker="w2"),
            "checkpoint": lambda: self.leave_checkpoint(number=n, zombie=late),
            "messages": lambda: self.read_messages(number=n, zombie=late, after=0),
            "progress": lambda: self.tell_progress(number=n, zombie=late, again=1, lines=1),
            "artifact": lambda: self.hand_in_artifact(number=n, zombie=late),
            "refused": lambda: self.launch_refused(number=n, zombie=late, retryable=True),
        }
        for word in last_words:
            words[word]()

    @rule(
        session=st.sampled_from(SESSIONS),
        crash=st.booleans(),
        number=st.integers(0, 50),
        last_words=st.lists(st.sampled_from(LAST_WORDS), min_size=2, max_size=6, unique=True),
    )
    def session_is_deleted_and_created_again(
        self, *, session: str, crash: bool, number: int, last_words: list[str]
    ) -> None:
        """With the same tasks under the same ids, at work again; and the runs of before speak."""
        living = [c.lease for c in self.claims if self.is_running(c.lease)]
        for lease in living if crash else ():  # ends of which nobody has told the dependants
            if self.task_of(lease).session == session:
                self.complete_lease(lease, crash=True, content="")
        doomed = {name: task for name, task in self.tasks.items() if task.session == session}
        needed = any(
            task.unresolved & doomed.keys()
            for task in self.tasks.values()
            if task.session != session and task.status not in ENDED
        )
        assert self.queue.delete_session(session) != needed
        if needed:
            return
        self.forget(session, doomed)
        self.queue.create_session(session)
        for task in doomed.values():
            self.delegate_task(
                session=session,
                agent=task.agent,
                priority=1,
                max_attempts=task.max_attempts,
                callback=task.has_callback,
                picks=[],
            )
        for agent in AGENTS:
            self.claim_tasks(agent, limit=3, worker=True)
        if self.claims:
            self.zombies_speak(number, last_words)

    def forget(self, session: str, doomed: dict[str, ModelTask]) -> None:
        """What goes with a session, and what of its runs can never come back."""
        for name in doomed:
            del self.tasks[name]
        for task in self.tasks.values():
            task.unresolved -= doomed.keys()
            task.depends_on = tuple(d for d in task.depends_on if d not in doomed)
        self.free_names += doomed
        self.deleted_attempts |= {c.attempt_id for c in self.claims if c.task_id in doomed}
        self.effects.forget(session)

    @rule()
    def reap_dependencies(self) -> None:
        """What a crash between an end and its dependants left."""
        left = self.queue.store.open_dependencies(limit=100)
        if left:
            resolve_ended(self.queue.store, self.queue.store.resolve_dependants(left))
        self.tell_dependants([n for n, t in self.tasks.items() if t.status in ENDED])

    @precondition(lambda self: any(t.status in ENDED for t in self.tasks.values()))
    @rule(number=st.integers(0, 50))
    def resolve_again(self, number: int) -> None:
        ended = [n for n, t in self.tasks.items() if t.status in ENDED]
        name = ended[number % len(ended)]
        ref = TaskRef(project_id=self.queue.project_id, task_id=name)
        resolve_ended(self.queue.store, self.queue.store.resolve_dependants([ref]))
        self.tell_dependants([name])

    @rule()
    def time_passes(self) -> None:
        self.queue.let_wait_pass()
        self.queue.store.ready_due_tasks(limit=100)
        for task in self.tasks.values():
            if task.status == "pending" and not task.unresolved:
                task.waits_for_time = False

    @precondition(lambda self: self.tasks)
    @rule(number=st.integers(0, 50))
    def deadline_passes(self, number: int) -> None:
        name = self.pick_task(number)
        task = self.tasks[name]
        self.queue.let_deadline_pass(name)
        changes = self.queue.store.fail_overdue_tasks(OVERDUE_ERROR, limit=20)
        resolve_ended(self.queue.store, changes)
        assert [c.task_id for c in changes.tasks] == ([] if task.status in ENDED else [name])
        if task.status not in ENDED:
            self.end(name, "cancelled" if task.cancel_requested else "failed")
            self.tell_dependants([name])

    # ── what must hold ────────────────────────────────────────────────────────────────────────────

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        if not self.tasks:
            return
        rows = self.queue.sql(
            "SELECT task_id, status, ready, t.lease_epoch, attempts, blockers, cancel_requested,"
            " lease_until < now() AS expired, c.data ->> 'token' AS checkpoint"
            " FROM tasks t LEFT JOIN task_checkpoints c USING (project_id, task_id)"
            " WHERE project_id = %(project_id)s"
        )
        found: dict[str, dict[str, Any]] = {row["task_id"]: row for row in rows}
        assert found.keys() == self.tasks.keys()
        for name, task in self.tasks.items():
            row = found[name]
            assert row["status"] == task.status, name
            assert row["ready"] == task.ready, name
            assert row["lease_epoch"] == task.epoch, name
            assert row["attempts"] == task.attempts, name
            assert bool(row["expired"]) == (task.expired and task.status in LEASED), name
            assert row["checkpoint"] == task.checkpoint, name
            if task.status == "pending":
                assert row["blockers"] == len(task.unresolved), name
                assert row["cancel_requested"] == task.cancel_requested, name
        for agent, cap in AGENTS.items():
            leased = [t for t in self.tasks.values() if t.agent == agent and t.status in LEASED]
            assert len(leased) <= cap

    def teardown(self) -> None:
        if self.tasks:
            check_everything(self.queue, self.tasks, self.effects)
            self.queue.drop_project()


def machine_on(queue: QueueDriver) -> type[QueueMachine]:
    """A machine of its own for one test, counting from zero."""

    class Machine(QueueMachine):
        driver: ClassVar[QueueDriver] = queue
        zombies: ClassVar[Counter[str]] = Counter()
        ghosts: ClassVar[Counter[str]] = Counter()
        accepted: ClassVar[Counter[str]] = Counter()

    return Machine
