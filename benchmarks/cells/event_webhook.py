"""Time from a run's terminal write to the chat that follows it, with a hundred sessions at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from benchmarks.lab import Effort, Lab, percentile, say
from benchmarks.report import Section, Table, Verdict, ms, times
from benchmarks.stack_callbacks import stack_callbacks
from benchmarks.stack_events import stack_events

_SESSIONS = 100
_LIMIT_S = 1.0
_EVENTS = f"MCP events, {_SESSIONS} runs end at once"
_TEN = "MCP events, 10 at once"
_CALLBACKS = f"plain callbacks, {_SESSIONS} runs end at once"
_HOW = (
    f"Over the whole local stack: {_SESSIONS} sessions of ten projects, each followed by a chat of "
    "its own (`events/subscribe`); workers end a run of each over HTTP. From the beginning of the "
    "terminal write's transaction to the arrival at the chat's receiver, over TLS, on this "
    "machine. The quiet hold is off: it is for the hosts of ChatGPT alone. Beside it the same for "
    "plain callbacks by http."
)


def run(lab: Lab, effort: Effort) -> Section:
    """Bursts of a hundred runs that end together."""
    rounds = 1 if effort.quick else 2
    say(f"event webhooks: {rounds} rounds over the whole local stack, and of plain callbacks")
    seen: dict[str, list[float]] = {}
    with stack_callbacks(lab.folder / "callbacks") as callbacks:
        seen[_CALLBACKS] = _rounds(rounds, lambda: callbacks.delays(_SESSIONS, at_once=_SESSIONS))
    with stack_events(lab.folder / "events") as events:
        seen[_TEN] = _rounds(rounds, lambda: events.delays(at_once=10))
        seen[_EVENTS] = _rounds(rounds, lambda: events.delays(at_once=_SESSIONS))
    p99 = percentile(seen[_EVENTS], 0.99)
    ratio = p99 / percentile(seen[_CALLBACKS], 0.99)
    return Section(
        title="Terminal write → the chat that follows",
        how=_HOW,
        tables=(_table(seen),),
        verdicts=(
            Verdict(
                target=f"terminal write → MCP receiver p99 < 1 s, {_SESSIONS} sessions at once",
                measured=f"{ms(p99)}, {times(ratio)} that of plain callbacks in this run",
                met=p99 < _LIMIT_S,
            ),
        ),
    )


def _rounds(count: int, delays: Callable[[], list[float]]) -> list[float]:
    return [delay for _ in range(count) for delay in delays()]


def _table(seen: Mapping[str, Sequence[float]]) -> Table:
    return Table(
        header=("whole local stack", "p50", "p99", "longest"),
        rows=[
            (name, ms(percentile(d, 0.5)), ms(percentile(d, 0.99)), ms(max(d)))
            for name, d in seen.items()
        ],
    )
