"""Lines of work that an agent left beside its HEAD: which exist, and which is the result.

Pure: git's output comes in as text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from aiwebhook.domain.plain_text import plain_line
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.repository.layout import OWN_REFS

MAX_LINES = 10_000
MAX_NAMED = 50
_COMMIT = re.compile(r"[0-9a-f]{40}")
_REWRITTEN = re.compile(r"\A[^:]*(?:\(amend\)|\brebase\b)")
_LEFT_DETACHED = re.compile(r"\Acheckout: moving from [0-9a-f]{40} to ")


class LineKind(StrEnum):
    """Where a line was found. If a commit has several places, the first in this order names it."""

    BRANCH = "branch"
    """refs/heads."""
    STASH = "stash"
    """An entry of `git stash`, or what an unfinished rebase or merge has stashed."""
    WORKTREE = "worktree"
    """Uncommitted changes, or a detached HEAD, in a linked worktree."""
    TAG = "tag"
    """refs/tags."""
    DETACHED = "detached"
    """Commits on no branch that a checkout left behind."""
    REF = "ref"
    """Any other ref."""
    NOTES = "notes"
    """refs/notes: about commits, no files of the repository."""
    SUBMODULE = "submodule"
    """Files in the folder of a submodule."""
    DISCARDED = "discarded"
    """Commits that only the reflog knows: reset away, or on a branch that was deleted."""


_ORDER = {kind: number for number, kind in enumerate(LineKind)}
_PLACES = {
    "refs/heads/": LineKind.BRANCH,
    "refs/tags/": LineKind.TAG,
    "refs/notes/": LineKind.NOTES,
}
_LABELS = {
    LineKind.STASH: "the stash",
    LineKind.DETACHED: "commits on no branch",
    LineKind.NOTES: "notes about commits",
    LineKind.DISCARDED: "commits that were discarded",
}
"""For speech, where a name would say nothing."""
_RESULTS = frozenset(
    {LineKind.BRANCH, LineKind.STASH, LineKind.WORKTREE, LineKind.TAG, LineKind.DETACHED}
)
"""Kinds that may be the result: the others were discarded, or are not work on the repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The newest commit of a line. `is_result`: it may be what the agent meant to deliver."""

    kind: LineKind
    name: str
    commit: str
    is_result: bool = False

    @property
    def said(self) -> str:
        """Where it was, as the end of a sentence."""
        words = _LABELS.get(self.kind)
        return words or f"{self.kind.value} {speakable(self.name)}"

    def as_json(self, ref: str) -> JsonObject:
        return {"kind": self.kind.value, "name": self.name, "commit": self.commit, "ref": ref}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflog:
    """Commits that a HEAD pointed to before, from its reflog."""

    left: tuple[Line, ...] = ()
    rewritten: tuple[str, ...] = ()
    """Replaced by amend or rebase: their successors are the work."""


def lines_of_refs(listed: str) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """From `objectname refname`: refs that may be the agent's, and those that were fetched."""
    lines: list[Line] = []
    fetched: list[str] = []
    for entry in listed.splitlines():
        commit, _, ref = entry.partition(" ")
        if not _COMMIT.fullmatch(commit):
            continue
        if ref.startswith("refs/remotes/"):
            fetched.append(commit)
        else:
            lines.append(_line_of_ref(commit, ref))
    return tuple(lines), tuple(fetched)


def _line_of_ref(commit: str, ref: str) -> Line:
    if ref == "refs/stash":
        return Line(kind=LineKind.STASH, name="stash@{0}", commit=commit)
    for place, kind in _PLACES.items():
        if ref.startswith(place):
            return Line(kind=kind, name=ref.removeprefix(place), commit=commit)
    if ref.startswith(OWN_REFS):  # of an earlier attempt
        kind, _, name = ref.removeprefix(OWN_REFS).partition("/")
        if kind in _ORDER:
            return Line(kind=LineKind(kind), name=name, commit=commit)
    return Line(kind=LineKind.REF, name=ref, commit=commit)


def reflog_of(log: str, *, rebasing: bool) -> Reflog:
    """While a rebase is unfinished, the commit it began with is not yet replaced."""
    left: dict[str, LineKind] = {}
    rewritten: set[str] = set()
    for old, _, action in _entries(log):
        if _REWRITTEN.match(action) and not (rebasing and "rebase" in action):
            rewritten.add(old)
        else:
            left[old] = LineKind.DETACHED if _LEFT_DETACHED.match(action) else LineKind.DISCARDED
    lines = (Line(kind=kind, name=commit[:12], commit=commit) for commit, kind in left.items())
    return Reflog(left=tuple(lines), rewritten=tuple(sorted(rewritten)))


def stashes_of(log: str) -> tuple[Line, ...]:
    """From the reflog of refs/stash; its newest entry is stash@{0}."""
    commits = [new for _, new, _ in _entries(log)]
    return tuple(
        Line(kind=LineKind.STASH, name=f"stash@{{{number}}}", commit=commit)
        for number, commit in enumerate(reversed(commits))
    )


