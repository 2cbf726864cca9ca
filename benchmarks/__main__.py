"""`python -m benchmarks [cell …] [--quick] [--resume]`: measure, and write benchmarks/RESULTS.md.

Without cells, all but `resilience` are measured, and RESULTS.md is written; `resilience` takes as
long as all others together, so it runs by itself and has its own file. Each cell's outcome is
stored in .build/bench as soon as it is measured. A failing cell does not stop the others: its
section says why it failed, and the exit code is 1.

`--resume` measures the cells whose outcome at this commit is missing or a failure. With cells
named, or with --quick, the document goes to stdout; `report` writes the files from the stored
outcomes, whatever their commit. Progress goes to stderr.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.cells import (
    accept_path,
    agent_overhead,
    callback,
    claim_buffers,
    claim_sql,
    cli_start,
    cold_import,
    completion_events,
    event_webhook,
    gateway_first_byte,
    life,
    local_stack,
    planning,
    queue_latency,
    resilience,
    task_watch,
    wal_bytes,
    workers,
)
from benchmarks.document import RESILIENCE, RESULTS, document, quoted_resilience
from benchmarks.kept import Kept, Shelf, current_commit, measured
from benchmarks.lab import Effort, Lab, running_lab, say
from benchmarks.report import Section

CELLS: Mapping[str, Callable[[Lab, Effort], Section]] = {
    "claim-sql": claim_sql.run,
    "workers": workers.run,
    "queue-latency": queue_latency.run,
    "claim-buffers": claim_buffers.run,
    "wal": wal_bytes.run,
    "life": life.run,
    "planning": planning.run,
    "accept": accept_path.run,
    "cold-import": cold_import.run,
    "cli": cli_start.run,
    "completion-events": completion_events.run,
    "callback": callback.run,
    "event-webhook": event_webhook.run,
    "gateway": gateway_first_byte.run,
    "task-watch": task_watch.run,
    "agent-overhead": agent_overhead.run,
    "local-stack": local_stack.run,
    "resilience": resilience.run,
}
_APART = "resilience"
_TOGETHER = tuple(name for name in CELLS if name != _APART)
_REPORT = "report"
_LIMIT_S, _LIMIT_APART_S = 15 * 60, 60 * 60


def main(argv: Sequence[str]) -> int:
    """Run the cells, write the document; returns 1 if an outcome in it is missing or a failure."""
    options = _options(argv)
    shelf = Shelf.of(quick=options.quick)
    if options.cells != [_REPORT]:
        commit = current_commit()
        for name in options.cells or _TOGETHER:
            kept = shelf.find(name)
            if options.resume and kept and kept.is_of(commit):
                say(f"{name} is kept from {kept.begun_at:%Y-%m-%d %H:%M} UTC")
            else:
                shelf.keep(_measured(name, commit, quick=options.quick))
    return max(_written(shelf, *wanted) for wanted in _documents(options, shelf))


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks", description="Measure, and write benchmarks/RESULTS.md."
    )
    parser.add_argument(
        "cells", nargs="*", metavar="cell", help=f"of: {', '.join(CELLS)}; or `{_REPORT}` alone"
    )
    parser.add_argument("--quick", action="store_true", help="small tables, few rounds")
    parser.add_argument(
        "--resume", action="store_true", help="only what is missing or failed at this commit"
    )
    options = parser.parse_args(argv)
    known = [*CELLS, *([_REPORT] if len(options.cells) == 1 else [])]
    if unknown := [name for name in options.cells if name not in known]:
        parser.error(f"no cell {unknown[0]!r}; there are: {', '.join(CELLS)}")
    return options


def _measured(name: str, commit: str, *, quick: bool) -> Kept:
    """Measure one cell on its own server, so that it does not pay for what others left behind."""

    def run() -> Section:
        with running_lab() as lab:
            return CELLS[name](lab, Effort.of(quick=quick))

    limit_s = _LIMIT_APART_S if name == _APART else _LIMIT_S
    outcome = measured(name, run, commit=commit, limit_s=limit_s)
    say(f"{name} {'took' if outcome.section else 'failed after'} {outcome.seconds:.0f} s")
    return outcome


def _documents(
    options: argparse.Namespace, shelf: Shelf
) -> Sequence[tuple[Path | None, Sequence[str]]]:
    """Which cells are shown, and in which file; None: on stdout. RESULTS.md comes last:
    it quotes RESILIENCE.md.
    """
    if options.cells == [_APART]:
        return [(None if options.quick else RESILIENCE, [_APART])]
    if options.cells not in ([], [_REPORT]):
        return [(None, options.cells)]
    if options.quick:
        return [(None, _TOGETHER)]
    apart = [(RESILIENCE, [_APART])] if options.cells and shelf.find(_APART) else []
    return [*apart, (RESULTS, _TOGETHER)]


def _written(shelf: Shelf, file: Path | None, cells: Sequence[str]) -> int:
    outcomes = {name: shelf.find(name) for name in cells}
    text = document(outcomes, [] if _APART in cells or file is None else quoted_resilience())
    if file is None:
        sys.stdout.write(text)
    else:
        file.write_text(text, encoding="utf-8")
        say(f"written to {file}")
    return 0 if all(kept and kept.section for kept in outcomes.values()) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say("interrupted: what was measured is kept, and --resume measures the rest")
        sys.exit(130)
