"""What the supervisor adds to a bare run of a command-line agent: time and memory, in pairs.

The second wall time less the first; the runner lies and is compiled as in its image, and both
were run once before, so that the library is, too. Time in which a Runs API works is not the
supervisor's; the one used here takes about a millisecond for all calls of a run, and its
share is shown.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from aiwebhook.domain.agent import AgentKind
from aiwebhook_runner.adapters.cli_kinds import CLI
from benchmarks.coldimport import lay_out_as_image
from benchmarks.lab import Effort, Lab, say, shuffled_rounds
from benchmarks.report import Section, Table, Verdict
from benchmarks.supervised_run import Cell, Supervised, bare, supervised
from benchmarks.targets import SUPERVISOR
from tests.adapters.scripted import scripted_provider
from tests.support.source_tree import ROOT

BIN = ROOT / ".build" / "agents" / "bin"
KINDS = ("claude_code", "codex")
TARGET_S, TARGET_MB = 0.150, 60
_ADDS = f"≤ {TARGET_S * 1000:.0f} ms to a bare run of {{kind}}"
_HEADER = (
    *("agent", "bare", "added in all", "start", "prepare", "agent"),
    *("result", "exit", "Runs API", "memory"),
)
_PARTS = (
    "From the log's own times: `start` is interpreter, imports and the exchange of the code; "
    "`prepare` the gateway asked and opened, folders, repository, the process started; `agent` "
    "what its process takes longer than the bare one (the step that changes the user, the gateway "
    "in between, the sweep); `result` the last usage, follow-ups, git, events and the terminal "
    "write; `exit` the folder removed and everything ended. `Runs API` is contained in them."
)


def run(_lab: Lab, effort: Effort) -> Section:
    """The kinds of agents that `make agents` has installed, on an answer without tools."""
    rounds = 3 if effort.quick else 15
    rows: list[tuple[str, ...]] = []
    verdicts: list[Verdict] = []
    with (
        tempfile.TemporaryDirectory() as name,
        tempfile.TemporaryDirectory() as code,
        scripted_provider(Path(name)) as scripted,
    ):
        Path(name).chmod(0o755)  # passable, so that root runs the agent as another user
        lay_out_as_image(Path(code))
        for kind in KINDS:
            if not (BIN / CLI[AgentKind(kind)].executable).exists():
                verdicts.append(_not_measured(kind))
                continue
            say(f"agent-overhead: {rounds} pairs of {kind}")
            path = f"{BIN}{os.pathsep}/usr/local/bin:/usr/bin:/bin"
            cell = Cell(
                kind=kind,
                path=path,
                folder=Path(name),
                scripted=scripted,
                code=Path(code),
            )
            alone, watched = _measured(cell, rounds)
            rows.append(_row(kind, alone, watched))
            verdicts += _verdicts(kind, alone, watched)
    return Section(
        title="Supervisor beside a bare CLI",
        how=(
            f"One run of the real CLI on a scripted provider: alone, and under the runner with a "
            f"gateway beside it and a Runs API on loopback; {rounds} pairs, in a new order each "
            f"round, medians."
        ),
        tables=(Table(header=_HEADER, rows=rows),) if rows else (),
        verdicts=verdicts,
        notes=(_PARTS,),
    )


def _measured(cell: Cell, rounds: int) -> tuple[list[float], list[Supervised]]:
    """Both sides of each pair."""
    alone: list[float] = []
    watched: list[Supervised] = []
    cells: dict[str, Callable[[], None]] = {
        "bare": lambda: alone.append(bare(cell, len(alone))),
        "supervised": lambda: watched.append(supervised(cell)),
    }
    for measure in cells.values():
        measure()
    shuffled_rounds(cells, rounds)
    return alone[1:], watched[1:]


def _row(kind: str, alone: Sequence[float], watched: Sequence[Supervised]) -> tuple[str, ...]:
    longer = [run.agent - single for single, run in zip(alone, watched, strict=True)]
    parts: Iterable[Iterable[float]] = (
        alone,
        _added(alone, watched),
        (run.start for run in watched),
        (run.prepare for run in watched),
        longer,
        (run.result for run in watched),
        (run.exit for run in watched),
        (run.api for run in watched),
    )
    memory = f"{statistics.median(run.megabytes for run in watched):.0f} MB"
    return (kind, *(f"{statistics.median(part) * 1000:,.0f} ms" for part in parts), memory)


def _verdicts(
    kind: str, alone: Sequence[float], watched: Sequence[Supervised]
) -> tuple[Verdict, Verdict]:
    added = statistics.median(_added(alone, watched))
    memory = statistics.median(run.megabytes for run in watched)
    met = added <= TARGET_S
    return (
        Verdict(
            row=SUPERVISOR,
            target=_ADDS.format(kind=kind),
            measured=f"{added * 1000:,.0f} ms",
            met=met,
            why="" if met else _why(watched),
        ),
        Verdict(
            target=f"the supervisor of {kind} takes ≤ {TARGET_MB} MB",
            measured=f"{memory:.0f} MB",
            met=memory <= TARGET_MB,
        ),
    )


def _why(watched: Sequence[Supervised]) -> str:
    def part(seconds: Iterable[float]) -> str:
        return f"{statistics.median(seconds) * 1000:,.0f} ms"

    return (
        f"{part(run.start for run in watched)} until the run has started (interpreter, imports, "
        f"the exchange of the code), {part(run.prepare for run in watched)} until its process has, "
        f"{part(run.result + run.exit for run in watched)} after that has ended"
    )


def _added(alone: Sequence[float], watched: Sequence[Supervised]) -> list[float]:
    return [run.wall - single for single, run in zip(alone, watched, strict=True)]


def _not_measured(kind: str) -> Verdict:
    return Verdict(
        row=SUPERVISOR,
        target=_ADDS.format(kind=kind),
        measured="–",
        met=None,
        why="its CLI is not installed: `make agents`",
    )
