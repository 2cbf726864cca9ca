"""The folders of a test process: they go when it ends, and where it was killed, at the next start.

`tempfile` and every program that a test starts put their files below one folder, so nothing that a
test forgets stays in /tmp. pytest's own folders (`tmp_path`) stay where they are: it keeps three.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from aiwebhook_local.own_folders import fresh_folder, is_own_folder
from aiwebhook_local.postgres import stop_leftover_server
from aiwebhook_local.processes import ProcessIdentity

_PREFIX = f"aiwebhook-tests-{os.geteuid()}-"
"""How the folders of test processes begin; the rest is random (see `own_folders`)."""
_FOLDER = pytest.StashKey[Path]()


def folder_of_this_process(base: Path) -> Path:
    """A new folder in `base` that others may pass through; its name says whose it is."""
    me = ProcessIdentity.of(os.getpid())
    return fresh_folder(base, f"{_PREFIX}{me.pid}-{me.started:.2f}-")


def sweep_killed_processes(base: Path) -> None:
    """Remove the folders in `base` whose process no longer exists, and stop a server in one."""
    for folder in filter(is_own_folder, base.glob(f"{_PREFIX}*")):
        pid, started, _ = folder.name.removeprefix(_PREFIX).split("-")
        if not ProcessIdentity(pid=int(pid), started=float(started)).alive:
            stop_leftover_server(folder / "postgres")
            shutil.rmtree(folder, ignore_errors=True)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Before the first test. Processes of pytest-xdist take the folder of who started them."""
    if hasattr(session.config, "workerinput"):
        return
    base = Path(tempfile.gettempdir())
    sweep_killed_processes(base)
    folder = session.config.stash[_FOLDER] = folder_of_this_process(base)
    temporary = folder / "tmp"
    temporary.mkdir()
    temporary.chmod(0o1777)  # like /tmp: tests start programs as other users
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(base))  # noqa: TID251 - tmp_path's place
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)  # noqa: TID251 - for what we start


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """After the fixtures."""
    folder = session.config.stash.get(_FOLDER, None)
    if folder is not None:
        base = folder.parent
        os.environ["TMPDIR"] = tempfile.tempdir = str(base)  # noqa: TID251 - for what ends later
        shutil.rmtree(folder, ignore_errors=True)
