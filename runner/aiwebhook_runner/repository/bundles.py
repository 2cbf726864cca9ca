"""Packs a snapshot: its own work in one bundle, work beside it in another."""

from dataclasses import dataclass, replace
from typing import IO

from aiwebhook_runner.repository.beside import Beside, flattened
from aiwebhook_runner.repository.files import MAX_LISTED
from aiwebhook_runner.repository.git import Git, GitFailed
from aiwebhook_runner.repository.layout import FIRST_COMMIT, HEAD, OWN_REFS, RESULT
from aiwebhook_runner.repository.lines import Line, LineKind, refs_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """`head` is the agent's last commit; `commit` adds uncommitted work."""

    head: str
    commit: str
    left_out: tuple[str, ...] = ()
    submodules: tuple[bytes, ...] = ()
    squashed: bool = False
    bundled: bool = False
    """False: nothing differs from the base, and there is no bundle."""
    unmerged: tuple[str, ...] = ()
    """Paths with unresolved merge conflicts."""
    unfinished: str | None = None
    """rebase, merge, cherry-pick or revert."""
    taken: Line | None = None
    """The line beside HEAD that became `commit`, if any."""
    others: tuple[Line, ...] = ()
    """Work beside this, and whether it is in a bundle of its own."""
    others_bundled: bool = False
    lost: tuple[str, ...] = ()
    """Where work could not be read or kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The bounds of a snapshot's bundles."""

    base: str
    began: float
    """When the run began, in seconds since the epoch."""
    limit: int
    """Bytes of each bundle."""
    deadline: float
    may_choose: bool = True
    """Whether a line beside HEAD can become the result."""


def bundle_work(git: Git, snapshot: Snapshot, wanted: Needs, file: IO[bytes]) -> bool:
    """Bundle everything since the base as RESULT and HEAD; returns whether there is anything."""
    base, head, commit = wanted.base, snapshot.head, snapshot.commit
    if commit == base:
        return False
    git.text(
        "update-ref", "--stdin", stdin=f"update {HEAD} {head}\nupdate {RESULT} {commit}\n".encode()
    )
    refs = (RESULT,) if head == base else (RESULT, HEAD)
    git.into(file, "bundle", "create", "-q", "-", *refs, f"^{base}", limit=wanted.limit)
    return True


def bundle_line(
    git: Git, line: Line, snapshot: Snapshot, wanted: Needs, file: IO[bytes]
) -> Snapshot:
    """Make that line the run's result and write its bundle to `file`. Raises GitFailed."""
    is_stash = line.kind is LineKind.STASH
    commit = flattened(git, line.commit) if is_stash else line.commit
    taken = replace(snapshot, head=commit, commit=commit, taken=line)
    return replace(taken, bundled=bundle_work(git, taken, wanted, file))


def bundle_others(
    beside: Beside, lines: tuple[Line, ...], snapshot: Snapshot, wanted: Needs, file: IO[bytes]
) -> Snapshot:
    """Bundle the lines beside HEAD. If that is too large, the lines are reported as lost, and the
    snapshot itself is kept. Raises GitFailed.
    """
    if not lines:
        return snapshot
    refs = refs_for(lines)
    git, base = beside.git, wanted.base
    updates = "".join(f"create {ref} {line.commit}\n" for ref, line in refs.items())
    git.text("update-ref", "--stdin", stdin=updates.encode())
    without = () if base == FIRST_COMMIT else (f"^{base}",)
    try:
        options = ("--glob=" + OWN_REFS + "*", *without)
        git.into(file, "bundle", "create", "-q", "-", *options, limit=wanted.limit)
    except GitFailed as exc:
        if exc.reason != "too_large":
            raise
        file.seek(0)
        file.truncate()
        lost = (*snapshot.lost, *(line.name for line in lines))
        return replace(snapshot, lost=lost[:MAX_LISTED])
    return replace(snapshot, others=lines, others_bundled=True)
