"""PID 1 of an emulated Fargate task: `python task_init.py PARENT GRACE_S FOLDER -- COMMAND…`.

FOLDER is the task's, by which the next start of the stack recognises what a kill left behind.

Does what the end of a container does: when the command exits, everything it ever started is
killed, also what moved to another session; SIGTERM is passed to the command only, and after
GRACE_S seconds everything is killed, on SIGINT at once. Exits with the command's code, 128 + n
after signal n.
A program of its own: only a parent process can adopt and reap the descendants of a task.
"""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

_MOST_DESCRIPTORS = 1024
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_OURS = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)


def main(arguments: list[str]) -> int:
    """Run the command to its end; returns the exit code."""
    parent, grace_s, _folder, separator, *command = arguments
    assert separator == "--", "usage: task_init.py PARENT GRACE_S FOLDER -- COMMAND…"
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # it has the environment of a container
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    # A stop may come before the command exists: it waits until the handler can act on it.
    signal.pthread_sigmask(signal.SIG_BLOCK, _OURS)
    command_pid = _spawn(command)
    # What is sealed for the command is not for this process.
    os.closerange(3, _MOST_DESCRIPTORS)

    def stop(_signal: int, _frame: object) -> None:
        if os.getppid() != int(parent):
            # The whole stack was killed: nobody waits for a graceful end.
            _kill_children()
        _send(command_pid, signal.SIGTERM)
        signal.alarm(max(1, int(grace_s)))

    signal.signal(signal.SIGALRM, lambda _signal, _frame: _kill_children())
    signal.signal(signal.SIGINT, lambda _signal, _frame: _kill_children())
    signal.signal(signal.SIGTERM, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _OURS)
    if os.getppid() != int(parent):
        stop(signal.SIGTERM, None)
    code = _reap_until(command_pid)
    signal.alarm(0)
    _kill_rest(command_pid)
    return code


def _spawn(command: list[str]) -> int:
    return os.posix_spawnp(
        command[0],
        command,
        os.environ,  # noqa: TID251 - passed on as it came, not read
        setpgroup=0,
        setsigmask=[],
        setsigdef=_OURS,
    )


def _reap_until(command_pid: int) -> int:
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == command_pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _kill_rest(command_pid: int) -> None:
    """Kill what the command left; its descendants become our children one layer at a time."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(command_pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                _kill_children()
                os.waitpid(-1, 0)


def _kill_children() -> None:
    for pid in _children():
        _send(pid, signal.SIGKILL)


def _children() -> Iterator[int]:
    """Our child processes (none where there is no /proc)."""
    me = str(os.getpid())
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # "pid (name) state ppid …": the name may hold spaces and brackets.
            if entry.read_text().rpartition(")")[2].split()[1] == me:
                yield int(entry.parent.name)


def _send(pid: int, what: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
