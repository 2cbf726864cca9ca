"""The supervisor's own bare repository: what was cloned, and what came back in a bundle.

The agent reads its objects (its clone borrows them) and writes nothing. Where agent and
supervisor are the same user it could; therefore everything except objects and refs is rewritten
before each use.
"""

import contextlib
import shutil
from dataclasses import replace
from pathlib import Path

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.repository.failures import WorkspaceFailed
from aiwebhook_runner.repository.git import Git, GitFailed
from aiwebhook_runner.repository.layout import BASE, FIRST_COMMIT, OURS, Layout, write_start
from aiwebhook_runner.repository.workspace_limits import WorkspaceLimits

_KEPT = frozenset({"HEAD", "config", "objects", "packed-refs", "refs", "shallow"})
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"


class Pristine:
    """Every method may raise GitFailed unless it says otherwise."""

    def __init__(self, folder: Path, git: Git) -> None:
        self.folder = folder
        self._bare = git

    @property
    def objects(self) -> Path:
        return self.folder / "objects"

    def git(self, deadline: float) -> Git:
        """Git for commands in this repository."""
        return replace(
            self._bare,
            cwd=self.folder,
            environment={**self._bare.environment, "GIT_DIR": str(self.folder)},
            deadline=deadline,
        )

    def create(self) -> None:
        """Create an empty repository. Raises OSError."""
        Layout(config=_CONFIG, branch="none").write(self.folder)

    def seal(self) -> None:
        """Rewrite everything that configures git here."""
        for entry in self.folder.iterdir():
            if entry.name not in _KEPT:
                _remove(entry)
        _remove(self.objects / "info")
        _remove(self.folder / "config")
        (self.folder / "config").write_text(_CONFIG, encoding="utf-8")

    def shallow(self) -> bytes | None:
        """Where the history was cut, for repositories that borrow these objects."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "shallow").read_bytes()
        return None

    def start_empty(self) -> None:
        """Begin with FIRST_COMMIT instead of a clone. Raises OSError."""
        write_start(self.objects)
        Layout(config=_CONFIG, branch="none", refs={BASE: FIRST_COMMIT}).write(self.folder)

    def check_files(self, commit: str, limits: WorkspaceLimits, deadline: float) -> None:
        """A small download may unpack to any size. Raises WorkspaceFailed before it does."""
        git = self.git(deadline)
        count = size = 0
        try:
            listed = git.raw("ls-tree", "-r", "-z", "--format=%(objectsize)", commit)
        except GitFailed as exc:
            if exc.reason == "exit":
                raise
            count = limits.max_repository_files + 1
        else:
            sizes = [int(entry) for entry in listed.split(b"\0") if entry.isdigit()]
            count, size = len(sizes), sum(sizes)
        if count > limits.max_repository_files or size > limits.max_repository_bytes:
            raise WorkspaceFailed(
                ErrorClass.LAUNCH,
                "The repository's files need more space than a run may use.",
                remedy="Use a smaller repository, or a ref with less in it.",
                retryable=False,
            )

    def accept(self, bundle: Path, deadline: float, *, refs: str = OURS) -> None:
        """Take over these refs from a bundle of the agent's. Every hash is recomputed and nothing
        may be missing; the trees' contents do no harm here, where none is checked out.
        """
        git = self.git(deadline)
        git = replace(
            git,
            config=(*git.config, "transfer.unpackLimit=1"),
            environment={**git.environment, "GIT_ALLOW_PROTOCOL": "file"},
        )
        refspec = f"+{refs}*:{refs}*"
        git.text("fetch", "-q", "--no-tags", "--no-write-fetch-head", str(bundle), refspec)

    def refs_below(self, prefix: str, deadline: float) -> dict[str, str]:
        """Full ref name to commit id."""
        listed = self.git(deadline).text(
            "for-each-ref", "--format=%(objectname) %(refname)", prefix
        )
        pairs = (entry.split(" ", 1) for entry in listed.splitlines())
        return {name: commit for commit, name in pairs}

    def write_contents(
        self, base: str, prefix: str, path: Path, *, limit: int, deadline: float
    ) -> None:
        """Everything that a bundle of these refs contains, unpacked: commits, folders, files."""
        git = self.git(deadline)
        without = () if base == FIRST_COMMIT else (f"^{base}",)
        names = ("--objects", "--no-object-names", f"--glob={prefix}*", *without)
        objects = git.raw("rev-list", *names)
        with path.open("wb") as file:
            git.into(file, "cat-file", "--batch", "--buffer", limit=limit, stdin=objects)

    def write_log(self, base: str, prefix: str, path: Path, *, limit: int, deadline: float) -> None:
        """The same for people, as `git log -p`."""
        without = () if base == FIRST_COMMIT else (f"^{base}",)
        options = ("--no-ext-diff", "--no-textconv", "--full-index", "--source", "-p", "-m")
        with path.open("wb") as file:
            self.git(deadline).into(
                file, "log", *options, f"--glob={prefix}*", *without, limit=limit
            )

    def message_of(self, commit: str, deadline: float) -> bytes:
        """The first line of a commit's message."""
        return self.git(deadline).raw("log", "-1", "--format=%s", commit).rstrip(b"\n")

    def check_out(self, commit: str, folder: Path, index: Path, deadline: float) -> None:
        """Write its files into an empty folder."""
        git = self.git(deadline)
        environment = {"GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": str(index)}
        git = replace(git, cwd=folder, environment={**git.environment, **environment})
        git.text("read-tree", "--reset", "-u", commit)

    def commit_of(self, ref: str, deadline: float) -> str:
        return self.git(deadline).text("rev-parse", "--verify", f"{ref}^{{commit}}")

    def compare(self, base: str, commit: str, deadline: float) -> bytes:
        options = ("--raw", "--numstat", "-z", "--no-renames", "--no-ext-diff", "--no-textconv")
        return self.git(deadline).raw("diff-tree", "-r", *options, base, commit)

    def write_patch(
        self, base: str, commit: str, path: Path, *, limit: int, deadline: float
    ) -> bool:
        """Returns whether it was written; a larger one is not."""
        options = ("--binary", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv")
        try:
            with path.open("wb") as file:
                self.git(deadline).into(
                    file, "diff-tree", "-r", "-p", *options, base, commit, limit=limit
                )
        except GitFailed as exc:
            path.unlink(missing_ok=True)
            if exc.reason == "exit":
                raise
            return False
        return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
