"""What an agent of a test needs where it runs as a user of its own, as under root: a Python that
every user may run, and folders that every user may walk to. Without these it runs behind a fence
and can leave no notes for its test."""

import os
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aiwebhook_runner.process.isolation import reachable_by_others
from tests.support.hostile import SYSTEM_PYTHON


def agents_python() -> str:
    """This one, unless we are root and it lies below a closed folder (/root/.pyenv)."""
    ours = Path(sys.executable)
    usable = os.geteuid() != 0 or reachable_by_others(ours)
    return str(ours if usable or not reachable_by_others(SYSTEM_PYTHON) else SYSTEM_PYTHON)


def make_open(folder: Path) -> Path:
    """The new folder `folder`, in which every user may write."""
    folder.mkdir()
    folder.chmod(0o777)
    return folder


@contextmanager
def folder_open_to_all() -> Generator[Path]:
    """A folder that every user may walk to; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="aiwebhook-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """`folder_open_to_all`, for one test."""
    with folder_open_to_all() as folder:
        yield folder
