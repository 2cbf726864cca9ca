"""The step between the supervisor and the agent: `python -I -S spawn.py <parent pid> argv…`.

It ties the agent's life to the supervisor's and becomes the agent by exec. A program of its own
instead of `preexec_fn`, because code between fork and exec of a process with threads can deadlock.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
CANNOT_START = 127


def main(arguments: list[str]) -> int:
    """Does not return when the agent could be started."""
    parent, argv = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel knew that we care
            return CANNOT_START
    try:
        os.execvp(argv[0], argv)
    except OSError as exc:
        sys.stderr.write(f"cannot start {argv[0]}: {exc.strerror}\n")
    return CANNOT_START


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
