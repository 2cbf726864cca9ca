"""The folder of one run: work (cwd), home and tmp; readable by nobody else, removed afterwards."""

import contextlib
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path


class UnsafePath(ValueError):
    """The agent named a file that is not a regular file of its work folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """The folders of one run, as absolute paths."""

    root: Path

    @property
    def work(self) -> Path:
        """The agent's current directory, empty at start."""
        return self.root / "work"

    @property
    def home(self) -> Path:
        """Its HOME; nothing of the user's own."""
        return self.root / "home"

    @property
    def tmp(self) -> Path:
        return self.root / "tmp"

    @classmethod
    def create(cls, base: Path) -> "Workspace":
        """Create a workspace below `base`. Raises OSError."""
        base.mkdir(parents=True, exist_ok=True)
        workspace = cls(root=Path(tempfile.mkdtemp(prefix="aiwebhook-run-", dir=base)).resolve())
        for folder in (workspace.work, workspace.home, workspace.tmp):
            folder.mkdir(mode=0o700)
        return workspace

    def file(self, name: str) -> Path:
        """A file that the agent made in its work folder. Raises UnsafePath if it is not one, or
        lies elsewhere once links are followed: the supervisor may read what the agent may not, and
        would upload it.
        """
        path = (self.work / name).resolve()
        if not path.is_relative_to(self.work.resolve()):
            raise UnsafePath(f"{name} is outside of the work folder")
        if not path.is_file():
            raise UnsafePath(f"{name} is not a file of the work folder")
        return path

    def remove(self) -> None:
        """Best effort: the agent is gone; a file that cannot be deleted must not fail its task."""
        remove_tree(self.root)


def remove_tree(path: Path) -> None:
    """Remove as much as possible; links are removed, not followed."""
    if path.is_symlink() or not path.is_dir():
        with contextlib.suppress(OSError):
            path.unlink()
    else:
        shutil.rmtree(path, onerror=_make_writable)


def _make_writable(_function: object, name: str, _error: object) -> None:
    """Folders without write permission (Go's module cache, `chmod -w`) must be
    made writable first.
    """
    path = Path(name)
    with contextlib.suppress(OSError):
        path.parent.chmod(stat.S_IRWXU)
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        else:
            path.chmod(stat.S_IRWXU)
            shutil.rmtree(path, ignore_errors=True)
