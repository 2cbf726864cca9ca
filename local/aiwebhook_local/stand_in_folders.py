"""Folders of ours in /var/tmp in place of one below a folder closed to others.

Root works in /root, or in any folder of mode 0700: neither the database's user nor the agents'
users can enter it. No permissions are widened; what they must reach is kept elsewhere.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Literal

from aiwebhook_local.own_folders import fresh_folder, is_own_folder

OPEN_TO_ALL = Path("/var/tmp")  # noqa: S108 - names are random, and owners are checked
OWNER = "belongs_to"
"""A file in each of our folders there: the folder it replaces. It is removed when that is gone."""
_PLACE = "elsewhere"
"""A file in the replaced folder: where the other one is."""

FolderKind = Literal["data", "tasks"]
_PREFIXES: dict[FolderKind, str] = {"data": "aiwebhook-data-", "tasks": "aiwebhook-tasks-"}


def others_can_reach(folder: Path) -> bool:
    """Whether other users can reach `folder`, which need not exist yet. Always true where we cannot
    start programs as another user.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        return True
    above = (parent for parent in (folder, *folder.parents) if parent.exists())
    return all(parent.stat().st_mode & 0o001 for parent in above)


def stand_in_of(folder: Path) -> Path | None:
    """The folder that replaces `folder`; None if we made none."""
    try:
        place = Path((folder / _PLACE).read_text())
    except FileNotFoundError:
        return None
    return place if is_own_folder(place) else None


def make_stand_in(folder: Path, kind: FolderKind) -> Path:
    """The folder that replaces `folder`, created if there is none. `folder` must exist."""
    if (place := stand_in_of(folder)) is not None:
        return place
    place = fresh_folder(OPEN_TO_ALL, _PREFIXES[kind])
    (folder / _PLACE).write_text(str(place))
    (place / OWNER).write_text(str(folder))
    sweep_abandoned()
    return place


def sweep_abandoned() -> None:
    """Remove copies, data and runs of folders that were deleted since: with a folder, the password
    of its database is gone too.
    """
    for owner in OPEN_TO_ALL.glob(f"aiwebhook-*/{OWNER}"):
        if is_own_folder(owner.parent) and not _is_in_use(owner.parent, Path(owner.read_text())):
            shutil.rmtree(owner.parent, ignore_errors=True)


def _is_in_use(place: Path, made_for: Path) -> bool:
    """Whether the folder that `place` was made for still needs it: for a replacement, that folder
    must name it; a copy is shared, so it suffices that the folder exists.
    """
    if place.name.startswith(tuple(_PREFIXES.values())):
        return stand_in_of(made_for) == place
    return made_for.exists()
