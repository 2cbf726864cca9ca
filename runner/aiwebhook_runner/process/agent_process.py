"""The agent as a process: started in isolation, given its input, read, and reliably ended."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO

from aiwebhook_runner.process import spawn
from aiwebhook_runner.process.forked_child import ForkedChild
from aiwebhook_runner.process.isolation import AgentUser
from aiwebhook_runner.process.pipes import read_to_the_end
from aiwebhook_runner.process.process_table import kill_all_below, reap_processes, zombies_of

STDERR_TAIL_BYTES = 64 * 1024


class Fence(StrEnum):
    """What the kernel keeps an agent from, whoever it runs as (Landlock, Linux 5.13 and newer)."""

    PROCESSES = "processes"
    """Reading, tracing or signalling any process that it did not start."""
    MEMORY = "memory"
    """Reading or tracing them only: a person's own command may end another program of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchSpec:
    """What an adapter wants started. `environment` is complete; nothing is inherited."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    cwd: Path
    stdin: bytes = field(repr=False)
    files: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Settings of the CLI: path below HOME to text, written before the start."""
    user: AgentUser | None = None
    """The user it runs as; None: the supervisor's own."""
    fence: Fence = Fence.PROCESSES


class AgentProcess:
    """One process with all its descendants. Callbacks come from threads of this object: `on_output`
    for each piece of stdout, then `on_exit` exactly once, after everything has ended."""

    def __init__(
        self,
        spec: LaunchSpec,
        *,
        on_output: Callable[[bytes], None],
        on_exit: Callable[[int], None],
        spare: frozenset[int] = frozenset(),
        forked: ForkedChild | None = None,
    ) -> None:
        """`spare` returns our children that are not part of the agent and stay alive. `forked`
        becomes the agent, if it has not become one before.
        """
        self._spare = spare
        self._dead_before = frozenset[int]()
        self.gone = threading.Event()
        """Set before its children are swept."""
        self._swept = threading.Event()
        self._on_exit = on_exit
        self._stderr_tail = bytearray()
        self._process = _started(spec, forked)
        self.pid = self._process.pid
        self._readers = (
            self._reader("agent-stdout", self._process.stdout, on_output),
            self._reader("agent-stderr", self._process.stderr, self._keep_stderr),
        )
        for reader in self._readers:
            reader.start()
        for target, arguments in ((self._feed, (spec.stdin,)), (self._wait, ())):
            threading.Thread(target=target, args=arguments, daemon=True).start()

    @property
    def stderr_tail(self) -> str:
        """The last 64 KB, complete once on_exit was called."""
        return bytes(self._stderr_tail).decode("utf-8", "replace")

    def interrupt(self) -> None:
        """SIGINT to the agent alone: on it a CLI ends its turn and reports its usage."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(self.pid, signal.SIGINT)

    def terminate(self) -> None:
        """SIGTERM to the group: a chance to end properly."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to the agent and all its descendants, detached children included."""
        kill_all_below(os.getpid(), group=self.pid, spare=self._spare)

    def reap_orphans(self) -> None:
        """Call now and then while the agent runs: an agent that detaches many children would fill
        the process table. Reaps only those that were dead at the last call too, because our own
        tools (git) are waited for by whoever started them.
        """
        dead = zombies_of(os.getpid()) - self._spare - {self.pid}
        reap_processes(dead & self._dead_before)
        self._dead_before = dead

    def _feed(self, data: bytes) -> None:
        stdin = _pipe(self._process.stdin)
        # An agent may end early, or not read its input.
        with contextlib.suppress(OSError):
            stdin.write(data)
        with contextlib.suppress(OSError):
            stdin.close()

    def _reader(
        self, name: str, pipe: IO[bytes] | None, take: Callable[[bytes], None]
    ) -> threading.Thread:
        return threading.Thread(
            target=lambda: read_to_the_end(_pipe(pipe), take, gone=self._swept),
            name=name,
            daemon=True,
        )

    def _keep_stderr(self, data: bytes) -> None:
        self._stderr_tail += data
        del self._stderr_tail[:-STDERR_TAIL_BYTES]

    def _wait(self) -> None:
        exit_code = self._process.wait()
        self.gone.set()
        # Children left behind hold the pipes open and would outlive the run.
        self.kill()
        self._swept.set()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdout, self._process.stderr):
            _pipe(pipe).close()
        self._on_exit(exit_code)


def _started(
    spec: LaunchSpec, forked: ForkedChild | None
) -> "ForkedChild | subprocess.Popen[bytes]":
    user = f"{spec.user.uid}:{spec.user.gid}" if spec.user else "-"
    reach = os.pathsep.join(map(str, spec.user.reach)) if spec.user and spec.user.reach else "-"
    arguments = [str(os.getpid()), user, reach, spec.fence.value, *spec.argv]
    if forked is not None and forked.order(arguments, spec.environment, spec.cwd):
        return forked
    return subprocess.Popen(
        [sys.executable, "-I", "-S", spawn.__file__, *arguments],
        env=dict(spec.environment),
        cwd=spec.cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A group of its own: one signal reaches it and all children that stay in it, and a
        # Ctrl-C at our terminal reaches only us.
        start_new_session=True,
    )


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError("Popen was asked for this pipe")
    return pipe
