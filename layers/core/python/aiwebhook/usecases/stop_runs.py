"""Stops the containers of runs that must stop. A cancelled run gets SIGTERM within a second or two.
One whose lease the server ended would stop by itself, unless it hangs; then it would run on, and
cost money, for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from aiwebhook.errors import Unavailable
from aiwebhook.ports.run_stops import RunStopper

if TYPE_CHECKING:
    from aiwebhook.postgres.run_stop_store import PostgresRunStopStore

LIMIT = 50  # per call; the next call, or the reaper's tick, continues


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsStopped:
    """What one call did; field names are metric names."""

    runs_stopped: int
    runs_not_stopped: int
    """The next call tries these again."""

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def stop_runs(
    store: PostgresRunStopStore, stopper: RunStopper, *, has_time: Callable[[], bool] = lambda: True
) -> RunsStopped:
    """Stop the runs that are marked, while there is time. Two at once do no harm. Raises
    Unavailable when the database is unavailable.
    """
    noted = store.runs_to_stop(limit=LIMIT)
    stopped: list[str] = []
    for run in noted:
        if not has_time():
            break
        try:
            stopper.stop(run.runtime_ref)
        except Unavailable:
            continue
        stopped.append(run.attempt_id)
    if noted:
        store.forget_runs_to_stop(stopped)
    return RunsStopped(runs_stopped=len(stopped), runs_not_stopped=len(noted) - len(stopped))
