"""The containers of one task, each played by a child process with an init of its own.

As on ECS: a container that depends on others starts when they have, or are healthy; when an
essential one ends, or the task is told to stop, the rest is stopped, in the reverse order.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiwebhook.sealed import SEALED, seal
from aiwebhook_local.ecs_container import (
    EcsError,
    command_of,
    environment_of,
    is_our_program,
    ports_of,
)
from aiwebhook_local.ecs_records import TaskRecord
from aiwebhook_local.processes import kill_left
from aiwebhook_local.settings import containers_path

_TASK_INIT = Path(__file__).with_name("task_init.py")
_DEFAULT_GRACE_S = 30
_SHOWN = ("AIWEBHOOK_TASK_ID",)
"""By which a person finds a run among the processes (`ps e`); everything else is passed sealed."""
_HEALTHY_WITHIN_S = 60.0
_PROBE_PERIOD_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class FargateSettings:
    """Where the tasks work and log, and what their image would hold.

    `agents` is the folder with the agents' CLIs; `shell` are the few variables of the developer's
    shell that are meant for tasks, see `settings.task_variables`.
    """

    tasks: Path
    logs: Path
    python_path: str
    agents: Path
    shell: Mapping[str, str] = field(default_factory=dict[str, str])


class TaskProcesses:
    """The life of one task: `start`, `started`, `ended`; `stop` and `kill` end it sooner."""

    def __init__(self, task: TaskRecord, settings: FargateSettings) -> None:
        self._task = task
        self._settings = settings
        self._folder = settings.tasks / task.task_id
        self._environments: dict[str, dict[str, str]] = {}
        # In the order of their start.
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._ends: dict[str, asyncio.Task[int]] = {}
        self._stop_requested = asyncio.Event()

    async def start(self) -> None:
        """Start the containers that depend on no other.

        Raises OSError or EcsError if one cannot start; none is left running then. Secrets are read
        first, because ECS starts nothing if one of them is missing.
        """
        for container in self._task.containers:
            self._environments[container["name"]] = await environment_of(self._task, container)
        try:
            for container in self._task.containers:
                if not container.get("dependsOn"):
                    await self._spawn(container)
        except OSError:
            self.kill()
            await self.ended()
            raise

    async def started(self) -> bool:
        """Start the other containers as soon as their dependencies are ready.

        Returns False if the task ended before. Raises OSError, or EcsError for a container that
        does not become healthy; the task is then told to stop.
        """
        try:
            while waiting := self._waiting():
                await self._until_ready(waiting[0])
                if self._over:
                    return False
                await self._spawn(waiting[0])
        except (OSError, EcsError):
            self.stop()
            raise
        return True

    async def ended(self) -> dict[str, int]:
        """Wait for the end of the task and stop what is left; returns exit codes by container."""
        stop = asyncio.ensure_future(self._stop_requested.wait())
        await asyncio.wait([stop, *self._essential_ends()], return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        for name in reversed(self._running):
            self._signal(name, signal.SIGTERM)
            if await self._ends[name] < 0:  # its init was killed, so it could not kill the rest
                kill_left(session=self._running[name].pid, folder=self._folder / name)
        shutil.rmtree(self._folder, ignore_errors=True)
        codes = {name: end.result() for name, end in self._ends.items()}
        return {name: code if code >= 0 else 128 - code for name, code in codes.items()}

    def stop(self) -> None:
        """Stop every container, within the stop timeout of its definition."""
        self._stop_requested.set()

    def kill(self) -> None:
        """Kill the processes of every container."""
        self._stop_requested.set()
        for name in self._running:
            # Stop timeouts may be minutes; SIGINT tells the task's init to kill at once.
            self._signal(name, signal.SIGINT)

    @property
    def ports(self) -> set[int]:
        """Ports of this task, whether or not anybody listens there already."""
        return {port for container in self._task.containers for port in ports_of(container)}

    @property
    def _over(self) -> bool:
        ended = any(end.done() for end in self._essential_ends())
        return ended or self._stop_requested.is_set()

    def _essential_ends(self) -> list[asyncio.Task[int]]:
        essential = [c["name"] for c in self._task.containers if c.get("essential", True)]
        return [end for name, end in self._ends.items() if name in essential]

    def _waiting(self) -> list[dict[str, Any]]:
        """Containers still to be started; those whose dependencies have all started come first."""
        waiting = [c for c in self._task.containers if c["name"] not in self._running]
        return sorted(waiting, key=lambda c: len(_dependencies(c).keys() - self._running.keys()))

    async def _until_ready(self, container: dict[str, Any]) -> None:
        """Wait until the container's dependencies are healthy. Raises EcsError."""
        by_name = {other["name"]: other for other in self._task.containers}
        for name, condition in _dependencies(container).items():
            if condition != "HEALTHY":
                continue
            # In place of its health check: it is healthy once its ports accept connections.
            ports = ports_of(by_name[name])
            try:
                async with asyncio.timeout(_HEALTHY_WITHIN_S):
                    while not self._over and not all(map(_accepts, ports)):  # noqa: ASYNC110 - a port sends no event
                        await asyncio.sleep(_PROBE_PERIOD_S)
            except TimeoutError:
                reason = f"Task failed to start: container {name} did not become healthy"
                raise EcsError("TaskFailedToStart", reason) from None

    async def _spawn(self, container: dict[str, Any]) -> None:
        name = container["name"]
        folder = self._folder / name
        # Other users may only pass through: an agent's own user works in a folder below.
        for path in (self._folder, folder, folder / "tmp"):
            path.mkdir(mode=0o711, exist_ok=True)
        grace = container.get("stopTimeout", _DEFAULT_GRACE_S)
        init = [sys.executable, "-I", "-S", str(_TASK_INIT), str(os.getpid()), str(grace)]
        command = command_of(self._task, container)
        environment = self._surroundings(folder)
        variables = self._environments.pop(name)
        with contextlib.ExitStack() as open_files:
            log = (self._settings.logs / f"task-{self._task.task_id}.log").open("ab")
            open_files.enter_context(log)
            descriptors = list[int]()
            if is_our_program(command):
                given = open_files.enter_context(seal(variables)).fileno()
                descriptors = [given]
                shown = {name: variables[name] for name in _SHOWN if name in variables}
                variables = {SEALED: str(given), **shown}
            process = await asyncio.create_subprocess_exec(
                *init,
                str(folder),
                "--",
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env=environment | variables,
                pass_fds=descriptors,
                start_new_session=True,
            )
        self._running[name] = process
        self._ends[name] = asyncio.ensure_future(process.wait())

    def _surroundings(self, folder: Path) -> dict[str, str]:
        """What the image would provide, and of the developer's shell PATH and the variables
        meant for tasks.
        """
        return {
            "PATH": containers_path(self._settings.agents),
            "HOME": str(folder),
            "TMPDIR": str(folder / "tmp"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": self._settings.python_path,
            "PYTHONUNBUFFERED": "1",
            **self._settings.shell,
        }

    def _signal(self, name: str, number: signal.Signals) -> None:
        if not self._ends[name].done():
            with contextlib.suppress(ProcessLookupError):
                self._running[name].send_signal(number)


def _dependencies(container: dict[str, Any]) -> dict[str, str]:
    """Container → condition."""
    return {d["containerName"]: d["condition"] for d in container.get("dependsOn", [])}


def _accepts(port: int) -> bool:
    """Whether somebody listens; on loopback the answer comes at once."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) != 0:
            return False
        # If nobody listens, the probe may be given this very port and connect to itself.
        return probe.getsockname() != probe.getpeername()
