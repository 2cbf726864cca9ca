"""The worker's main loop: claims become children, signals a drain, ended runs free places."""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from types import FrameType

from aiwebhook.client import Client, Run
from aiwebhook.client.run_calls import ClaimAnswer
from aiwebhook.domain.run import LeasedTask, RunInputUnreadable
from aiwebhook.errors import AiWebhookError
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.worker.child import Child
from aiwebhook_runner.worker.claim_turns import ClaimTurns
from aiwebhook_runner.worker.claims import ClaimLoop
from aiwebhook_runner.worker.completions import CompletionLoop
from aiwebhook_runner.worker.heartbeats import HeartbeatLoop
from aiwebhook_runner.worker.inbox import (
    Claimed,
    ClaimsEnded,
    LeaveAnswered,
    RunOver,
    SignalReceived,
    WorkerEvent,
    WorkerInbox,
)
from aiwebhook_runner.worker.leaving import LeaveLoop
from aiwebhook_runner.worker.link import Link
from aiwebhook_runner.worker.options import WorkerOptions
from aiwebhook_runner.worker.room import Room
from aiwebhook_runner.worker.roster import Roster
from aiwebhook_runner.worker.settings import run_environment
from aiwebhook_runner.worker.settle import settle
from aiwebhook_runner.worker.signals import SignalLoop
from aiwebhook_runner.worker.stopping import Stopping
from aiwebhook_runner.worker.worker_log import WorkerLog


