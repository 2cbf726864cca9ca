"""Stores each cell's outcome in its own file as soon as it is measured.

So an interrupted run or a failing cell loses no other cell's figures: `--resume` measures what is
missing or failed, and the documents are always written from what is stored here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from aiwebhook.clock import utc_now
from benchmarks.coldimport import ROOT
from benchmarks.report import Section

FOLDER = ROOT / ".build" / "bench"
_CHANGED = " with changes"
"""Appended to the commit if the tree has changes: two such trees need not be equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The stored outcome of one cell: a section, or the reason why there is none."""

    cell: str
    commit: str
    begun_at: datetime
    seconds: float
    loads: tuple[float, float]
    """The machine's one-minute load average, before and after."""
    section: Section | None = None
    failure: str = ""

    def is_of(self, commit: str) -> bool:
        """Whether measuring it again at `commit` would only repeat it."""
        return self.section is not None and self.commit == commit and not commit.endswith(_CHANGED)


_KEPT = TypeAdapter(Kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A folder of outcomes. Those of quick runs have their own, and are never mixed in."""

    folder: Path

    @classmethod
    def of(cls, *, quick: bool) -> Shelf:
        """The folder for quick or for whole runs."""
        return cls(folder=FOLDER / ("quick" if quick else "whole"))

    def find(self, cell: str) -> Kept | None:
        """The stored outcome of a cell; None if there is none."""
        file = self._file(cell)
        return _KEPT.validate_json(file.read_bytes()) if file.exists() else None

    def keep(self, outcome: Kept) -> None:
        """Store the outcome, atomically replacing the cell's previous one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self._file(outcome.cell)
        draft = file.with_suffix(".draft")
        draft.write_bytes(_KEPT.dump_json(outcome, indent=1))
        draft.replace(file)

    def _file(self, cell: str) -> Path:
        return self.folder / f"{cell}.json"


def measured(cell: str, run: Callable[[], Section], *, commit: str, limit_s: int) -> Kept:
    """Run a cell for at most `limit_s`. An exception becomes its outcome, except for Ctrl-C."""
    begun_at, begun, before = utc_now(), time.monotonic(), os.getloadavg()[0]
    section, failure = None, ""
    try:
        with _limited(cell, limit_s):
            section = run()
    except Exception as exc:  # the other cells are still to be measured
        if _interrupted(exc):
            raise KeyboardInterrupt from exc
        traceback.print_exc()
        failure = f"{type(exc).__name__}: {exc}"
    return Kept(
        cell=cell,
        commit=commit,
        begun_at=begun_at,
        seconds=time.monotonic() - begun,
        loads=(before, os.getloadavg()[0]),
        section=section,
        failure=failure,
    )


def _interrupted(exc: BaseException) -> bool:
    """Whether Ctrl-C is the cause: cleaning up after it may raise something else."""
    return isinstance(exc, KeyboardInterrupt) or (
        exc.__context__ is not None and _interrupted(exc.__context__)
    )


@contextmanager
def _limited(cell: str, limit_s: int) -> Generator[None]:
    def stop(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"{cell} took more than {limit_s} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(limit_s)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def current_commit() -> str:
    """The commit that is measured; marked as changed unless only the bench's documents differ."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    changes = _git("status", "--porcelain", "--", ".", ":!benchmarks/*.md")
    return commit + _CHANGED if changes else commit


def _git(*arguments: str) -> str:
    command: Sequence[str] = ("git", "-C", str(ROOT), *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
