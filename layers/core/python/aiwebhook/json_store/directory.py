"""A folder whose files are reached without following a symbolic link, and what makes a change of it
last: bytes are on the disk before their name is, and the name before the change counts.

Paths are relative, with `/`, and made of names that `is_plain` holds for.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from aiwebhook.session_folder.session_files import STORE_FOLDER, RefusedFileError, regular_bytes

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStamp:
    """Tells that a file is still the one that was read."""

    inode: int
    size: int
    changed_ns: int


MOST_READ = 64 * 1024 * 1024
"""Of a file with one thing in it: no request brings more, however its characters are escaped."""


def is_plain(name: str) -> bool:
    """Whether a name leads to nowhere but a file of its folder, and is none that is hidden."""
    return bool(name) and name[0] != "." and "/" not in name and "\0" not in name


class Directory:
    """All methods raise OSError; those that read a file RefusedFileError where it is none."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY)

    def close(self) -> None:
        os.close(self._root)

    @contextmanager
    def opened(self, path: str) -> Generator[int]:
        """A folder in it, "" for itself. Raises FileNotFoundError, and NotADirectoryError for
        a symbolic link.
        """
        handle = os.dup(self._root)
        try:
            for name in path.split("/") if path else ():
                _require_plain(name)
                inner = os.open(name, _FOLDER, dir_fd=handle)
                os.close(handle)
                handle = inner
            yield handle
        finally:
            os.close(handle)

    def read(self, path: str, *, at: int = 0, most: int = MOST_READ) -> bytes | None:
        """A file from byte `at` on; None where there is none."""
        folder, name = _split(path)
        try:
            with self.opened(folder) as handle:
                return regular_bytes(name, folder=handle, at=at, most=most)
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise RefusedFileError(exc.strerror or "cannot be read") from exc

    def stamp(self, path: str) -> FileStamp | None:
        """None where there is no such file."""
        folder, name = _split(path)
        try:
            with self.opened(folder) as handle:
                return stamp_of(os.stat(name, dir_fd=handle, follow_symlinks=False))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, path: str) -> list[str]:
        """Of the files in a folder, sorted; [] where there is no such folder."""
        return [entry.name for entry in self._entries(path) if entry.is_file(follow_symlinks=False)]

    def folders(self) -> list[str]:
        """Of the folders in it, sorted."""
        return [entry.name for entry in self._entries("") if entry.is_dir(follow_symlinks=False)]

    def _entries(self, path: str) -> Iterator[os.DirEntry[str]]:
        try:
            with self.opened(path) as handle, os.scandir(handle) as found:
                yield from sorted(
                    (entry for entry in found if is_plain(entry.name)), key=lambda entry: entry.name
                )
        except (FileNotFoundError, NotADirectoryError):
            return

    def make_folder(self, path: str) -> None:
        """With those above it; each is on the disk."""
        above = ""
        for name in path.split("/"):
            with self.opened(above) as handle, suppress(FileExistsError):
                os.mkdir(name, 0o755, dir_fd=handle)
                os.fsync(handle)
            above = f"{above}/{name}" if above else name

    def require_place(self, path: str) -> None:
        """A file can be moved there: no link leads elsewhere, no folder has its name."""
        folder, name = _split(path)
        with self.opened(folder) as handle, suppress(FileNotFoundError):
            if stat.S_ISDIR(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)

    def write(self, path: str, content: bytes) -> None:
        """A new file; its bytes are on the disk, its name need not be."""
        folder, name = _split(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with self.opened(folder) as handle:
            self._write_at(os.open(name, flags, 0o644, dir_fd=handle), content)

    def append(self, path: str, at: int, content: bytes) -> None:
        """`content` behind the first `at` bytes of a file, whatever followed; on the disk."""
        folder, name = _split(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
        with self.opened(folder) as handle:
            file = os.open(name, flags, 0o644, dir_fd=handle)
            with os.fdopen(file, "r+b", closefd=False):
                os.ftruncate(file, at)
                os.lseek(file, at, os.SEEK_SET)
            self._write_at(file, content)

    def _write_at(self, file: int, content: bytes) -> None:
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(file, left) :]
            os.fsync(file)
        finally:
            os.close(file)

    def move(self, path: str, to: str) -> None:
        """Replaces what is there. Nothing where `path` is gone: it was moved before."""
        folder, name = _split(path)
        target, new = _split(to)
        with (
            self.opened(folder) as source,
            self.opened(target) as handle,
            suppress(FileNotFoundError),
        ):
            os.replace(name, new, src_dir_fd=source, dst_dir_fd=handle)

    def remove(self, path: str) -> None:
        """Nothing where it is gone."""
        folder, name = _split(path)
        with suppress(FileNotFoundError), self.opened(folder) as handle:
            os.unlink(name, dir_fd=handle)

    def sync(self, path: str) -> None:
        """The names in a folder are on the disk."""
        with suppress(FileNotFoundError), self.opened(path) as handle:
            os.fsync(handle)


def stamp_of(found: os.stat_result) -> FileStamp | None:
    """None for what is no regular file."""
    if not stat.S_ISREG(found.st_mode):
        return None
    return FileStamp(inode=found.st_ino, size=found.st_size, changed_ns=found.st_mtime_ns)


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    _require_plain(name)
    return folder, name


def _require_plain(name: str) -> None:
    if not is_plain(name) and name != STORE_FOLDER:
        raise FileNotFoundError(errno.ENOENT, "is no name of a file here", name)
