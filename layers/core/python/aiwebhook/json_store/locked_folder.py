"""A folder of sessions that several programs share: who reads sees no half of a change, who writes
is alone, and waits five seconds for it at most.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from aiwebhook import observability
from aiwebhook.errors import Unavailable
from aiwebhook.json_store.directory import Directory, FileStamp
from aiwebhook.json_store.journal import (
    Appended,
    FolderChange,
    commit_changes,
    finish_change,
    has_journal,
)
from aiwebhook.session_folder.session_files import STORE_FOLDER, RefusedFileError

LOCK_WAIT_S = 5.0
"""As long as Postgres waits for a lock."""
_LOOK_S = 0.005
_MOST_LOG = 1024 * 1024 * 1024


class LockedFolder:
    """Reads and changes of one folder. Within `writing`, reads see what was changed there."""

    def __init__(self, root: Path) -> None:
        self._directory = Directory(root)
        self._directory.make_folder(STORE_FOLDER)
        self._lock = os.open(
            root / STORE_FOLDER / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644
        )
        self._within = threading.RLock()
        self._held: int | None = None
        self._changes: FolderChange | None = None
        self._named: set[str] = set()

    @property
    def root(self) -> Path:
        return self._directory.root

    def close(self) -> None:
        os.close(self._lock)
        self._directory.close()

    @contextmanager
    def reading(self) -> Generator[None]:
        """Nobody changes anything until the end. Raises Unavailable."""
        with self._within, self._told():
            if self._held is not None:
                yield
                return
            with self._locked(fcntl.LOCK_SH):
                if has_journal(self._directory):
                    self._take(fcntl.LOCK_EX)
                    finish_change(self._directory)
                yield

    @contextmanager
    def writing(self) -> Generator[None]:
        """What was changed within is on the disk at the end, or nothing of it after an error.
        Within another: with that. Raises Unavailable.
        """
        with self._within, self._told():
            if self._changes is not None:
                yield
                return
            with self._locked(fcntl.LOCK_EX):
                finish_change(self._directory)
                self._changes = FolderChange()
                try:
                    yield
                    if self._changes:
                        commit_changes(self._directory, self._changes)
                finally:
                    self._changes = None

    @contextmanager
    def undoing(self) -> Generator[None]:
        """Within `writing`: an error undoes what was changed since the beginning of this."""
        before = self._pending.copy()
        try:
            yield
        except BaseException:
            self._changes = before
            raise

    @property
    def _pending(self) -> FolderChange:
        if self._changes is None:
            raise TypeError("a change outside `writing`")
        return self._changes

    def put(self, path: str, content: bytes) -> None:
        self._pending.appended.pop(path, None)
        self._pending.files[path] = content

    def append(self, path: str, at: int, content: bytes) -> None:
        """Behind the first `at` bytes, whatever follows them there."""
        changes = self._pending
        waiting = changes.appended.get(path)
        if waiting is not None:
            kept = waiting.content[: at - waiting.at]
            changes.appended[path] = Appended(at=waiting.at, content=kept + content)
        elif at == 0 or changes.files.get(path) is not None:
            changes.files[path] = (changes.files.get(path) or b"")[:at] + content
        else:
            changes.appended[path] = Appended(at=at, content=content)

    def remove(self, path: str) -> None:
        self._pending.appended.pop(path, None)
        self._pending.files[path] = None

    def remove_folder(self, name: str) -> None:
        """With everything in it."""
        changes = self._pending
        inside = f"{name}/"
        changes.files = {p: c for p, c in changes.files.items() if not p.startswith(inside)}
        changes.appended = {p: c for p, c in changes.appended.items() if not p.startswith(inside)}
        if name not in changes.removed:
            changes.removed.append(name)

    def read(self, path: str) -> bytes | None:
        """None where there is no such file. Raises RefusedFileError."""
        changes = self._changes
        if changes is not None and path in changes.files:
            return changes.files[path]
        if changes is not None and path.partition("/")[0] in changes.removed:
            return None
        found = self._directory.read(path)
        if changes is not None and (more := changes.appended.get(path)) is not None:
            return (found or b"")[: more.at] + more.content
        return found

    def read_log(self, path: str, *, at: int = 0) -> bytes:
        """What is on the disk of a file that only grows, from byte `at` on."""
        return self._directory.read(path, at=at, most=_MOST_LOG) or b""

    def size(self, path: str) -> int:
        """In bytes; 0 where there is no such file."""
        changes = self._changes
        if changes is not None:
            if path in changes.files or path.partition("/")[0] in changes.removed:
                return len(changes.files.get(path) or b"")
            if (more := changes.appended.get(path)) is not None:
                return more.at + len(more.content)
        stamp = self._directory.stamp(path)
        return 0 if stamp is None else stamp.size

    def names(self, path: str) -> list[str]:
        """Of the files in a folder, sorted."""
        changes = self._changes
        if changes is None:
            return self._directory.names(path)
        gone = path.partition("/")[0] in changes.removed
        found = set[str]() if gone else set(self._directory.names(path))
        for each, content in changes.files.items():
            folder, _, name = each.rpartition("/")
            if folder == path:
                (found.discard if content is None else found.add)(name)
        return sorted(found)

    def folders(self) -> list[str]:
        """Of the folders in it, sorted."""
        changes = self._changes
        found = self._directory.folders()
        if changes is None:
            return found
        new = {path.partition("/")[0] for path, content in changes.files.items() if content}
        return sorted(({*found} - {*changes.removed}) | (new - {STORE_FOLDER}))

    def stamp(self, path: str) -> FileStamp | None:
        """None where there is no such file, and for one that is changed in this very change."""
        changes = self._changes
        if changes is not None and (
            path in changes.files
            or path in changes.appended
            or path.partition("/")[0] in changes.removed
        ):
            return None
        return self._directory.stamp(path)

    def exists(self, name: str) -> bool:
        """Whether anything has this name, in whatever form."""
        changes = self._changes
        if changes is not None and name in changes.removed:
            return any(path.startswith(f"{name}/") for path in changes.files)
        return os.path.lexists(self.root / name) or name in self.folders()

    def skip(self, path: str, why: str) -> None:
        """Name a damaged file in the log, once while it stays what it is."""
        if (told := f"{path} {why}") not in self._named:
            self._named.add(told)
            observability.warning("file skipped", path=path, why=why)

    @contextmanager
    def _locked(self, kind: int) -> Generator[None]:
        self._take(kind)
        self._held = kind
        try:
            yield
        finally:
            self._held = None
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _take(self, kind: int) -> None:
        until = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                fcntl.flock(self._lock, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Unavailable(
                        f"Another program has held {self.root} for {LOCK_WAIT_S:.0f} s.",
                        code="session_busy",
                    ) from None
                threading.Event().wait(_LOOK_S)
            else:
                return

    @contextmanager
    def _told(self) -> Generator[None]:
        """What the disk says, as an error of ours."""
        try:
            yield
        except (OSError, RefusedFileError) as exc:
            why = exc.strerror if isinstance(exc, OSError) else str(exc)
            raise Unavailable(
                f"The folder {self.root} cannot be used: {why}.", code="folder_unavailable"
            ) from exc
