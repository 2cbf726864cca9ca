"""Between the supervisor and its child: `python -I -S spawn.py <parent> <user> <reach> <fence> …`,
then the child's command.

It ties the child's life to the supervisor's, becomes the agent's user (`<uid>:<gid>`, or `-` for
the same one; `reach`, if not `-`, is the run's own folder and what the user reads although others
may not, see isolation.AgentUser), fences it in (process.Fence, or `-`) and becomes it by exec. A
program of its own instead of `preexec_fn`, because code between fork and exec of a process with
threads can deadlock.
"""

import ctypes
import os
import resource
import sys
from types import ModuleType

PR_SET_PDEATHSIG = 1
SIGKILL, SIGPIPE, SIGXFSZ = 9, 13, 25
"""Linux's. Not from the module signal, whose import costs 5 ms of each start."""
CANNOT_START = 127
MAX_PROCESSES = 4_096
"""Threads included, per user; enough for a parallel build, not for a fork bomb."""


def main(arguments: list[str]) -> int:
    """Returns only if the agent could not be started."""
    return become(arguments, _landlock())


def become(arguments: list[str], landlock: ModuleType) -> int:
    """The same for a process that has the module landlock already (forked_child.py)."""
    parent, user, reach, fence, argv = int(arguments[0]), *arguments[1:4], arguments[4:]
    # Loaded while Python may still load what it needs: its library may lie below /root.
    folders = [""] if os.sep in argv[0] else os.get_exec_path()
    programs = [os.path.join(folder, argv[0]) for folder in folders]  # noqa: PTH118 - reason: pathlib costs 10 ms of each start
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if user != "-":
        numbers = [int(number) for number in user.split(":")]
        if reach != "-":
            landlock.fence_files(*reach.split(os.pathsep))
            landlock.keep_reading()
        _become(*numbers)
        if reach != "-":
            landlock.read_everything()
    # Only now: the kernel forgets the death signal when a process changes its user.
    if sys.platform == "linux":
        if not die_with(parent):
            return CANNOT_START
        if fence != "-":
            landlock.fence_processes(signals=fence == "processes")
        _restore_signals()
    why = "No such file or directory"
    for program in programs:
        try:
            os.execv(program, argv)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as exc:
            why = exc.strerror
    sys.stderr.write(f"cannot start {argv[0]}: {why}\n")
    return CANNOT_START


def die_with(parent: int) -> bool:
    """Have the kernel kill this process when its parent dies. False: it had died before."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(SIGKILL), 0, 0, 0)
    return os.getppid() == parent


def _restore_signals() -> None:
    """Python ignores these two, and exec would pass that on to the agent."""
    for number in (SIGPIPE, SIGXFSZ):
        ctypes.CDLL(None).signal(number, None)  # None: the default


def _landlock() -> ModuleType:
    """The module beside this one; at the path's end, so that none of its neighbours shadows one of
    Python's own. Loaded while that is allowed.
    """
    sys.path.append(os.path.dirname(__file__))  # noqa: PTH120 - reason: as below
    return __import__("landlock")


def _become(uid: int, gid: int) -> None:
    resource.setrlimit(resource.RLIMIT_NPROC, (MAX_PROCESSES, MAX_PROCESSES))
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    os.umask(0o022)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
