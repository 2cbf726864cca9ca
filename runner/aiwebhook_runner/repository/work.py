"""What a run did to its repository, and where that was published."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aiwebhook_runner.jsons import JsonObject, cleaned_text
from aiwebhook_runner.repository.failures import WorkspaceFailed

PATCH_NAME = "changes.patch"
PATCH_TYPE = "patch"
PATCH_FORMAT = "diff"
CHANGES = {"A": "created", "D": "deleted"}
"""Everything else is modified: content, mode, or file to link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One path that differs from the base; `change` is created, modified or deleted."""

    path: str
    change: str

    def as_json(self) -> JsonObject:
        return {"path": self.path, "change": self.change}


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """All of it, from the base to the last commit. `commit` equals `base` if nothing changed."""

    repo: str | None
    ref: str | None
    base: str
    branch: str
    commit: str
    files: tuple[FileChange, ...] = ()
    insertions: int = 0
    deletions: int = 0
    patch: Path | None = None
    """To be stored as artifact PATCH_NAME; for `git apply`. None when nothing changed or it would
    be too large."""
    left_out: tuple[str, ...] = ()
    """Paths that could not be taken along: too large, unreadable, or repositories of their own."""
    squashed: bool = False
    """The agent's own commits could not be read; its files became one commit."""

    @property
    def changed(self) -> bool:
        return self.commit != self.base

    def as_json(self, published: "Published | None" = None) -> JsonObject:
        """The output's field `workspace`."""
        told: JsonObject = {
            "repo": self.repo,
            "ref": self.ref,
            "base": self.base,
            "branch": self.branch,
            "commit": self.commit if self.changed else None,
            "files": len(self.files),
            "insertions": self.insertions,
            "deletions": self.deletions,
            "patch_artifact": PATCH_NAME if self.patch else None,
            "pushed": published.pushed if published else False,
            "pull_request": published.pull_request if published else None,
        }
        if self.left_out:
            told["left_out"] = list(self.left_out)
        if self.squashed:
            told["squashed"] = True
        if published and published.problem:
            told["problem"] = str(published.problem)
            told["remedy"] = published.problem.remedy
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """How far publishing came. A problem never costs the work: the patch is an artifact."""

    branch: str
    pushed: bool = False
    pull_request: str | None = None
    draft: bool = False
    """Whether the pull request was asked for as one."""
    problem: WorkspaceFailed | None = None

    @property
    def sentence(self) -> str:
        """To be said aloud; empty when nothing was published."""
        if self.pull_request:
            number = self.pull_request.rpartition("/")[2]
            return f"{'Draft pull request' if self.draft else 'Pull request'} {number} is open."
        return f"I pushed branch {self.branch}." if self.pushed else ""


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
