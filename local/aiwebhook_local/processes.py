"""Start child processes that die with us, recognise those of a dead run, stop either kind."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

from aiwebhook_local.settings import developers_path
from aiwebhook_local.waiting import wait_until

_LEASH = Path(__file__).with_name("leash.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessIdentity:
    """A pid together with its start time: a pid alone may be reused after a while."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity":
        """Read the identity of a live process; raises psutil.NoSuchProcess when it is gone."""
        return cls(pid=pid, started=psutil.Process(pid).create_time())

    @property
    def alive(self) -> bool:
        """True while this very process runs (a zombie does not count)."""
        return self.process is not None

    @property
    def process(self) -> psutil.Process | None:
        """The live process, or None when it is gone or its pid belongs to another one."""
        try:
            process = psutil.Process(self.pid)
            # Half a second: the start time is derived from the boot clock and may wobble.
            same = abs(process.create_time() - self.started) < 0.5
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLaunch:
    """What to start and how it ends when this process is killed."""

    command: Sequence[str]
    output: IO[bytes]
    cwd: Path
    environment: Mapping[str, str] = field(default_factory=lambda: {"PATH": developers_path()})
    """Complete: nothing of our environment, which may have keys, is inherited."""
    death_signal: signal.Signals = signal.SIGKILL
    user: str = ""
    pass_fds: Sequence[int] = ()
    """Open files that the child gets under their numbers."""


def start_process(launch: ProcessLaunch) -> subprocess.Popen[bytes]:
    """Start a child in its own session, tied to the life of this process.

    Call it from a thread that lives as long as the process: Linux sends the death signal when
    the *thread* that started the child ends.
    """
    leash = [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid())]
    return subprocess.Popen(
        [*leash, str(int(launch.death_signal)), launch.user, "--", *launch.command],
        stdin=subprocess.DEVNULL,
        stdout=launch.output,
        stderr=subprocess.STDOUT,
        cwd=launch.cwd,
        env=launch.environment,
        pass_fds=launch.pass_fds,
        # Ctrl-C in a terminal goes to the whole group; the order of stopping must be ours.
        start_new_session=True,
    )


def stop_processes(processes: Sequence[psutil.Process], *, grace_s: float) -> None:
    """SIGTERM, then SIGKILL after `grace_s`; returns when all are gone."""
    end_processes(processes, signal.SIGTERM, grace_s=grace_s)


def end_processes(
    processes: Sequence[psutil.Process], polite: signal.Signals, *, grace_s: float
) -> None:
    """Send `polite`, then SIGKILL to what is left after `grace_s`; returns when all are gone."""
    for number in (polite, signal.SIGKILL):
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        processes = _left_after(processes, grace_s)


def kill_left(*, session: int, folder: Path) -> None:
    """Kill what a dead process left behind: its session, and processes that
    work below its folder.
    """
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            in_session = os.getsid(process.pid) == session
            if in_session or Path(process.cwd()).is_relative_to(folder):
                process.kill()


def _left_after(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """The processes still running after at most that time. A zombie counts as gone: in a container
    there may be nobody to reap it.
    """
    wait_until(lambda: all(map(_is_gone, processes)), timeout_s=seconds)
    return [process for process in processes if not _is_gone(process)]


def _is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def working_in(folder: Path) -> list[psutil.Process]:
    """Other processes whose working folder is in this one."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if process.pid != os.getpid() and _works_in(process, folder):
                found.append(process)
    return found


def _works_in(process: psutil.Process, folder: Path) -> bool:
    """Also judged by its arguments, because a non-dumpable process hides its working folder."""
    if any(Path(word).is_relative_to(folder) for word in process.cmdline()):
        return True
    return Path(process.cwd()).is_relative_to(folder)
