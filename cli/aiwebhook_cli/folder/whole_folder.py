"""A folder that is there with all its files on the disk, or not there at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path


def write_whole_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes files under a hidden name beside it, and gives the folder its name when all of them
    are on the disk. Raises OSError: FileExistsError where it is there, and keeps nothing then.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(folder):
        raise FileExistsError(17, "is there already", str(folder))
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for path, raw in files.items():
            _write_file(partial, path, raw)
        for inner in (*(each for each in partial.rglob("*") if each.is_dir()), partial):
            _sync_folder(inner)
        partial.rename(folder)  # fails where another writer was faster: its folder is not empty
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    _sync_folder(folder.parent)


def _write_file(folder: Path, path: str, raw: bytes) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