def _entries(log: str) -> Iterator[tuple[str, str, str]]:
    """Old commit, new commit, action."""
    for entry in log.splitlines():
        who, _, action = entry.partition("\t")
        match who.split(" ", 2):
            case [old, new, _] if _COMMIT.fullmatch(old) and _COMMIT.fullmatch(new):
                yield old, new, action
            case _:
                pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Commits above the base, from `rev-list --timestamp --parents`."""

    parents: Mapping[str, tuple[str, ...]]
    times: Mapping[str, int]

    @classmethod
    def of(cls, listed: str) -> "Graph":
        rows = [entry.split(" ") for entry in listed.splitlines()]
        return cls(
            parents={row[1]: tuple(row[2:]) for row in rows},
            times={row[1]: int(row[0]) for row in rows},
        )

    def joined(self, other: "Graph") -> "Graph":
        return Graph(parents={**self.parents, **other.parents}, times={**self.times, **other.times})

    def tips(self, lines: Iterable[Line]) -> tuple[Line, ...]:
        """Lines not contained in another one, each commit once."""
        inner = {parent for parents in self.parents.values() for parent in parents}
        found: dict[str, Line] = {}
        for line in sorted(lines, key=lambda line: _ORDER[line.kind]):
            if line.commit in self.parents and line.commit not in inner:
                found.setdefault(line.commit, line)
        return tuple(found.values())

    def grows_from(self, base: str, tip: str) -> bool:
        seen, waiting = {tip}, [tip]
        while waiting:
            for parent in self.parents.get(waiting.pop(), ()):
                if parent == base:
                    return True
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return False

    def could_be_result(self, line: Line, *, base: str, began: float) -> bool:
        """Whether it is work on the base, done since the run began: an older commit may
        have been fetched.
        """
        return (
            line.kind in _RESULTS
            and self.times[line.commit] >= int(began)
            and self.grows_from(base, line.commit)
        )


def choose_result_line(
    lines: Iterable[Line], *, unchanged: bool
) -> tuple[Line | None, tuple[Line, ...]]:
    """The line that is the result, and the others. There is one only if HEAD and files are as at
    the start, and exactly one line qualifies.
    """
    lines = tuple(lines)
    meant = [line for line in lines if line.is_result]
    if not unchanged or len(meant) != 1:
        return None, lines
    return meant[0], tuple(line for line in lines if line is not meant[0])


def refs_for(lines: Iterable[Line]) -> dict[str, Line]:
    """A ref for each. Names of branches and tags are kept: git has checked that they do not
    conflict; others get a number.
    """
    refs: dict[str, Line] = {}
    for number, line in enumerate(lines):
        keeps_name = line.kind in (LineKind.BRANCH, LineKind.TAG)
        refs[f"{OWN_REFS}{line.kind.value}/{line.name if keeps_name else number}"] = line
    return refs


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """Where lines of an earlier attempt are in the agent's repository."""

    refs: Mapping[str, str]
    stashes: tuple[str, ...]


def restored_refs(kept: Mapping[str, str], *, branch: str) -> Restored:
    """From refs made by refs_for() to those the agent knows, beside its own branch. A submodule's
    files are restored as files.
    """
    refs: dict[str, str] = {}
    stashes: dict[int, str] = {}
    for ref, commit in kept.items():
        kind, _, name = ref.removeprefix(OWN_REFS).partition("/")
        match kind:
            case LineKind.BRANCH if not _in_the_way(name, branch):
                refs[f"refs/heads/{name}"] = commit
            case LineKind.TAG:
                refs[f"refs/tags/{name}"] = commit
            case LineKind.STASH if name.isdecimal():
                stashes[int(name)] = commit
            case LineKind.SUBMODULE:
                pass
            case _:
                refs[ref] = commit
    return Restored(refs=refs, stashes=tuple(stashes[number] for number in sorted(stashes)))


def _in_the_way(name: str, branch: str) -> bool:
    """git cannot have both: a branch and another one below its name."""
    return f"{name}/".startswith(f"{branch}/") or f"{branch}/".startswith(f"{name}/")


def enumerated(lines: Iterable[Line]) -> str:
    """For speech: "branch fix/x and 2 stashes"."""
    by_kind: dict[LineKind, list[Line]] = {}
    for line in lines:
        by_kind.setdefault(line.kind, []).append(line)
    parts = [_group(kind, group) for kind, group in sorted(by_kind.items(), key=_by_order)]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _by_order(item: tuple[LineKind, list[Line]]) -> int:
    return _ORDER[item[0]]


def _group(kind: LineKind, group: list[Line]) -> str:
    if len(group) == 1 or kind in (LineKind.NOTES, LineKind.DISCARDED, LineKind.DETACHED):
        return group[0].said
    plural = {LineKind.BRANCH: "branches", LineKind.STASH: "stashes"}.get(kind, f"{kind.value}s")
    return f"{len(group)} {plural}"


def speakable(name: str) -> str:
    """A name that an agent chose, within a sentence."""
    plain = plain_line(name)
    return plain if len(plain) <= 40 else f"{plain[:39]}…"
