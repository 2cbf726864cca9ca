"""The processes of a running stack, by what they play."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import psutil

from tests.kill.storm_stack import StormStack
from tests.support.living import GONE


class StackProcesses:
    """Looks anew at every call: all of them come and go."""

    def __init__(self, stack: StormStack) -> None:
        self._stack = stack

    def of_function(self, name: str) -> list[psutil.Process]:
        """The processes of one Lambda function."""
        deployed = self._stack.running.functions[name]
        return [p for p, line in self._children() if deployed in line]

    def fargate_tasks(self) -> list[psutil.Process]:
        """PID 1 of each emulated Fargate task."""
        return [
            p for p, line in self._children() if any(part.endswith("task_init.py") for part in line)
        ]

    def runners(self) -> list[psutil.Process]:
        """The supervisors of runs, one per Fargate task."""
        found: list[psutil.Process] = []
        for task in self.fargate_tasks():
            with contextlib.suppress(*GONE):
                found += [p for p in task.children() if "aiwebhook_runner" in p.cmdline()]
        return found

    def ports_of_function(self, name: str) -> dict[int, psutil.Process]:
        """Which process of a function holds which connection, by its local port."""
        ports: dict[int, psutil.Process] = {}
        for process in self.of_function(name):
            with contextlib.suppress(*GONE):
                for connection in process.net_connections(kind="tcp"):
                    ports[connection.laddr.port] = process
        return ports

    def _children(self) -> Iterator[tuple[psutil.Process, Sequence[str]]]:
        with contextlib.suppress(*GONE):
            yield from self._living(psutil.Process(self._stack.running.front).children())

    def _living(
        self, processes: Sequence[psutil.Process]
    ) -> Iterator[tuple[psutil.Process, Sequence[str]]]:
        for process in processes:
            with contextlib.suppress(*GONE):
                if process.status() != psutil.STATUS_ZOMBIE:
                    yield process, process.cmdline()
