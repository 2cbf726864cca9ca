"""Between the supervisor and its child: `python -I -S spawn.py <parent> <user> <fence> argv…`.

It ties the child's life to the supervisor's, becomes the agent's user (`<uid>:<gid>`, or `-` for
the same one), fences it in (see process.Fence; `-`: not) and becomes it by exec. A program of its
own instead of `preexec_fn`, because code between fork and exec of a process with threads can
deadlock.
"""

import ctypes
import os
import resource
import sys

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
LANDLOCK_CREATE_RULESET = 444
LANDLOCK_RESTRICT_SELF = 446
"""The same numbers on every architecture."""
LANDLOCK_MAKE_BLOCK_DEVICE = 1 << 11
LANDLOCK_SCOPES = 0b11
"""Abstract sockets and signals."""
LANDLOCK_WITH_SCOPES = 6
"""The version of Linux 6.12."""
SIGKILL = 9
"""Not of the module signal, whose import costs 5 ms of each start."""
CANNOT_START = 127
MAX_PROCESSES = 4_096
"""Threads included, of the agent's own user; enough for a parallel build, not for a fork bomb."""


def main(arguments: list[str]) -> int:
    """Does not return when the agent could be started."""
    parent, user, fence, argv = int(arguments[0]), *arguments[1:3], arguments[3:]
    # Looked up while Python may still load what that needs: its library may lie below /root.
    folders = [""] if os.sep in argv[0] else os.get_exec_path()
    programs = [os.path.join(folder, argv[0]) for folder in folders]  # noqa: PTH118 - reason: pathlib costs 10 ms of each start
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if user != "-":
        _become(*(int(number) for number in user.split(":")))
    # Only now: the kernel forgets the death signal when a process changes its user.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel knew that we care
            return CANNOT_START
        if fence != "-":
            _fence_in(signals=fence == "processes")
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


def _fence_in(*, signals: bool) -> None:
    """A Landlock domain: the kernel lets nobody in it read or trace a process outside of it, were
    it root or the same user, and with `signals` neither signal one nor connect to an abstract
    socket. A kernel without Landlock leaves it to the other guards (hardening.py)."""
    system = ctypes.CDLL(None).syscall
    version = system(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    # Something must be governed for a domain to exist: files nowhere, but for making disk devices.
    scoped = LANDLOCK_SCOPES if signals and version >= LANDLOCK_WITH_SCOPES else 0
    rights = (ctypes.c_uint64 * 3)(0 if scoped else LANDLOCK_MAKE_BLOCK_DEVICE, 0, scoped)
    size = ctypes.c_size_t(24 if scoped else 8)
    ruleset = system(LANDLOCK_CREATE_RULESET, rights, size, ctypes.c_uint(0)) if version > 0 else -1
    if ruleset >= 0:
        ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        system(LANDLOCK_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint(0))
        os.close(ruleset)


def _become(uid: int, gid: int) -> None:
    resource.setrlimit(resource.RLIMIT_NPROC, (MAX_PROCESSES, MAX_PROCESSES))
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    os.umask(0o022)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
