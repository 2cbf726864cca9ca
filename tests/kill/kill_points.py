"""Tells within a millisecond that somebody has just committed at a point worth dying at.

No hook in the product: triggers that this test adds to its own database notify at the commit, with
the port of the connection that committed; the process behind that port is killed while the answer
of its COMMIT is still on the way to it.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import psutil
import psycopg

from tests.kill.processes import StackProcesses

_TRIGGERS = """
CREATE FUNCTION kill_point() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('kill_point', TG_ARGV[0] || ' ' || coalesce(inet_client_port(), 0));
    RETURN NULL;
END $$;
CREATE TRIGGER kill_point_claimed AFTER INSERT ON task_attempts
    FOR EACH ROW WHEN (NEW.status = 'launching') EXECUTE FUNCTION kill_point('claimed');
CREATE TRIGGER kill_point_committed AFTER INSERT ON outbox
    FOR EACH ROW EXECUTE FUNCTION kill_point('committed');
CREATE TRIGGER kill_point_delivering AFTER UPDATE ON deliveries
    FOR EACH ROW WHEN (NEW.leased_until IS NOT NULL) EXECUTE FUNCTION kill_point('delivering');
CREATE TRIGGER kill_point_kept AFTER INSERT ON inbound_deliveries
    FOR EACH ROW EXECUTE FUNCTION kill_point('kept');
CREATE TRIGGER kill_point_handed AFTER INSERT ON task_attempts
    FOR EACH ROW WHEN (NEW.worker_id IS NOT NULL) EXECUTE FUNCTION kill_point('handed');
"""


class Point(StrEnum):
    """Where a process may be struck."""

    CLAIMED = "claimed"
    """The dispatcher has claimed a task and has not launched its run."""
    COMMITTED = "committed"
    """A change is committed and not yet published."""
    DELIVERING = "delivering"
    """The notifier has claimed a delivery and is about to send it."""
    KEPT = "kept"
    """The relay has kept a delivery of GitHub's and has not answered."""
    HANDED = "handed"
    """session_api has claimed a task for a worker, which does not know of it yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Armed:
    function: str
    point: Point
    ports: dict[int, psutil.Process]
    struck: threading.Event


class KillPoints:
    """A listener in a thread of its own; `strike` arms it once."""

    def __init__(self, dsn: str, processes: StackProcesses) -> None:
        self._dsn = dsn
        self._processes = processes
        self._armed: _Armed | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="kill points", daemon=True)

    def __enter__(self) -> Self:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            connection.execute(_TRIGGERS)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def strike(self, function: str, point: Point, *, within_s: float) -> bool:
        """Kill the process of `function` that next commits at `point`; False when none did."""
        ports = self._processes.ports_of_function(function)
        armed = _Armed(function=function, point=point, ports=ports, struck=threading.Event())
        self._armed = armed
        hit = armed.struck.wait(within_s)
        self._armed = None
        return hit

    def _listen(self) -> None:
        while not self._stop.is_set():
            with (
                contextlib.suppress(psycopg.OperationalError),  # Postgres is being killed, too
                psycopg.connect(self._dsn, autocommit=True) as connection,
            ):
                connection.execute("LISTEN kill_point")
                while not self._stop.is_set():
                    for notice in connection.notifies(timeout=0.5):
                        self._notice(notice.payload)
            self._stop.wait(0.05)

    def _notice(self, payload: str) -> None:
        armed = self._armed
        if armed is None:
            return
        point, port = payload.split()
        if point != armed.point:
            return
        victim = armed.ports.get(int(port))
        if victim is None:
            # Somebody else's, or of a process that is new: too late for this one, not for its next.
            armed.ports.update(self._processes.ports_of_function(armed.function))
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
            armed.struck.set()
