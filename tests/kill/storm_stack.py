"""A stack that may be killed at its root, the front or who started it, and comes back in place."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiwebhook_local.deploy import Aws
from aiwebhook_local.home import Home
from aiwebhook_local.ports import free_port
from aiwebhook_local.processes import ProcessLaunch, start_process
from aiwebhook_local.stack import SOURCE_ROOT
from tests.support.waiting import eventually

# Only there to end a broken test: a busy machine takes its time.
_START_S = 300.0
_STOP_S = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What one start of the stack is reached by."""

    supervisor: int
    front: int
    postgres: int
    url: str
    dsn: str
    session_token: str = field(repr=False)
    github_secret: str = field(repr=False)
    functions: dict[str, str]


class StormStack:
    """Same folder, same ports, same data at every start. To be used from the main thread."""

    def __init__(self, folder: Path, *, authority: Path | None = None) -> None:
        """`authority`: a file of certificates that its functions trust."""
        self.home = Home(root=folder / ".local")
        # Not of those that the kernel gives to outgoing connections: a client that tries again
        # while nobody listens could otherwise be connected to itself.
        self._port = free_port()
        self._folder = folder
        self._authority = authority
        self._state = folder / "stack.json"
        self._process: subprocess.Popen[bytes] | None = None
        self._aws: Aws | None = None
        self._running: Running | None = None
        self._refused_before = 0
        self.down_s: list[float] = []
        """How long each death of the whole lasted, until it served again."""

    def __enter__(self) -> Self:
        self._start()
        self.url, self.dsn = self.running.url, self.running.dsn
        self.github_secret = self.running.github_secret
        return self

    def __exit__(self, *_: object) -> None:
        if self._aws is not None:
            self._aws.close()
        assert self._process is not None
        self._process.terminate()
        self._process.wait(_STOP_S)

    @property
    def running(self) -> Running:
        """The present start, or the last one while there is none."""
        assert self._running is not None
        return self._running

    @property
    def aws(self) -> Aws:
        """The emulator of the present start."""
        assert self._aws is not None
        return self._aws

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Call a function by its name in functions/. Raises RuntimeError when it failed."""
        reply = self.aws.client("lambda").invoke(
            FunctionName=self.running.functions[function], Payload=json.dumps(event).encode()
        )
        payload = reply["Payload"].read()
        if "FunctionError" in reply:
            raise RuntimeError(f"{function} failed: {payload.decode(errors='replace')}")
        return json.loads(payload or b"null")

    def kill_front(self) -> None:
        """The supervisor stops the rest, and whoever ran it starts it again."""
        self._again(self.running.front)

    def kill_supervisor(self) -> None:
        """Nobody stops anything: what is left is found by the next start."""
        self._again(self.running.supervisor)

    def kill_postgres(self) -> None:
        """By the immediate shutdown; back when the supervisor has seen it."""
        was = self.running.postgres
        os.kill(was, signal.SIGQUIT)
        eventually(lambda: self._told().postgres != was, within_s=_START_S)
        self._running = self._told()

    def refused(self) -> int:
        """Acknowledgements of lost leases that were refused, in the logs of all starts."""
        return self._refused_before + self._refused_now()

    def _again(self, victim: int) -> None:
        began = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        assert self._process is not None
        self._process.wait(_STOP_S)
        self._refused_before += self._refused_now()
        self._start()
        self.down_s.append(time.monotonic() - began)
        assert (self.running.url, self.running.dsn) == (self.url, self.dsn)

    def _start(self) -> None:
        self._state.unlink(missing_ok=True)
        here = [str(self.home.root), str(self._port), str(self._state)]
        here += [str(self._authority)] if self._authority else []
        with (self._folder / "stack.log").open("ab") as log:
            process = start_process(
                ProcessLaunch(
                    command=[sys.executable, "-m", "tests.kill.stack_process", *here],
                    output=log,
                    cwd=SOURCE_ROOT,
                    environment={
                        "PATH": os.environ.get("PATH", os.defpath),  # noqa: TID251 for git and sh
                        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
                    },
                    death_signal=signal.SIGTERM,
                )
            )
        self._process = process
        eventually(lambda: self._state.exists() or process.poll() is not None, within_s=_START_S)
        assert process.poll() is None, (self._folder / "stack.log").read_text()[-4000:]
        if self._aws is not None:
            self._aws.close()
        self._running = running = self._told()
        self._aws = Aws(url=running.url, session_token=running.session_token)

    def _told(self) -> Running:
        return Running(**json.loads(self._state.read_text()))

    def _refused_now(self) -> int:
        logs = self.home.logs.glob("*.log")
        return sum(file.read_text(errors="replace").count('"lease_lost"') for file in logs)
