"""What a run did to its repository, and where that was published."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aiwebhook_runner.jsons import JsonObject, cleaned_text
from aiwebhook_runner.repository.failures import WorkspaceFailed
from aiwebhook_runner.repository.layout import OWN_REFS
from aiwebhook_runner.repository.lines import MAX_NAMED, Line, enumerated, refs_for, speakable

PATCH_NAME = "changes.patch"
PATCH_TYPE = "patch"
PATCH_FORMAT = "diff"
OTHER_NAME = "other-work.bundle"
OTHER_LOG = "other-work.log"
"""Replaces a bundle that contains a secret of the run."""
OTHER_TYPE = "git"
OTHER_FORMAT = "bundle"
FETCH = f"git fetch {OTHER_NAME} '{OWN_REFS}*:{OWN_REFS}*'"
MAX_CAUSE = 140
"""Characters of a host's reason; `problem` has more."""
CHANGES = {"A": "created", "D": "deleted"}
"""Everything else is modified: content, mode, or file to link."""


_SENTENCE_END = re.compile(r"[.!?]+\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One path that differs from the base; `change` is created, modified or deleted."""

    path: str
    change: str

    def as_json(self) -> JsonObject:
        return {"path": self.path, "change": self.change}


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything from the base to the last commit. `commit` equals `base` if nothing changed."""

    repo: str | None
    ref: str | None
    base: str
    branch: str
    commit: str
    files: tuple[FileChange, ...] = ()
    insertions: int = 0
    deletions: int = 0
    patch: Path | None = None
    """Stored as artifact PATCH_NAME; for `git apply`. None if nothing changed or it would be too
    large.
    """
    left_out: tuple[str, ...] = ()
    """Paths that could not be included: too large, unreadable, or repositories of their own."""
    squashed: bool = False
    """The agent's own commits could not be read; its files became one commit."""
    taken: Line | None = None
    """Where the work was, if not under HEAD."""
    others: tuple[Line, ...] = ()
    """Work beside this."""
    other_bundle: Path | None = None
    """Work beside this, to be stored as artifact OTHER_NAME."""
    lost: tuple[str, ...] = ()
    """Where work could not be read, or was too large."""
    unmerged: tuple[str, ...] = ()
    unfinished: str | None = None

    @property
    def changed(self) -> bool:
        return self.commit != self.base

    def as_json(self, published: "Published | None" = None) -> JsonObject:
        """The output's field `workspace`."""
        fields: JsonObject = {
            "repo": self.repo,
            "ref": self.ref,
            "base": self.base,
            "branch": published.branch if published else self.branch,
            "commit": self.commit if self.changed else None,
            "files": len(self.files),
            "insertions": self.insertions,
            "deletions": self.deletions,
            "patch_artifact": PATCH_NAME if self.patch else None,
            "pushed": published.pushed if published else False,
            "pull_request": published.pull_request if published else None,
        }
        if self.left_out:
            fields["left_out"] = list(self.left_out)
        if self.squashed:
            fields["squashed"] = True
        fields |= self._beside()
        if published and published.problem:
            fields["problem"] = str(published.problem)
            fields["remedy"] = published.problem.remedy
        return fields

    @property
    def _has_bundle(self) -> bool:
        return self.other_bundle is not None and self.other_bundle.name == OTHER_NAME

    def _beside(self) -> JsonObject:
        fields: JsonObject = {}
        if self.taken:
            fields["found_in"] = {"kind": self.taken.kind.value, "name": self.taken.name}
        if self.others:
            refs = list(refs_for(self.others).items())
            fields["other_work"] = {
                "artifact": self.other_bundle.name if self.other_bundle else None,
                "fetch": FETCH if self._has_bundle else None,
                "count": len(refs),
                "lines": [line.as_json(ref) for ref, line in refs[:MAX_NAMED]],
            }
        if self.lost:
            fields["not_kept"] = list(self.lost)
        if self.unmerged:
            fields["unmerged"] = list(self.unmerged)
        if self.unfinished:
            fields["unfinished"] = self.unfinished
        return fields

    @property
    def said(self) -> tuple[str, ...]:
        """What the agent did not say about where its work is; parts of a sentence."""
        parts: list[str] = []
        if self.taken:
            parts.append(f"the work was in {self.taken.said}")
        if self.others and self.other_bundle:
            parts.append(f"I kept {enumerated(self.others)} in {self.other_bundle.name}")
        elif self.others:
            parts.append(f"I could not keep {enumerated(self.others)}")
        if self.lost:
            parts.append(f"I could not keep {_counted(self.lost)}")
        if self.unmerged:
            parts.append(f"there are merge conflicts in {_counted(self.unmerged)}")
        if self.unfinished:
            parts.append(f"a {self.unfinished} is unfinished")
        if self.left_out:
            parts.append(f"I had to leave out {_counted(self.left_out)}")
        return tuple(parts)


def joined_sentence(parts: tuple[str, ...]) -> str:
    """One sentence, however many facts: leaves room for one of the agent's own."""
    joined = "; ".join(parts)
    return f"{joined[:1].upper()}{joined[1:]}." if joined else ""


def _counted(names: tuple[str, ...]) -> str:
    """One is named, of several the first."""
    name = speakable(names[0])
    rest = len(names) - 1
    return name if not rest else f"{name} and {rest} more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """How far publishing came. A problem never costs the work: the patch is an artifact."""

    branch: str
    pushed: bool = False
    pull_request: str | None = None
    draft: bool = False
    """Whether a draft was asked for."""
    problem: WorkspaceFailed | None = None

    blocked_by: str | None = None
    """The branch on the host that prevented the usual name."""

    @property
    def said(self) -> tuple[str, ...]:
        """Parts of a sentence; none when nothing was to be published."""
        parts: list[str] = []
        if self.pull_request:
            number = self.pull_request.rpartition("/")[2]
            kind = "draft pull request" if self.draft else "pull request"
            parts.append(f"{kind} {number} is open")
        elif self.pushed:
            parts.append(f"I pushed branch {self.branch}")
        if self.blocked_by:
            blocker = speakable(self.blocked_by)
            parts.append(f"the branch is {self.branch}, because branch {blocker} is in the way")
        if self.problem:
            what = "open a pull request" if self.pushed else "push the branch"
            parts.append(f"I could not {what}: {_short(self.problem.cause)}")
        return tuple(parts)


def _short(cause: str) -> str:
    cause = _SENTENCE_END.sub("; ", cause.rstrip(". "))
    return cause if len(cause) <= MAX_CAUSE else f"{cause[: MAX_CAUSE - 1].rstrip()}…"


def changes_in(raw: bytes) -> tuple[tuple[FileChange, ...], int, int]:
    """Files, insertions and deletions, from `git diff --raw --numstat -z --no-renames`."""
    files: list[FileChange] = []
    insertions = deletions = 0
    fields: Iterator[bytes] = iter(raw.split(b"\0"))
    for found in fields:
        if found.startswith(b":"):
            status = found.rsplit(b" ", 1)[-1][:1].decode()
            path = cleaned_text(next(fields).decode("utf-8", "replace"))
            files.append(FileChange(path=path, change=CHANGES.get(status, "modified")))
        elif found:
            added, removed, _ = found.split(b"\t", 2)
            # A binary file has "-" for both.
            insertions += int(added) if added.isdigit() else 0
            deletions += int(removed) if removed.isdigit() else 0
    return tuple(files), insertions, deletions
