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
    """Whether a user whom we start can walk to `folder`: it need not exist yet. Always where we
    cannot start anything as another user."""
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
    """The same, created if there is none. `folder` must exist."""
    if (place := stand_in_of(folder)) is not None:
        return place
    place = fresh_folder(OPEN_TO_ALL, _PREFIXES[kind])
    (folder / _PLACE).write_text(str(place))
    (place / OWNER).write_text(str(folder))
    sweep_abandoned()
    return place


def sweep_abandoned() -> None:
    """Remove copies, data and runs whose folders were deleted since; nobody has the data's
    password any more.
    """
    for owner in OPEN_TO_ALL.glob(f"aiwebhook-*/{OWNER}"):
        if is_own_folder(owner.parent) and not _is_in_use(owner.parent, Path(owner.read_text())):
            shutil.rmtree(owner.parent, ignore_errors=True)


def _is_in_use(place: Path, made_for: Path) -> bool:
    """A replacement is in use if its folder names it; a copy is used by everybody."""
    if place.name.startswith(tuple(_PREFIXES.values())):
        return stand_in_of(made_for) == place
    return made_for.exists()
