"""Servers of MCP events behind the fake chat: ours, and the PyPI package that was there first."""

from __future__ import annotations

import json
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from aiwebhook.outbound.callback_sender import HttpCallbackSender, SendLimits
from tests.doors.tools import PYTHON
from tests.support.follower import Follower
from tests.support.http_front import HttpFront, LambdaHandler
from tests.support.session_api import ApiDriver
from tests.support.simulated_time import SimulatedTime

PATIENCE_S = 3.0
"""How long either of them waits for a receiver here: several times what one needs that is late but
in time (`Hook.late_s`), and a part of what one takes that is too late."""


class Served(Protocol):
    """One of them. `server`: its MCP endpoint."""

    @property
    def server(self) -> str: ...

    @property
    def token(self) -> str | None:
        """Of its user."""
        ...

    def fresh(self) -> None:
        """From here on for another user, where it tells users apart."""

    def happens(self, marker: str) -> None:
        """A task was updated; the event says this."""

    def deliver(self, senders: int = 1) -> None:
        """Whatever is due goes out once, by so many senders at once."""

    def time_passes(self, seconds: float) -> None: ...

    def restart(self) -> None:
        """As after a kill: what was in memory is gone."""

    def guard(self) -> None:
        """From here on it calls public addresses only, as in production."""


@dataclass(slots=True, kw_only=True)
class Ours:
    """In this process, behind a loopback front; each of its instances has its own connection."""

    dsn: str
    tls: ssl.SSLContext
    guarded: bool = False
    token: str | None = None
    _drivers: list[ApiDriver] = field(default_factory=list[ApiDriver])
    _front: HttpFront | None = None
    _time: SimulatedTime | None = None
    _project_id: str | None = None

    @property
    def server(self) -> str:
        assert self._front is not None
        return f"{self._front.url}/mcp"

    def fresh(self) -> None:
        self._project_id = None
        self.guarded = False
        driver = self._another()
        self._project_id, self.token = driver.project_id, driver.key
        self._time = SimulatedTime(self.dsn, driver.project_id)
        self.restart()

    def happens(self, marker: str) -> None:
        self._follower().completed(say=marker)

    def deliver(self, senders: int = 1) -> None:
        with ThreadPoolExecutor(senders) as pool:
            for sent in [pool.submit(self._follower().deliver) for _ in range(senders)]:
                sent.result()

    def time_passes(self, seconds: float) -> None:
        assert self._time is not None
        self._time.passes(seconds)

    def restart(self) -> None:
        self.close()
        self._another()
        self._front = HttpFront(session_api=self._instance)
        self._front.__enter__()

    def guard(self) -> None:
        self.guarded = True
        self.restart()

    def close(self) -> None:
        """The front and every connection."""
        if self._front is not None:
            self._front.__exit__(None, None, None)
        for driver in self._drivers:
            driver.outside.close()
        self._drivers.clear()

    def _follower(self) -> Follower:
        return Follower(driver=self._drivers[0])

    def _instance(self) -> LambdaHandler:
        driver = self._another()
        return lambda event, _context: driver.answer(event)

    def _another(self) -> ApiDriver:
        driver = ApiDriver(self.dsn, project_id=self._project_id)
        sender = HttpCallbackSender(
            allow_loopback=not self.guarded,
            limits=SendLimits(total_s=PATIENCE_S),
            tls=self.tls,
        )
        driver.sending_by(sender, allow_loopback=not self.guarded)
        self._drivers.append(driver)
        return driver


@dataclass(slots=True, kw_only=True)
class Anchor:
    """mcp-webhook-events in a process of its own. `authority`: the certificate it trusts."""

    folder: Path
    authority: Path
    token: str | None = None
    guarded: bool = False
    _passed_s: float = 0.0
    _process: subprocess.Popen[str] | None = None
    _port: int = 0

    @property
    def server(self) -> str:
        return f"http://127.0.0.1:{self._port}/mcp"

    def fresh(self) -> None:
        if self._process is None or self.guarded:
            self.guarded = False
            self.restart()

    def happens(self, marker: str) -> None:
        self._told(publish=marker)

    def deliver(self, senders: int = 1) -> None:
        self._told(deliver=senders)

    def time_passes(self, seconds: float) -> None:
        self._passed_s += seconds
        self._told(**{"pass": seconds})

    def restart(self) -> None:
        self.close()
        script = Path(__file__).with_name("anchor_server.py")
        guarded = "yes" if self.guarded else "no"
        command = [PYTHON, script, self.folder / "anchor.db", guarded, str(self._passed_s)]
        command.append(str(PATIENCE_S))
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"SSL_CERT_FILE": str(self.authority), "HOME": str(self.folder)},
        )
        self._port = self._answer()

    def guard(self) -> None:
        self.guarded = True
        self.restart()

    def close(self) -> None:
        """By SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def _told(self, **wish: Any) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()
        self._answer()

    def _answer(self) -> Any:
        assert self._process is not None
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())
