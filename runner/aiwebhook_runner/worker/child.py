"""One run in a process of its own: `python -m aiwebhook_runner handed`."""

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from aiwebhook.client import Run
from aiwebhook.domain.run import LeasedTask
from aiwebhook.sealed import SEALED, seal
from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.jsons import JsonObject, NotJsonObject, decode_object, encode

HANGS_S = 1_200.0
"""Seconds beyond the task's timeout: to prepare, and to deliver the result despite an outage. A
supervisor that takes longer hangs.
"""
LAST_LINES_S = 2.0
FOR_PYTHON = ("PYTHON", "PATH", "HOME", "TMPDIR", "LANG", "LC_", "LD_", "DYLD_")
SETTLED = frozenset({RunExitCode.RECORDED, RunExitCode.RELEASED, RunExitCode.LEASE_LOST})
"""Exit codes after which nothing has to be reported to the server."""


class Child:
    """Start it, send it messages, read its log; `on_exit` is called in a thread of its own."""

    def __init__(
        self,
        *,
        lease: Run,
        run: LeasedTask,
        environment: Mapping[str, str],
        config: Path | None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lease = lease
        self.run = run
        self._now = now
        self.started_at = now()
        self.hung = False
        """We killed it, because it hung."""
        self.status: str | None = None
        """Of the task, once the run has reported it."""
        rest = [] if config is None else [str(config)]
        with seal(environment) as given:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "aiwebhook_runner", "handed", *rest],
                env={**_needed_to_start(environment), SEALED: str(given.fileno())},
                pass_fds=(given.fileno(),),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # A group of its own: a Ctrl-C at our terminal reaches only us.
                start_new_session=True,
            )
        self.pid = self._process.pid
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        self._lines.put(encode(lease.input) + b"\n")

    def listen(self, on_line: Callable[[JsonObject], None], on_exit: Callable[[int], None]) -> None:
        """Call once; feeds the child, passes on each line of its log, and finally its exit code."""
        reader = threading.Thread(target=self._read, args=(on_line,), daemon=True)

        def wait() -> None:
            code = self._process.wait()
            self._lines.put(b"")
            # Processes it left behind may hold its stdout open.
            reader.join(LAST_LINES_S)
            on_exit(code)

        for target in (self._feed, wait):
            threading.Thread(target=target, name="run", daemon=True).start()
        reader.start()

    def send(self, word: str) -> None:
        """Send beat, cancel, lost or drain; never blocks."""
        self._lines.put(encode({"type": word}) + b"\n")

    def answer(self, number: object, result: JsonObject | None) -> None:
        """The result of its report of this number; None: the run must send it
        itself. Never blocks.
        """
        answer = {"type": "completion", "number": number, "result": result}
        self._lines.put(encode(answer) + b"\n")

    def kill(self) -> None:
        """Kill the supervisor itself; the kernel kills its agent, and `sweep`
        whatever that left.
        """
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)

    def runs_for_s(self) -> float:
        """Seconds since the start."""
        return self._now() - self.started_at

    def hangs(self) -> bool:
        """Whether it should have ended long ago."""
        return self.runs_for_s() > self.run.timeout_s + HANGS_S

    def _feed(self) -> None:
        # A child that is gone is noticed by whoever waits for it.
        with contextlib.suppress(OSError), _pipe(self._process.stdin) as stdin:
            while line := self._lines.get():
                stdin.write(line)
                stdin.flush()

    def _read(self, on_line: Callable[[JsonObject], None]) -> None:
        with _pipe(self._process.stdout) as stdout:
            for line in stdout:
                with contextlib.suppress(NotJsonObject):
                    entry = decode_object(line)
                    if entry.get("message") == "outcome_recorded":
                        self.status = str(entry.get("status"))
                    on_line(entry)


def _needed_to_start(environment: Mapping[str, str]) -> dict[str, str]:
    """Variables that Python reads before our code runs; everything else comes sealed."""
    return {name: value for name, value in environment.items() if name.startswith(FOR_PYTHON)}


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError("Popen was asked for this pipe")
    return pipe
