"""What the cells have found, each in a file of its own as soon as it is done.

A run that breaks off, or a cell that fails, loses no other cell's figures: `--resume` measures what
is missing or failed, and the documents are always written from what is kept here.
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
"""What follows a commit when the tree is not quite its own: two such trees need not be equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One cell's outcome: a section, or the reason why there is none."""

    cell: str
    commit: str
    begun_at: datetime
    seconds: float
    loads: tuple[float, float]
    """Load of the last minute, before and after."""
    section: Section | None = None
    failure: str = ""

    def is_of(self, commit: str) -> bool:
        """Whether measuring it again at `commit` would only repeat it."""
        return self.section is not None and self.commit == commit and not commit.endswith(_CHANGED)


_KEPT = TypeAdapter(Kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A folder of outcomes: whole runs' or quick ones', which are never mixed."""

    folder: Path

    @classmethod
    def of(cls, *, quick: bool) -> Shelf:
        """The one for runs of this kind."""
        return cls(folder=FOLDER / ("quick" if quick else "whole"))

    def find(self, cell: str) -> Kept | None:
        """What is kept of a cell."""
        file = self._file(cell)
        return _KEPT.validate_json(file.read_bytes()) if file.exists() else None

    def keep(self, outcome: Kept) -> None:
        """In the place of what was kept of the cell; whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self._file(outcome.cell)
        draft = file.with_suffix(".draft")
        draft.write_bytes(_KEPT.dump_json(outcome, indent=1))
        draft.replace(file)

    def _file(self, cell: str) -> Path:
        return self.folder / f"{cell}.json"


def measured(cell: str, run: Callable[[], Section], *, commit: str, limit_s: int) -> Kept:
    """Run a cell, for `limit_s` at most. Whatever it raises is its outcome, but for Ctrl-C."""
    begun_at, begun, before = utc_now(), time.monotonic(), os.getloadavg()[0]
    section, failure = None, ""
    try:
        with _limited(cell, limit_s):
            section = run()
    except Exception as exc:  # the other cells are measured all the same
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
    """Whether Ctrl-C came first: cleaning up what was broken off halfway may fail."""
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
    """The commit that is measured. Documents that the bench writes change nothing about it."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    changes = _git("status", "--porcelain", "--", ".", ":!benchmarks/*.md")
    return commit + _CHANGED if changes else commit


def _git(*arguments: str) -> str:
    command: Sequence[str] = ("git", "-C", str(ROOT), *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
