"""The agent's work as commits, taken without disturbing it: its index, its refs and its
configuration stay as they are, and nothing that it configured is obeyed.

A throw-away repository with our own configuration looks at the agent's files, and borrows the
agent's objects for the commits it made itself. All of it runs as the agent's user.
"""

import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from aiwebhook_runner.jsons import cleaned_text
from aiwebhook_runner.repository.git import Git, GitFailed
from aiwebhook_runner.repository.limits import WorkspaceLimits
from aiwebhook_runner.repository.pristine import HEAD, RESULT, Pristine

LEFTOVERS = "Changes that the agent had not committed"
ASK_S = 10.0
MAX_TOLD = 50
_COMMIT = re.compile(r"[0-9a-f]{40}")
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tsymlinks = true\n"
_RAW = "* -text -filter -ident -working-tree-encoding\n"
"""Against attributes that make `git add` give up, like an encoding that the file is not in."""
_ADDED = frozenset({stat.S_IFREG, stat.S_IFLNK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """`head` is the agent's last commit, `commit` adds what it had not committed."""

    head: str
    commit: str
    left_out: tuple[str, ...]
    squashed: bool = False
    bundled: bool = False
    """False: nothing differs from the base, and the bundle is empty."""


class WorkFolder:
    """The agent's folder, seen from outside. Every method may raise GitFailed."""

    def __init__(
        self, *, work: Path, scratch: Path, pristine: Pristine, git: Git, limits: WorkspaceLimits
    ) -> None:
        self._work = work
        self._scratch = scratch
        self._pristine = pristine
        self._git = git
        self._limits = limits

    def bundle(self, base: str, file: IO[bytes], *, limit: int, deadline: float) -> Snapshot:
        """All since the base into the file, as RESULT and HEAD. More than `limit` is GitFailed.

        With the agent's own commits if they can be read; if its attributes or its repository are
        in the way, the files as they lie there become one commit.
        """
        head, objects = self._agent_commits(deadline)
        ways = [(head, False), (head, True), (None, True)]
        while True:
            commit, raw = ways.pop(0)
            try:
                with self._repository(objects, raw=raw, deadline=deadline) as git:
                    snapshot = self._take(git, commit or base)
                    bundled = self._bundle(git, snapshot, base, file, limit)
            except GitFailed:
                if not ways or time.monotonic() >= deadline:
                    raise
                file.seek(0)
                file.truncate()
            else:
                squashed = commit is None and head not in (None, base)
                return replace(snapshot, bundled=bundled, squashed=squashed)

    def _agent_commits(self, deadline: float) -> tuple[str | None, str]:
        """Its HEAD and where its objects lie. The only command that reads its configuration: it
        runs none of the programs that a configuration can name, and may neither fetch nor ask."""
        git = replace(
            self._git,
            cwd=self._work,
            environment={"GIT_DIR": str(self._work / ".git")},
            deadline=min(deadline, time.monotonic() + ASK_S),
        )
        with suppress(GitFailed):
            head, _, objects = git.text("rev-parse", "HEAD", "--git-path", "objects").partition(
                "\n"
            )
            if _COMMIT.fullmatch(head):
                return head, objects
        return None, ""

    @contextmanager
    def _repository(self, objects: str, *, raw: bool, deadline: float) -> Generator[Git]:
        """Made of files that we write, then handed over: what runs in it has no rights of ours."""
        folder = Path(tempfile.mkdtemp(prefix="snapshot-", dir=self._scratch))
        files = {
            "HEAD": b"ref: refs/heads/none\n",
            "config": _CONFIG.encode(),
            "info/attributes": _RAW.encode() if raw else b"",
            "objects/info/alternates": os.fsencode(self._pristine.objects) + b"\n",
            "shallow": self._pristine.shallow() or b"",
        }
        try:
            for name in ("info", "objects/info", "refs"):
                (folder / name).mkdir(parents=True)
            for name, content in files.items():
                if content:
                    (folder / name).write_bytes(content)
            self._hand_over(folder)
            yield replace(
                self._git,
                cwd=self._work,
                environment={
                    "GIT_DIR": str(folder),
                    "GIT_WORK_TREE": str(self._work),
                    "GIT_ALTERNATE_OBJECT_DIRECTORIES": objects,
                },
                deadline=deadline,
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _hand_over(self, folder: Path) -> None:
        user = self._git.user
        if user is None:
            return
        # From the leaves to the root: nobody else can enter before the root itself is theirs.
        for parent, _, names in os.walk(folder, topdown=False):
            for name in names:
                os.chown(Path(parent, name), user.uid, user.gid, follow_symlinks=False)
            os.chown(parent, user.uid, user.gid)

    def _take(self, git: Git, head: str) -> Snapshot:
        head = git.text("rev-parse", "--verify", f"{head}^{{commit}}")
        git.text("read-tree", head)
        left_out = self._add_files(git)
        tree = git.text("write-tree")
        commit = head
        if tree != git.text("rev-parse", "--verify", f"{head}^{{tree}}"):
            commit = git.text("commit-tree", tree, "-p", head, "-m", LEFTOVERS)
        git.text("update-ref", HEAD, head)
        git.text("update-ref", RESULT, commit)
        return Snapshot(head=head, commit=commit, left_out=left_out)

    def _bundle(self, git: Git, snapshot: Snapshot, base: str, file: IO[bytes], limit: int) -> bool:
        if snapshot.commit == base:
            return False
        refs = (RESULT,) if snapshot.head == base else (RESULT, HEAD)
        git.into(file, "bundle", "create", "-q", "-", *refs, f"^{base}", limit=limit)
        return True

    def _add_files(self, git: Git) -> tuple[str, ...]:
        everything = ("ls-files", "-z", "--exclude-standard", "-o")
        paths = {path for path in git.raw(*everything, "-c").split(b"\0") if path}
        unwanted = [path.rstrip(b"/") for path in sorted(paths) if not self._wanted(path)]
        pathspecs = b"\0".join([b":/", *(b":(exclude,literal)" + path for path in unwanted)])
        add = ("add", "-A", "--ignore-errors", "--pathspec-from-file=-", "--pathspec-file-nul")
        try:
            git.text(*add, stdin=pathspecs)
        except GitFailed as exc:
            # Files that cannot be read are passed over; anything else stops it before it has
            # written its index.
            if "adding files failed" not in exc.said:
                raise
        left = sorted({path for path in git.raw(*everything, "-m").split(b"\0") if path})
        return tuple(cleaned_text(path.decode("utf-8", "replace")) for path in left[:MAX_TOLD])

    def _wanted(self, path: bytes) -> bool:
        """Neither too large nor special nor a repository of its own; gone is a change, too."""
        file = self._work / os.fsdecode(path)
        try:
            found = file.lstat()
        except OSError:
            return True
        if stat.S_ISDIR(found.st_mode):
            return not os.path.lexists(file / ".git")
        too_large = found.st_size > self._limits.max_file_bytes
        return stat.S_IFMT(found.st_mode) in _ADDED and not too_large
