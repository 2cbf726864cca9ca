"""A folder of sessions into a deployment, over its API: only what is not there yet is written, and
all of it is read back and compared. Killed anywhere, the next run goes on.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiwebhook.errors import Conflict, Invalid, NotFound, TooLarge
from aiwebhook.session_folder.earlier_format import EarlierSession, read_earlier
from aiwebhook.session_folder.folder_item import FolderItem
from aiwebhook.session_folder.session_files import (
    NotTaken,
    SessionFolder,
    read_session_folder,
    session_folders,
)
from aiwebhook_cli.folder.deployed_session import HeldSession, held_session, write_item

if TYPE_CHECKING:
    from aiwebhook.client import Client

Json = dict[str, Any]
_OF_THE_ITEM = (Conflict, Invalid, NotFound, TooLarge)
"""What a deployment answers where it does not take this item, whoever tries again."""
_DIFFERS = "differs from what the deployment has under its id"
_ACTIONS = {"paused": "pause", "completed": "complete"}


class Fate(StrEnum):
    """What became of an item."""

    WRITTEN = "written"
    """Written by this run, read back, and equal."""
    THERE = "there"
    """There before, and equal."""
    MISSING = "missing"
    """Not there; a dry run does not write it."""
    SKIPPED = "skipped"
    """Not taken, or something else is there; `Migrated.skipped` says why."""


@dataclass(slots=True, kw_only=True)
class Migrated:
    """What a run did."""

    sessions: int = 0
    archived: int = 0
    content_bytes: int = 0
    items: list[Json] = field(default_factory=list[Json])
    skipped: list[NotTaken] = field(default_factory=list[NotTaken])

    def as_json(self) -> Json:
        fates = Counter(item["state"] for item in self.items)
        return {
            "sessions": self.sessions,
            "bytes": self.content_bytes,
            **{str(fate): fates[fate] for fate in Fate if fate is not Fate.SKIPPED},
            "archived": self.archived,
            "skipped": [{"path": each.path, "why": each.why} for each in self.skipped],
            "items": self.items,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationOrder:
    """`archive_to`: where a session's folder goes once all of it has been found again."""

    root: Path
    dry_run: bool = False
    archive_to: Path | None = None


def migrate_folder(client: Client, order: MigrationOrder) -> Migrated:
    """Raises OSError for the named folder, and errors of `aiwebhook.errors` that are about the
    deployment or the key, not about one item.
    """
    done = Migrated()
    for found in session_folders(order.root, besides=order.archive_to):
        if isinstance(found, NotTaken):
            done.skipped.append(found)
            continue
        earlier = read_earlier(found)
        if isinstance(earlier, NotTaken):
            done.skipped.append(earlier)
            continue
        skipped = [*earlier.skipped, *_migrate_session(client, found, earlier, order, done)]
        done.sessions += 1
        if not skipped and order.archive_to is not None and not order.dry_run:
            skipped = list(_archive(found, order.archive_to))
            done.archived += not skipped
        done.skipped += skipped
    return done


def _migrate_session(
    client: Client,
    folder: SessionFolder,
    earlier: EarlierSession,
    order: MigrationOrder,
    done: Migrated,
) -> list[NotTaken]:
    """Adds to `done`; what was skipped, by path."""
    try:
        before, after, refused = _carried_over(client, earlier, dry_run=order.dry_run)
    except _OF_THE_ITEM as exc:
        return [NotTaken(path=folder.name, why=exc.detail)]
    skipped: list[NotTaken] = []
    for item in earlier.items:
        fate = _fate(item, before, after)
        if fate is Fate.MISSING and not order.dry_run:
            fate = Fate.SKIPPED
        if fate is Fate.SKIPPED:
            why = refused.get(item.ids, _DIFFERS)
            skipped.append(NotTaken(path=f"{folder.name}/{item.path}", why=why))
        else:
            done.content_bytes += len(item.content)
        done.items.append(_told(folder, earlier, item, fate))
    return skipped


def _carried_over(
    client: Client, earlier: EarlierSession, *, dry_run: bool
) -> tuple[HeldSession | None, HeldSession | None, dict[tuple[str, ...], str]]:
    """What was there before and is there now, and why items were not taken. Raises Conflict where
    the deployment has another session of this id.
    """
    before = held_session(client, earlier.session_id, earlier.items)
    waiting = [
        item for item in earlier.items if before is None or before.digest_of_item(item) is None
    ]
    if dry_run or not waiting:
        if not dry_run:
            _settle(client, earlier, before)
        return before, before, {}
    # The same session again is no error and changes nothing; another one of this id is refused.
    client.create_session(earlier.session_id, **earlier.fields)
    refused = dict(_written(client, earlier.session_id, waiting, before))
    after = held_session(client, earlier.session_id, earlier.items)
    _settle(client, earlier, after)
    return before, after, refused


def _written(
    client: Client, session_id: str, items: list[FolderItem], held: HeldSession | None
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Writes the items; yields the ids of those that are not taken, with the reason."""
    if held is not None and held.summary["status"] == "completed":
        client.change_session(session_id, "resume")
    for item in items:
        try:
            write_item(client, session_id, item)
        except _OF_THE_ITEM as exc:
            yield item.ids, exc.detail


def _settle(client: Client, earlier: EarlierSession, held: HeldSession | None) -> None:
    """Gives the session the status that it had."""
    action = _ACTIONS.get(earlier.status)
    if action and held is not None and held.summary["status"] == "active":
        client.change_session(earlier.session_id, action)


def _fate(item: FolderItem, before: HeldSession | None, after: HeldSession | None) -> Fate:
    then = None if before is None else before.digest_of_item(item)
    now = None if after is None else after.digest_of_item(item)
    if now is None:
        return Fate.MISSING
    if now != item.digest:
        return Fate.SKIPPED
    return Fate.WRITTEN if then is None else Fate.THERE


def _told(folder: SessionFolder, earlier: EarlierSession, item: FolderItem, fate: Fate) -> Json:
    return {
        "path": f"{folder.name}/{item.path}",
        "session_id": earlier.session_id,
        "kind": item.kind,
        "size": len(item.content),
        "sha256": item.digest,
        "state": fate,
    }


def _archive(session: SessionFolder, archive: Path) -> Iterator[NotTaken]:
    """Moves a folder that is still as it was read, in one step; yields why it did not."""
    into = archive / session.folder.resolve().name
    if read_session_folder(session.folder) != session:
        yield NotTaken(path=session.name, why="changed while it was migrated: run it again")
    elif os.path.lexists(into):
        yield NotTaken(path=session.name, why="is migrated, but its name is taken in the archive")
    else:
        try:
            archive.mkdir(parents=True, exist_ok=True)
            session.folder.rename(into)
        except OSError as exc:
            why = exc.strerror or "cannot be moved"
            yield NotTaken(path=session.name, why=f"is migrated, but not archived: {why}")