class Worker:
    """Use once, in the main thread."""

    def __init__(
        self,
        options: WorkerOptions,
        *,
        client: Client,
        link: Link,
        log: WorkerLog,
        registration: JsonObject,
    ) -> None:
        self._options = options
        self._client = client
        self._link = link
        self._log = log
        self._registration = registration
        self._inbox: WorkerInbox = SimpleQueue()
        self._roster = Roster()
        self._heart = HeartbeatLoop(client, options.name, self._roster, link, log)
        self._signals = SignalLoop(client, self._roster)
        self._completions = CompletionLoop(client)
        self._environment = run_environment(options.url)
        self._stopping = Stopping(options.drain_s)
        self._give_up = threading.Event()
        self._leaving = LeaveLoop(client, options.name, self._inbox)
        self._left: LeaveAnswered | None = None
        self._turns = ClaimTurns(self._claim)
        self._loops = self._claim_loops()
        self._claiming = len(self._loops)
        self._refusal: str | None = None

    def listen_to_signals(self) -> None:
        """From now on signals are kept for `run`."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def run(self, on_reload: Callable[[], None]) -> str | None:
        """Run until told to stop; returns why it could not continue, if so. `on_reload`: SIGHUP."""
        self._heart.start()
        self._signals.start()
        self._completions.start()
        for loop in self._loops:
            loop.start()
        while not self._done():
            fact = self._next_fact()
            if isinstance(fact, SignalReceived) and fact.number == signal.SIGHUP:
                on_reload()
            else:
                self._act(fact)
        self._give_up.set()
        self._heart.close()
        self._signals.close()
        return self._refusal

    def look(self) -> JsonObject:
        """The body of GET /health."""
        running = self._roster.children()
        silent_s = self._link.silent_s()
        status = "ok" if self._link.up else "disconnected"
        return {
            "status": "draining" if self._stopping.requested else status,
            "worker": self._options.name,
            "concurrency": dict(self._options.concurrency),
            "running": [
                {
                    "task_id": child.run.task_id,
                    "agent": child.run.agent.name,
                    "for_s": round(child.runs_for_s(), 1),
                }
                for child in running
            ],
            "last_contact_s": None if silent_s is None else round(silent_s, 1),
        }

    def _claim_loops(self) -> list[ClaimLoop]:
        """One for each agent. A worker with a single place asks for all agents at once."""
        options = self._options
        rooms = (
            [(options.agents, 1)]
            if options.once
            else [((agent,), places) for agent, places in options.concurrency.items()]
        )
        return [
            ClaimLoop(
                agents=agents,
                claim=self._turns.claim,
                room=Room(places),
                inbox=self._inbox,
                link=self._link,
            )
            for agents, places in rooms
        ]

    def _claim(self, agents: Sequence[str]) -> ClaimAnswer:
        """Not repeated after a lost answer: that would claim another task."""
        return self._client.ask_for_run(
            worker_id=self._options.name,
            # All that it serves, so that a full agent does not look unserved.
            agents=self._options.agents,
            room=dict.fromkeys(agents, 1),
            wait_s=self._options.poll_s,
            details={**self._registration, "running": len(self._roster.children())},
        )

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._inbox.put(SignalReceived(number=number))

    def _next_fact(self) -> WorkerEvent | None:
        try:
            return self._inbox.get(timeout=self._stopping.wake_in_s())
        except Empty:
            return None

    def _act(self, fact: WorkerEvent | None) -> None:
        match fact:
            case Claimed():
                self._start(fact)
            case RunOver(room=room):
                room.give()
                if self._options.once:
                    self._close_claims()
            case ClaimsEnded(refusal=refusal):
                self._end_claims(refusal)
            case LeaveAnswered():
                self._note(fact)
            case SignalReceived():
                self._stop()
            case None:
                if self._stopping.drained and not self._stopping.hurried:
                    self._hand_back()

    def _end_claims(self, refusal: str | None) -> None:
        self._claiming -= 1
        if refusal is not None:
            self._refusal = refusal
            self._close_claims()
        if self._claiming == 0:
            self._leaving.claims_ended()

    def _note(self, answered: LeaveAnswered) -> None:
        first, self._left = self._left is None, answered
        if not answered.heard:
            self._stopping.bound_claims()
        if first and self._stopping.hurried:
            self._drain_children()

    def _done(self) -> bool:
        """Nothing is running, and nothing more can come."""
        if self._stopping.at_once:
            return True
        if self._roster.children():
            return False
        if self._claiming > 0:
            return self._stopping.claims_given_up
        return self._left is not None and self._left.final

    def _stop(self) -> None:
        self._close_claims()
        running = len(self._roster.children())
        match self._stopping.request():
            case 1:
                sentence = (
                    f"stopping: {running} running, at most {self._options.drain_s:g} s more; "
                    "a second signal hands them back now"
                    if running
                    else "stopping"
                )
                self._log.write("draining", sentence, running=running)
            case 2:
                self._hand_back()
            case _:
                for child in self._roster.children():
                    child.kill()

    def _hand_back(self) -> None:
        self._stopping.hurry()
        if self._claiming > 0:
            self._stopping.bound_claims()
        children = self._roster.children()
        if children:
            sentence = f"handing {len(children)} back"
            self._log.write("handing_back", sentence, running=len(children))
        # Before the deployment knows that we leave, it could give them to our own last claims.
        if self._left is not None:
            self._drain_children()

    def _drain_children(self) -> None:
        for child in self._roster.children():
            child.send("drain")

    def _close_claims(self) -> None:
        for loop in self._loops:
            loop.close()
        self._turns.close()
        self._leaving.start()

    def _start(self, claimed: Claimed) -> None:
        try:
            run = LeasedTask.from_json(claimed.lease.input)
        except RunInputUnreadable as exc:
            # From a newer server: the lease expires, and a newer worker may take it.
            self._log.write("unreadable", f"a task could not be read: {exc}")
            claimed.room.give()
            return
        if self._stopping.requested:
            self._release(claimed.lease, run)
            claimed.room.give()
            return
        child = self._roster.start(
            lambda: Child(
                lease=claimed.lease,
                run=run,
                environment=self._environment,
                config=self._options.config,
            )
        )
        if self._options.once:
            self._close_claims()
        child.listen(
            on_line=lambda line: self._completions.hear(child, line),
            on_exit=lambda code: self._end(child, claimed.room, code),
        )
        name = f"{run.task_id} ({run.agent.name})"
        self._log.write(
            "started", f"{name} started", task_id=run.task_id, agent=run.agent.name, pid=child.pid
        )

    def _release(self, lease: Run, run: LeasedTask) -> None:
        try:
            lease.release()
        except AiWebhookError as exc:
            reason = f"{run.task_id} could not be handed back: {exc}"
            self._log.write("not_released", reason, task_id=run.task_id)

    def _end(self, child: Child, room: Room, exit_code: int) -> None:
        """Runs in the child's thread: afterwards nothing of the run is left to do."""
        started = time.monotonic() - child.runs_for_s()
        self._roster.sweep_orphans()
        became = settle(child, exit_code, self._give_up)
        self._roster.remove(child)
        took_s = time.monotonic() - started
        name = f"{child.run.task_id} ({child.run.agent.name})"
        self._log.write(
            "ended",
            f"{name} {became} after {took_s:.1f} s",
            task_id=child.run.task_id,
            agent=child.run.agent.name,
            became=became,
            exit_code=exit_code,
            took_s=round(took_s, 3),
        )
        self._inbox.put(RunOver(child=child, room=room))
