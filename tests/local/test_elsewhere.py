"""Runs of root's stack in a folder closed to others: where agents' users can come, and only as long
as the stack runs."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiwebhook_local.home import Home
from aiwebhook_runner.process.isolation import reachable_by_others

pytestmark = [
    pytest.mark.req("T4", "O5"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root starts anything as another user"),
]
STRANGER = 65_533


@pytest.fixture
def home(folder: Path, var_tmp: Path) -> Iterator[Home]:
    """As `make up` in /root has it."""
    closed = folder / "root"
    closed.mkdir(mode=0o700)
    home = Home(root=closed / "clone" / ".local")
    home.make_folders()
    yield home
    home.remove_temporary()


def test_runs_below_a_closed_folder_lie_where_agents_users_can_come(
    home: Home, var_tmp: Path
) -> None:
    assert home.tasks.parent == var_tmp
    assert reachable_by_others(home.tasks)
    assert home.tasks.stat().st_mode & 0o077 == 0o011
    assert not reachable_by_others(home.root)


def test_runs_below_an_open_folder_stay_there(folder: Path, var_tmp: Path) -> None:
    home = Home(root=folder / "clone" / ".local")
    home.make_folders()

    assert home.tasks == home.root / "tasks"
    assert not [*var_tmp.iterdir()]


def test_the_place_of_the_runs_is_known_until_the_stack_ends_and_gone_then(
    home: Home, var_tmp: Path
) -> None:
    (home.tasks / "run").mkdir()
    after_a_kill = Home(root=home.root)
    assert after_a_kill.tasks == home.tasks

    after_a_kill.remove_temporary()

    assert not [*var_tmp.iterdir()]
    after_a_kill.make_folders()
    assert after_a_kill.tasks.parent == var_tmp


def test_a_place_that_a_stranger_could_change_is_not_used(home: Home, var_tmp: Path) -> None:
    spoilt = home.tasks
    os.chown(spoilt, STRANGER, STRANGER)

    home.make_folders()

    assert home.tasks.parent == var_tmp
    assert home.tasks != spoilt


def test_the_place_of_a_deleted_stack_goes_with_the_next(
    home: Home, var_tmp: Path, folder: Path
) -> None:
    left = home.tasks
    shutil.rmtree(home.root)

    Home(root=folder / "root" / "other").make_folders()

    assert not left.exists()
