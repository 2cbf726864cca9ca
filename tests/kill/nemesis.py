"""Kills, in an order that the seed decides."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import psutil
import psycopg

from tests.kill.kill_points import KillPoints, Point
from tests.kill.processes import StackProcesses
from tests.kill.storm_stack import StormStack
from tests.kill.worker import Worker
from tests.support.tenant import rows

_PATIENCE_S = 15.0  # for a victim to appear
_PAUSE_S = (0.3, 1.5)  # between two kills: some strike while the last is still being mended

# How often each is chosen: what dies by itself in the field most, most often.
WEIGHTS = {
    "runner": 16,
    "fargate task (its PID 1)": 12,
    "dispatcher, claimed but not launched": 14,
    "session_api, committed but not published": 14,
    "relay, committed but not published": 12,
    "notifier, while delivering": 10,
    "relay": 6,
    "session_api": 6,
    "reaper": 4,
    "Postgres (immediate)": 10,
    "relay, delivery kept but not answered": 6,
    "session_api, worker's claim committed but not answered": 6,
    "worker": 6,
    "worker's run (its supervisor)": 8,
    # Everything else dies with it, and half a minute goes by on a busy machine.
    "front": 2,
    "stack's supervisor": 2,
}


def schedule(
    seed: int, kills: int, weights: Mapping[str, int] = WEIGHTS
) -> Iterator[tuple[str, float]]:
    """Every kind at least once when there is room, then by weight; and the pause before each."""
    rng = random.Random(seed)
    kinds = list(weights)
    rng.shuffle(kinds)
    kinds += rng.choices(list(weights), list(weights.values()), k=max(0, kills - len(kinds)))
    for kind in kinds[:kills]:
        yield kind, rng.uniform(*_PAUSE_S)


@dataclass(slots=True, kw_only=True)
class Toll:
    """What was done. `missed`: no victim appeared in time, another kind was killed instead."""

    kills: Counter[str] = field(default_factory=Counter[str])
    missed: Counter[str] = field(default_factory=Counter[str])
    left_launching: int = 0
    """Attempts that a dispatcher's death left claimed and not launched."""
    left_unpublished: int = 0
    """Changes that a writer's death left committed and not published."""
    purges: int = 0
    """How often every message of every queue was thrown away."""
    leases_ended: int = 0
    """Leases that were made to run out under a living run, which then is a zombie."""


class Nemesis:
    """Works in the calling thread: who starts a process must outlive it."""

    def __init__(
        self, stack: StormStack, points: KillPoints, worker: Worker | None, *, seed: int
    ) -> None:
        """Without a worker, `rage` by weights that name none of its kinds."""
        self.toll = Toll()
        self._stack = stack
        self._points = points
        self._processes = StackProcesses(stack)
        self._rng = random.Random(f"{seed}/nemesis")
        self._pause = threading.Event()
        self._means: dict[str, Callable[[], bool]] = {
            "runner": lambda: self._kill_any(self._processes.runners),
            "fargate task (its PID 1)": lambda: self._kill_any(self._processes.fargate_tasks),
            "dispatcher, claimed but not launched": self._dispatcher,
            "session_api, committed but not published": lambda: self._writer("session_api"),
            "relay, committed but not published": lambda: self._writer("relay"),
            "notifier, while delivering": lambda: points.strike(
                "notifier", Point.DELIVERING, within_s=_PATIENCE_S
            ),
            "relay": lambda: self._kill_any(lambda: self._processes.of_function("relay")),
            "session_api": lambda: self._kill_any(
                lambda: self._processes.of_function("session_api")
            ),
            "reaper": lambda: self._kill_any(lambda: self._processes.of_function("reaper")),
            "notifier": lambda: self._kill_any(lambda: self._processes.of_function("notifier")),
            "Postgres (immediate)": lambda: _done(stack.kill_postgres),
            "relay, delivery kept but not answered": lambda: points.strike(
                "relay", Point.KEPT, within_s=_PATIENCE_S
            ),
            "session_api, worker's claim committed but not answered": lambda: points.strike(
                "session_api", Point.HANDED, within_s=_PATIENCE_S
            ),
            "front": lambda: _done(stack.kill_front),
            "stack's supervisor": lambda: _done(stack.kill_supervisor),
        }
        if worker is not None:
            self._means["worker"] = worker.kill
            self._means["worker's run (its supervisor)"] = lambda: self._kill_any(worker.runs)

    def rage(self, *, seed: int, kills: int, weights: Mapping[str, int] = WEIGHTS) -> Toll:
        """Until so many kills are done."""
        instead = [kind for kind in ("runner", "relay", "session_api") if kind in weights]
        for number, (kind, pause) in enumerate(schedule(seed, kills, weights)):
            self._pause.wait(pause)
            while not self._means[kind]():
                self.toll.missed[kind] += 1
                kind = self._rng.choice(instead)  # noqa: PLW2901  reason: one that can be met now
            self.toll.kills[kind] += 1
            if number % 8 == 7:
                self._end_a_lease()
            if number % 8 == 3:
                self._purge_the_queues()
        return self.toll

    def _kill_any(self, find: Callable[[], list[psutil.Process]]) -> bool:
        for _ in range(int(_PATIENCE_S / 0.1)):
            victims = find()
            if victims:
                with contextlib.suppress(psutil.NoSuchProcess):
                    self._rng.choice(victims).kill()
                    return True
            self._pause.wait(0.1)
        return False

    def _dispatcher(self) -> bool:
        if not self._points.strike("dispatcher", Point.CLAIMED, within_s=_PATIENCE_S):
            return False
        self.toll.left_launching += self._count(
            "SELECT count(*) AS n FROM task_attempts WHERE status = 'launching'"
        )
        return True

    def _writer(self, function: str) -> bool:
        if not self._points.strike(function, Point.COMMITTED, within_s=_PATIENCE_S):
            return False
        self.toll.left_unpublished += self._count("SELECT count(*) AS n FROM outbox")
        return True

    def _end_a_lease(self) -> None:
        """As if the run had been paused for a minute: it lives on, and must not be heard."""
        with contextlib.suppress(psycopg.OperationalError):
            ended = rows(
                self._stack.dsn,
                "UPDATE tasks SET lease_until = now() - interval '1 second'"
                " WHERE (project_id, task_id) = ("
                "  SELECT project_id, task_id FROM tasks WHERE status = 'running'"
                "  ORDER BY task_id LIMIT 1"
                # It may end while this waits for its row.
                ") AND status = 'running' RETURNING task_id",
            )
            self.toll.leases_ended += len(ended)

    def _purge_the_queues(self) -> None:
        """Messages are bells: losing all of them costs a tick, and nothing else."""
        sqs = self._stack.aws.client("sqs")
        for url in sqs.list_queues().get("QueueUrls", []):
            with contextlib.suppress(Exception):  # the front may be busy mending
                sqs.purge_queue(QueueUrl=url)
        self.toll.purges += 1

    def _count(self, query: str) -> int:
        self._pause.wait(0.05)  # what was sent before the death arrives meanwhile
        try:
            return int(rows(self._stack.dsn, query)[0]["n"])
        except psycopg.OperationalError:
            return 0


def _done(kill: Callable[[], None]) -> bool:
    """Of a victim that is always there."""
    kill()
    return True
