"""Changes of a folder that happen completely or not at all, whichever process dies in between.

New files wait under hidden names, appended bytes behind the length that counts. The journal, which
gets its name last, says which of them take their places: from then on the change has happened, and
whoever comes next finishes it. Without it nothing has happened, and what waits is thrown away.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiwebhook.json_store.directory import Directory
from aiwebhook.session_folder.session_files import STORE_FOLDER

_STAGED, _TRASH = f"{STORE_FOLDER}/staged", f"{STORE_FOLDER}/trash"
_JOURNAL, _NEXT = f"{STORE_FOLDER}/journal.json", f"{_STAGED}/journal.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """Bytes behind the first `at` of a file."""

    at: int
    content: bytes = field(repr=False)


@dataclass(slots=True, kw_only=True)
class FolderChange:
    """What shall become of a folder. `files`: whole contents, None: it goes; `removed`: folders
    that go with everything in them, before anything is written.
    """

    files: dict[str, bytes | None] = field(default_factory=dict[str, bytes | None])
    appended: dict[str, Appended] = field(default_factory=dict[str, Appended])
    removed: list[str] = field(default_factory=list[str])

    def copy(self) -> FolderChange:
        return FolderChange(
            files=dict(self.files), appended=dict(self.appended), removed=list(self.removed)
        )

    def __bool__(self) -> bool:
        return bool(self.files or self.appended or self.removed)


def commit_changes(directory: Directory, changes: FolderChange) -> None:
    """Raises OSError: with the journal in place the change has happened all the same, and the next
    `finish_change` finishes it; else nothing has.
    """
    directory.make_folder(_STAGED)
    _throw_away(directory)
    # A journal that comes back after a power loss must not find what waits for another.
    mark = secrets.token_hex(8)
    order: dict[str, Any] = {"mark": mark, "removed": changes.removed, "moved": {}, "gone": []}
    try:
        for number, (path, content) in enumerate(changes.files.items()):
            if content is None:
                order["gone"].append(path)
                continue
            if path.partition("/")[0] not in changes.removed:
                directory.make_folder(_folder_of(path))
                directory.require_place(path)
            staged = f"{_STAGED}/{mark}-{number}"
            order["moved"][staged] = path
            directory.write(staged, content)
        for path, appended in changes.appended.items():
            directory.append(path, appended.at, appended.content)
            directory.sync(_folder_of(path))
        directory.write(_NEXT, json.dumps(order).encode())
        directory.sync(_STAGED)
        directory.move(_NEXT, _JOURNAL)
    except OSError:
        _throw_away(directory)
        raise
    directory.sync(STORE_FOLDER)
    _finish(directory, order)


def finish_change(directory: Directory) -> None:
    """Finish the change that a journal tells of. Raises OSError. Only who may write calls it."""
    raw = directory.read(_JOURNAL)
    if raw is not None:
        _finish(directory, json.loads(raw))


def has_journal(directory: Directory) -> bool:
    """Whether a change waits to be finished."""
    return directory.stamp(_JOURNAL) is not None


def _finish(directory: Directory, order: Mapping[str, Any]) -> None:
    """May be done again from any place in it."""
    for number, name in enumerate(order["removed"]):
        directory.make_folder(_TRASH)
        trash = f"{order['mark']}-{number}"
        if trash not in os.listdir(directory.root / _TRASH):  # noqa: PTH208  reason: names alone
            directory.move(name, f"{_TRASH}/{trash}")
            directory.sync(_TRASH)
    touched = {"" for _ in order["removed"]}
    for staged, path in order["moved"].items():
        directory.make_folder(_folder_of(path))
        directory.move(staged, path)
        touched.add(_folder_of(path))
    for path in order["gone"]:
        directory.remove(path)
        touched.add(_folder_of(path))
    for folder in sorted(touched):
        directory.sync(folder)
    directory.remove(_JOURNAL)
    if order["removed"]:
        directory.sync(STORE_FOLDER)
        shutil.rmtree(directory.root / _TRASH, ignore_errors=True)


def _throw_away(directory: Directory) -> None:
    """What waits for a change that did not happen takes room on a disk that may be full."""
    with suppress(OSError):
        for name in directory.names(_STAGED):
            directory.remove(f"{_STAGED}/{name}")


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]
