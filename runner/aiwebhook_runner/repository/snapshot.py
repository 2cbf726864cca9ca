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
from aiwebhook_runner.repository.layout import EMPTY_TREE, START, Layout
from aiwebhook_runner.repository.limits import WorkspaceLimits
from aiwebhook_runner.repository.pristine import HEAD, RESULT, Pristine

LEFTOVERS = "Changes that the agent had not committed"
ASK_S = 10.0
SOME_PASSED_OVER = 1
"""What `git add --ignore-errors` exits with; its index holds the others then."""
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
    left_out: tuple[str, ...] = ()
    squashed: bool = False
    bundled: bool = False
    """False: nothing differs from the base, and the bundle is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFolder:
    """The agent's folder, seen from outside. Every method may raise GitFailed."""

    work: Path
    scratch: Path
    """Where throw-away repositories may be made."""
    pristine: Pristine
    git: Git
    """With the agent's user, and nothing of ours in its environment."""
    limits: WorkspaceLimits
    untouched: tuple[str, ...] = ()
    """Paths taken as they were in the last commit, whatever lies there now."""

    def bundle(self, base: str, file: IO[bytes], *, limit: int, deadline: float) -> Snapshot:
        """All since the base into the file, as RESULT and HEAD. More than `limit` is GitFailed.

        With the agent's own commits if they can be read; if its attributes or its repository are
        in the way, the files as they lie there become one commit.
        """
        if self.work.is_symlink() or not self.work.is_dir():
            raise GitFailed(("add",), reason="exit", said="the work folder is no folder any more")
        head, borrowed = self._agent_commits(deadline)
        if head == base == START and self._is_empty():
            return Snapshot(head=base, commit=base)
        ways = [(head, borrowed, False), (head, borrowed, True), (None, "", True)]
        while True:
            commit, objects, raw = ways.pop(0)
            try:
                with self._repository(objects, raw=raw, deadline=deadline) as git:
                    snapshot = self._take(git, commit or base, base)
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
            self.git,
            cwd=self.work,
            environment={"GIT_DIR": str(self.work / ".git")},
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
        folder = Path(tempfile.mkdtemp(prefix="snapshot-", dir=self.scratch))
        layout = Layout(
            config=_CONFIG,
            branch="none",
            borrowed=self.pristine.objects,
            shallow=self.pristine.shallow(),
            attributes=_RAW if raw else "",
        )
        try:
            layout.write(folder)
            self._hand_over(folder)
            yield replace(
                self.git,
                cwd=self.work,
                environment={
                    "GIT_DIR": str(folder),
                    "GIT_WORK_TREE": str(self.work),
                    "GIT_ALTERNATE_OBJECT_DIRECTORIES": objects,
                },
                deadline=deadline,
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _hand_over(self, folder: Path) -> None:
        user = self.git.user
        if user is None:
            return
        # From the leaves to the root: nobody else can enter before the root itself is theirs.
        for parent, _, names in os.walk(folder, topdown=False):
            for name in names:
                os.chown(Path(parent, name), user.uid, user.gid, follow_symlinks=False)
            os.chown(parent, user.uid, user.gid)

    def _take(self, git: Git, head: str, base: str) -> Snapshot:
        head, tree_of_head = _commit_and_tree(git, head)
        if tree_of_head != EMPTY_TREE:
            git.text("read-tree", head)
        left_out = self._add_files(git)
        tree = git.text("write-tree")
        commit = head
        if tree != tree_of_head:
            commit = git.text("commit-tree", tree, "-p", head, "-m", LEFTOVERS)
        if commit != base:
            refs = f"update {HEAD} {head}\nupdate {RESULT} {commit}\n"
            git.text("update-ref", "--stdin", stdin=refs.encode())
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
        unwanted += [os.fsencode(path) for path in self.untouched]
        pathspecs = b"\0".join([b":/", *(b":(exclude,literal)" + path for path in unwanted)])
        add = ("add", "-A", "--ignore-errors", "--pathspec-from-file=-", "--pathspec-file-nul")
        try:
            git.text(*add, stdin=pathspecs)
            if not unwanted:
                return ()
        except GitFailed as exc:
            if exc.code != SOME_PASSED_OVER:
                raise
        left = sorted({path for path in git.raw(*everything, "-m").split(b"\0") if path})
        return tuple(cleaned_text(path.decode("utf-8", "replace")) for path in left[:MAX_TOLD])

    def _is_empty(self) -> bool:
        """Nothing lies there but the repository, so there is nothing to ask git about."""
        with suppress(OSError):
            return os.listdir(self.work) == [".git"]  # noqa: PTH208 - reason: names are enough
        return False

    def _wanted(self, path: bytes) -> bool:
        """Neither too large nor special nor a repository of its own; gone is a change, too."""
        file = self.work / os.fsdecode(path)
        try:
            found = file.lstat()
        except OSError:
            return True
        if stat.S_ISDIR(found.st_mode):
            return not os.path.lexists(file / ".git")
        too_large = found.st_size > self.limits.max_file_bytes
        return stat.S_IFMT(found.st_mode) in _ADDED and not too_large


def _commit_and_tree(git: Git, head: str) -> tuple[str, str]:
    """Of a commit that the agent names. Raises GitFailed when it is none that can be read."""
    wanted = f"{head}^{{commit}}\n{head}^{{tree}}\n".encode()
    told = git.text("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=wanted)
    match [line.split(" ") for line in told.splitlines()]:
        case [[commit, "commit"], [tree, "tree"]]:
            return commit, tree
        case _:
            raise GitFailed(("cat-file",), reason="exit", said=told)
