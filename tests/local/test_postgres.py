"""The embedded Postgres: comes up, keeps data, recovers from every kind of death."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import psycopg
import pytest

from aiwebhook_local.postgres import EmbeddedPostgres, PostgresOptions
from tests.support.processes import has_ended
from tests.support.waiting import eventually

_IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from aiwebhook_local.postgres import EmbeddedPostgres, PostgresOptions
server = EmbeddedPostgres(PostgresOptions(folder=Path(sys.argv[1]), fast=True))
server.start()
print(server.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server that is stopped in the end, whatever happened to it."""
    server = EmbeddedPostgres(PostgresOptions(folder=folder, fast=True))
    yield server
    server.stop()


def count(dsn: str) -> int:
    """How many rows the table `kept` has, made if missing."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("create table if not exists kept (id int)")
        connection.execute("insert into kept values (1)")
        row = connection.execute("select count(*) from kept").fetchone()
        assert row is not None
        return row[0]


@pytest.mark.req("O5")
@pytest.mark.parametrize("major", [18, 16])
def test_a_server_starts_with_a_password_on_loopback_only(folder: Path, major: int) -> None:
    server = EmbeddedPostgres(PostgresOptions(folder=folder, major=major, fast=True))
    dsn = server.start()
    try:
        with psycopg.connect(dsn) as connection:
            assert connection.info.server_version // 10000 == major
            addresses = connection.execute("show listen_addresses").fetchone()
        assert addresses == ("127.0.0.1",)
        assert (folder / "password").stat().st_mode & 0o777 == 0o600
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(dsn.replace(server.password, "guessed"))
    finally:
        server.stop()


@pytest.mark.req("O5")
def test_data_and_port_survive_a_restart(server: EmbeddedPostgres) -> None:
    first = server.start()
    count(first)
    server.stop()

    assert server.start() == first
    assert count(first) == 2


@pytest.mark.req("O5")
def test_a_killed_server_starts_again(server: EmbeddedPostgres) -> None:
    count(server.start())
    os.kill(server.pid, signal.SIGKILL)

    assert count(server.start()) == 2


@pytest.mark.req("O5")
def test_the_server_ends_with_a_killed_supervisor(folder: Path, server: EmbeddedPostgres) -> None:
    with started_elsewhere(folder) as pid:
        pass  # its end is a kill

    if sys.platform == "linux":
        eventually(lambda: has_ended(pid))
    assert count(server.start()) == 1


@pytest.mark.req("O5")
def test_a_server_that_outlived_its_supervisor_is_replaced(
    folder: Path, server: EmbeddedPostgres
) -> None:
    with started_elsewhere(folder) as orphan:
        dsn = server.start()
        assert has_ended(orphan)
        assert count(dsn) == 1


@pytest.mark.req("O5")
def test_a_pid_file_that_names_a_stranger_is_no_obstacle(
    folder: Path, server: EmbeddedPostgres
) -> None:
    server.start()
    server.stop()
    lines = [str(os.getppid()), str(folder / "data"), "1", "5432", "", "127.0.0.1", "", "ready"]
    (folder / "data" / "postmaster.pid").write_text("\n".join(lines))

    assert count(server.start()) == 1


@pytest.mark.req("O5")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_root_may_keep_its_project_in_a_closed_folder(folder: Path) -> None:
    folder.chmod(0o700)
    server = EmbeddedPostgres(PostgresOptions(folder=folder / "postgres", fast=True))
    try:
        dsn = server.start()
        count(dsn)
        server.stop()
        assert count(server.start()) == 2
    finally:
        server.stop()
        shutil.rmtree((folder / "postgres" / "elsewhere").read_text())
    assert folder.stat().st_mode & 0o777 == 0o700


@contextlib.contextmanager
def started_elsewhere(folder: Path) -> Generator[int]:
    """The pid of a server that another process started; that one is killed in the end."""
    path = os.pathsep.join(sys.path)
    with subprocess.Popen(
        [sys.executable, "-c", _IN_ANOTHER_PROCESS, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},  # noqa: TID251 - as a shell hands it on
    ) as supervisor:
        try:
            assert supervisor.stdout is not None
            yield int(supervisor.stdout.readline())
        finally:
            supervisor.kill()
