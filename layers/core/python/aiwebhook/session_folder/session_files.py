"""The files of session folders, read without being led elsewhere: no symbolic link is followed, and
what cannot be taken is named with its reason.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

MOST_BYTES = 8 * 1024 * 1024
"""Of one file. No deployment takes more in one request."""
SESSION_FILE = "session.json"
STORE_FOLDER = ".aiwebhook"
"""The JSON store's own folder beside the sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """A file or folder that is not taken, and why. `path`: within the folder that was named."""

    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFolder:
    """The bytes of a session's files by their path within its folder, in the order of the paths."""

    folder: Path
    name: str
    files: dict[str, bytes] = field(default_factory=dict[str, bytes], repr=False)
    skipped: list[NotTaken] = field(default_factory=list[NotTaken])


def session_folders(
    root: Path, *, besides: Path | None = None
) -> Iterator[SessionFolder | NotTaken]:
    """The sessions in a folder, or the one that it is, one after the other. `besides`: the folder
    of those that are done. Raises OSError where `root` cannot be read.
    """
    if (root / SESSION_FILE).is_file():
        yield read_session_folder(root)
        return
    done = None if besides is None else besides.resolve()
    for child in sorted(root.iterdir()):
        name = child.name
        if name == STORE_FOLDER:
            continue
        if child.is_symlink():
            yield NotTaken(path=_shown(name), why="is a symbolic link")
        elif name.startswith("."):
            yield NotTaken(path=_shown(name), why="is hidden, or was cut off while it was written")
        elif not child.is_dir():
            yield NotTaken(path=_shown(name), why="lies beside the sessions")
        elif child.resolve() == done:
            continue
        elif not (child / SESSION_FILE).exists():
            yield NotTaken(path=_shown(name), why=f"has no {SESSION_FILE}")
        else:
            yield read_session_folder(child)


def read_session_folder(folder: Path) -> SessionFolder:
    """Every file of a session's folder. Raises nothing for what is in it."""
    session = SessionFolder(folder=folder, name=_shown(folder.resolve().name))
    _read_into(session, folder, "")
    return session


def _read_into(session: SessionFolder, folder: Path, within: str) -> None:
    try:
        paths = sorted(folder.iterdir())
    except OSError as exc:
        _skip(session, within.rstrip("/"), exc.strerror or "cannot be read")
        return
    for path in paths:
        name, inner = path.name, f"{within}{path.name}"
        if _shown(name) != name:
            _skip(session, inner, "its name is not UTF-8")
        elif path.is_symlink():
            _skip(session, inner, "is a symbolic link")
        elif path.is_dir():
            _read_into(session, path, f"{inner}/")
        else:
            try:
                session.files[inner] = regular_bytes(path)
            except RefusedFileError as exc:
                _skip(session, inner, str(exc))
            except OSError as exc:
                _skip(session, inner, exc.strerror or "cannot be read")


class RefusedFileError(Exception):
    """The reason, as a sentence goes on after the name."""


def regular_bytes(
    path: Path | str, *, folder: int | None = None, at: int = 0, most: int = MOST_BYTES
) -> bytes:
    """A file from byte `at` on; `folder`: the open one that a name is in. Raises
    RefusedFileError and OSError.
    """
    # Neither a link that was put there since nor a pipe without a writer may hold us.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise RefusedFileError("is no regular file")
        if found.st_size - at > most:
            raise RefusedFileError(f"has more than {most} bytes")
        file.seek(at)
        return file.read(most)


def _skip(session: SessionFolder, path: str, why: str) -> None:
    session.skipped.append(NotTaken(path=f"{session.name}/{_shown(path)}", why=why))


def _shown(name: str) -> str:
    """The name as text that can be printed and sent; the same where it is UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")
