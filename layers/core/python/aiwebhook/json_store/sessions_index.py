"""The sessions of a folder, each file read again only when it is another one than before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Generic, TypeVar

from aiwebhook.json_store.directory import FileStamp
from aiwebhook.json_store.locked_folder import LockedFolder
from aiwebhook.json_store.stored_session import StoredSession, session_of
from aiwebhook.session_folder.earlier_format import DamagedError
from aiwebhook.session_folder.session_files import SESSION_FILE, RefusedFileError

Read = TypeVar("Read")
_MOST = 100_000
_FRESH_NS = 50_000_000
"""A file written so lately may be written again within the same tick of the disk's clock."""


class ReadFiles(Generic[Read]):
    """What files held when they were last read, by path. Damaged ones are named and left out."""

    def __init__(self, folder: LockedFolder, parse: Callable[[str, bytes, datetime], Read]) -> None:
        self._folder = folder
        self._parse = parse
        self._known: dict[str, tuple[FileStamp, Read | None]] = {}

    def get(self, path: str) -> Read | None:
        """None where there is no such file, or a damaged one."""
        stamp = self._folder.stamp(path)
        known = self._known.get(path)
        if stamp is not None and known is not None and known[0] == stamp:
            return known[1]
        found = self._read(path, stamp)
        if stamp is None or time.time_ns() - stamp.changed_ns < _FRESH_NS:
            self._known.pop(path, None)
        else:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[path] = (stamp, found)
        return found

    def anew(self, path: str) -> Read | None:
        """The same, and nothing of it is kept: for what may be large."""
        return self._read(path, self._folder.stamp(path))

    def _read(self, path: str, stamp: FileStamp | None) -> Read | None:
        try:
            raw = self._folder.read(path)
            if raw is None:
                return None
            changed = time.time_ns() if stamp is None else stamp.changed_ns
            return self._parse(path, raw, datetime.fromtimestamp(changed / 1e9, tz=UTC))
        except (DamagedError, RefusedFileError) as exc:
            self._folder.skip(path, str(exc))
            return None


class SessionsIndex:
    """Finds sessions by id, whatever their folders are called."""

    def __init__(self, folder: LockedFolder) -> None:
        self._folder = folder
        self._files = ReadFiles(folder, _session_in)
        self._folder_of: dict[str, str] = {}

    def all(self) -> Iterator[StoredSession]:
        """By folder. Of two folders with one session id the one that is called so counts, else the
        first; the other is named.
        """
        found: dict[str, StoredSession] = {}
        for name in self._folder.folders():
            session = self._files.get(f"{name}/{SESSION_FILE}")
            if session is None:
                continue
            other = found.get(session.session_id)
            if other is not None:
                first = session if name == session.session_id else other
                second = other if first is session else session
                self._folder.skip(second.folder, f"is another folder of '{session.session_id}'")
                session = first
            found[session.session_id] = session
        self._folder_of = {each.session_id: each.folder for each in found.values()}
        yield from found.values()

    def find(self, session_id: str) -> StoredSession | None:
        """None where there is no such session."""
        for name in (session_id, self._folder_of.get(session_id)):
            session = None if name is None else self._files.get(f"{name}/{SESSION_FILE}")
            if session is not None and session.session_id == session_id:
                return session
        # Somebody may have put it there under another name.
        known = frozenset(self._folder_of.values())
        for name in self._folder.folders():
            session = None if name in known else self._files.get(f"{name}/{SESSION_FILE}")
            if session is not None:
                self._folder_of.setdefault(session.session_id, name)
        name = self._folder_of.get(session_id)
        session = None if name is None else self._files.get(f"{name}/{SESSION_FILE}")
        return session if session is not None and session.session_id == session_id else None

    def in_folder(self, name: str) -> StoredSession | None:
        """The session that this folder is; None also where another folder counts for its id."""
        session = self._files.get(f"{name}/{SESSION_FILE}")
        found = None if session is None else self.find(session.session_id)
        return found if found is not None and found.folder == name else None


def _session_in(path: str, raw: bytes, written_at: datetime) -> StoredSession:
    return session_of(raw, path.partition("/")[0], written_at)
