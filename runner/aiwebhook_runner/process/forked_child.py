"""A child without a command yet: forked while the supervisor is small, has one thread and has
received nothing from the network. Given its command, it becomes the agent as spawn.py does, without
the start of a second interpreter.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from aiwebhook.sealed import replace_environment
from aiwebhook_runner.process import landlock, spawn

CONTROL = 3
"""Where the child reads its order, until the end: what follows stdin, stdout and stderr."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkedChild:
    """Use once. It ends by itself when this process does, or drops it."""

    pid: int
    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]
    control: IO[bytes]

    @classmethod
    def fork(cls) -> "ForkedChild | None":
        """Call after harden_supervisor, while there is one thread. None where spawn.py has to start
        an interpreter: elsewhere than on Linux nothing tells a child that its parent has died.
        """
        if sys.platform != "linux":
            return None
        parent = os.getpid()
        (stdin, our_in), (our_out, stdout) = os.pipe(), os.pipe()
        (our_errors, stderr), (control, our_control) = os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            _become_the_agent((stdin, stdout, stderr, control), parent)
        for theirs in (stdin, stdout, stderr, control):
            os.close(theirs)
        return cls(
            pid=pid,
            stdin=os.fdopen(our_in, "wb"),
            stdout=os.fdopen(our_out, "rb"),
            stderr=os.fdopen(our_errors, "rb"),
            control=os.fdopen(our_control, "wb"),
        )

    def order(self, arguments: list[str], environment: Mapping[str, str], cwd: Path) -> bool:
        """Have it become `arguments`, which are those of spawn.py. False: it has become something
        already, or it is gone.
        """
        if self.control.closed:
            return False
        words = json.dumps([arguments, dict(environment), str(cwd)]).encode()
        try:
            with self.control:
                self.control.write(words)
        except OSError:
            return False
        return True

    def wait(self) -> int:
        """Its exit code as subprocess has it, once it has ended."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _become_the_agent(descriptors: tuple[int, int, int, int], parent: int) -> NoReturn:
    code = spawn.CANNOT_START
    try:
        # A group of its own, as spawn.py's: one signal reaches the agent and what stays in it.
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number, inheritable=number != CONTROL)
        os.closerange(CONTROL + 1, os.sysconf("SC_OPEN_MAX"))
        replace_environment({})
        with os.fdopen(CONTROL, "rb") as control:
            words = control.read() if spawn.die_with(parent) else b""
        if words:
            arguments, environment, cwd = json.loads(words)
            replace_environment(environment)
            os.chdir(cwd)
            code = spawn.become(arguments, landlock)
    except BaseException as exc:  # noqa: BLE001 - reason: nothing of a supervisor may run here
        os.write(2, f"cannot start: {exc}\n".encode())
    finally:
        os._exit(code)
