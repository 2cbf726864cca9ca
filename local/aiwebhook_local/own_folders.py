"""Folders in a place where everybody may write, reused only if nobody else could write there.

Whoever knows a name in /var/tmp can be there first, with a folder or a link of their own. So names
are random, and a folder found is used only after checking who owns it and who may write to it.
"""

import os
import stat
import tempfile
from pathlib import Path

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def fresh_folder(parent: Path, prefix: str) -> Path:
    """A new, empty folder of ours with a random name, which others may enter but not change."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    folder.chmod(0o755)  # whatever the umask, others must be able to enter
    return folder


def is_own_folder(path: Path) -> bool:
    """Whether `path` is a folder, no link, that we own and nobody else may write to."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and _is_ours_alone(status)


def holds_only_our_files(folder: Path) -> bool:
    """Whether `folder` and all below are folders and plain files that only we may change."""
    if not is_own_folder(folder):
        return False
    try:
        return all(
            _is_plain(status := Path(parent, name).lstat()) and _is_ours_alone(status)
            for parent, folders, files in os.walk(folder, onerror=_raise)
            for name in (*folders, *files)
        )
    except OSError:
        return False


def open_to_readers(folder: Path) -> None:
    """Let everybody read what we made: the wheel may have been unpacked under a strict umask."""
    for parent, _, files in os.walk(folder):
        Path(parent).chmod(0o755)
        for name in files:
            file = Path(parent, name)
            file.chmod(0o755 if file.stat().st_mode & stat.S_IXUSR else 0o644)


def _is_plain(status: os.stat_result) -> bool:
    return stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)


def _raise(error: OSError) -> None:
    raise error


def _is_ours_alone(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & _WRITABLE_BY_OTHERS
