"""Run a command that does not outlive its parent: `python leash.py PARENT SIGNAL USER -- COMMAND…`.

A separate program, because a `preexec_fn` in a process with threads may deadlock. It replaces
itself by the command, so the pid that the parent knows is the pid of the command.
Only Linux ends the command when the parent is killed with SIGKILL; elsewhere the next start of the
stack stops what was left (see `stack.recover`).
"""

import ctypes
import os
import pwd
import sys

_PR_SET_PDEATHSIG = 1


def _become(user: str) -> None:
    account = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def main(arguments: list[str]) -> None:
    """Tie this process to its parent, drop privileges, become the command."""
    parent, death_signal, user, separator, *command = arguments
    assert separator == "--", "usage: leash.py PARENT SIGNAL USER -- COMMAND…"
    if user:
        _become(user)
    # After the change of user: the kernel forgets the death signal when credentials change.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    # If the parent died before the line above, the signal would never come.
    if os.getppid() != int(parent):
        sys.exit("the parent is gone")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
