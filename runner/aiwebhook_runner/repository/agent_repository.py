"""Reads from the agent's own repository: where HEAD is, where objects lie, what else exists.

The only commands that read its configuration. They run none of the programs that a configuration
can name, and may neither fetch nor prompt. Its files are read with the agent's rights.
"""

import os
import re
import stat
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from aiwebhook_runner.process.isolation import AgentUser, acting_as
from aiwebhook_runner.repository.git import Git, GitFailed
from aiwebhook_runner.repository.lines import Line, LineKind, Reflog, lines_of_refs, reflog_of
from aiwebhook_runner.repository.lines import stashes_of as stashes_in

REV_PARSE_S = 10.0
MAX_LOG_BYTES = 1024 * 1024
"""Of a reflog, from its end: some six thousand entries."""
MAX_WORKTREES = 20
NO_REFLOG = Reflog()
_COMMIT = re.compile(r"[0-9a-f]{40}")
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_UNFINISHED = {
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}
_STASHED = ("MERGE_AUTOSTASH", "rebase-merge/autostash", "rebase-apply/autostash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worktree:
    """A linked worktree. `head` None: it has no commit, or its repository does not say."""

    folder: Path
    head: str | None
    detached: bool

    @property
    def line(self) -> tuple[Line, ...]:
        """Its HEAD, if no branch contains it."""
        if self.head is None or not self.detached:
            return ()
        return (Line(kind=LineKind.WORKTREE, name=self.folder.name, commit=self.head),)


@dataclass(frozen=True, slots=True, kw_only=True)
class UntrustedState:
    """Not trusted until git has read the commits."""

    head: str | None = None
    objects: str = ""
    index: Path | None = None
    lines: tuple[Line, ...] = ()
    fetched: tuple[str, ...] = ()
    """Commits of remote-tracking branches: they are on a server."""
    reflog: Reflog = NO_REFLOG
    worktrees: tuple[Worktree, ...] = ()
    unfinished: str | None = None
    """rebase, merge, cherry-pick or revert."""


def read_untrusted(git: Git, work: Path) -> UntrustedState:
    """As much as can be read within REV_PARSE_S."""
    folder = work / ".git"
    git = replace(
        git,
        cwd=work,
        environment={"GIT_DIR": str(folder)},
        deadline=min(git.deadline, time.monotonic() + REV_PARSE_S),
    )
    try:
        objects, index, head = _paths_and_head(git)
    except GitFailed:
        return UntrustedState()
    folder = (work / objects).parent  # .git itself may be a file that says where it is
    seen = UntrustedState(head=head, objects=objects, index=work / index)
    with suppress(GitFailed):
        lines, fetched = lines_of_refs(
            git.text("for-each-ref", "--format=%(objectname) %(refname)")
        )
        seen = replace(seen, lines=lines, fetched=fetched)
    with acting_as(git.user):
        has_worktrees = (folder / "worktrees").is_dir()
    if has_worktrees:
        with suppress(GitFailed):
            worktrees = worktrees_of(git.raw("worktree", "list", "--porcelain", "-z"), work)
            seen = replace(seen, worktrees=worktrees)
    return _with_logs(seen, folder, git.user)


def first_line(path: Path) -> str:
    """Of a regular file; empty when it cannot be read."""
    return _tail(path).partition("\n")[0]


def _paths_and_head(git: Git) -> tuple[str, str, str | None]:
    """Where objects and index are, and the commit of HEAD, if there is one. Raises GitFailed."""
    command = ("rev-parse", "--git-path", "objects", "--git-path", "index")
    try:
        paths, _, head = git.text(*command, "HEAD").rpartition("\n")
    except GitFailed:  # HEAD is unborn, or names nothing that is here
        paths, head = git.text(*command), ""
    objects, _, index = paths.partition("\n")
    return objects, index, head if _COMMIT.fullmatch(head) else None


def _with_logs(seen: UntrustedState, folder: Path, user: AgentUser | None) -> UntrustedState:
    with acting_as(user):
        unfinished = next(
            (what for name, what in _UNFINISHED.items() if os.path.lexists(folder / name)), None
        )
        stashed = [commit for name in _STASHED if (commit := _tail(folder / name).strip())]
        stashes = stashes_in(_tail(folder / "logs/refs/stash"))
        logs = [folder / "logs" / "HEAD"]
        with suppress(OSError):
            admin = sorted((folder / "worktrees").iterdir())[:MAX_WORKTREES]
            logs += [entry / "logs" / "HEAD" for entry in admin]
        log = "".join(_tail(path) for path in logs)
    lines = [
        *seen.lines,
        *stashes,
        *(Line(kind=LineKind.STASH, name="autostash", commit=commit) for commit in stashed),
        *(line for worktree in seen.worktrees for line in worktree.line),
    ]
    return replace(
        seen,
        lines=tuple(line for line in lines if _COMMIT.fullmatch(line.commit)),
        reflog=reflog_of(log, rebasing=unfinished == "rebase"),
        unfinished=unfinished,
    )


def worktrees_of(listed: bytes, work: Path) -> tuple[Worktree, ...]:
    """From `worktree list --porcelain -z`, without the first, which is the repository itself."""
    found: list[Worktree] = []
    for entry in listed.split(b"\0\0")[1:]:
        fields = dict(_field(line) for line in entry.split(b"\0") if line)
        folder, head = fields.get("worktree"), fields.get("HEAD", "")
        if not folder or Path(folder) == work:
            continue
        known = head if _COMMIT.fullmatch(head) and set(head) != {"0"} else None
        detached = "branch" not in fields
        found.append(Worktree(folder=Path(folder), head=known, detached=detached))
    return tuple(found)


def _field(line: bytes) -> tuple[str, str]:
    name, _, value = os.fsdecode(line).partition(" ")
    return name, value


def _tail(path: Path) -> str:
    """The last MAX_LOG_BYTES of a regular file; empty when it cannot be read."""
    try:
        descriptor = os.open(path, _OPEN)
    except OSError:
        return ""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        with open(descriptor, "rb", closefd=False) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - MAX_LOG_BYTES))
            return file.read(MAX_LOG_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)
