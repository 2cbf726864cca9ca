"""The processes of a function: as many as there are concurrent calls, kept warm for the next.

A call takes the process that served last, or whichever is ready first: one that returns, or one
started for it. A failure concerns one process only. Everything here runs in the event loop's
thread, so nothing needs a lock.
"""

import asyncio
import logging
import os
import time
from collections import deque
from pathlib import Path

from aiwebhook_local.functions.deployed_function import (
    DeployedFunction,
    FunctionFailure,
    InvocationResult,
    failed,
)
from aiwebhook_local.functions.function_process import FunctionProcess, InitFailed, ProcessSettings
from aiwebhook_local.functions.unpacked import UnpackedFunction, unpack_function

_log = logging.getLogger("aiwebhook_local.functions")
_IDLE_S = 60.0
"""Seconds that an unneeded process is kept; the last one of a function for good."""
_STARTS_AT_ONCE = max(1, os.cpu_count() or 1)


class FunctionPool:
    """The processes of one function, of its newest revision."""

    def __init__(self, settings: ProcessSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._revision: str | None = None
        self._unpacking: asyncio.Task[UnpackedFunction] | None = None
        self._processes: set[FunctionProcess] = set()
        self._starting_from: list[UnpackedFunction] = []
        self._idle: list[FunctionProcess] = []
        self._waiting: deque[asyncio.Future[FunctionProcess]] = deque()
        self._starting: set[asyncio.Task[None]] = set()
        self._burying: set[asyncio.Task[None]] = set()
        self._closed = False

    async def invoke(
        self, function: DeployedFunction, event: bytes, limit_s: float
    ) -> InvocationResult:
        """The result of one call; if cancelled, the process that works on it is ended."""
        try:
            process = await self._lease(function)
        except InitFailed as failure:
            return failure.result
        try:
            return await process.invoke(event, limit_s)
        finally:
            self._offer(process)

    async def warm(self, function: DeployedFunction) -> None:
        """Have one process ready."""
        if not self._processes:
            try:
                self._offer(await self._lease(function))
            except InitFailed as failure:
                # It will fail again, and be reported, when it is called.
                _log.warning("%s does not start: %s", function.name, failure)

    def end_idle(self, longer_than_s: float = _IDLE_S) -> None:
        """End processes idle for longer, but keep one."""
        limit = time.monotonic() - longer_than_s
        for process in [p for p in self._idle[:-1] if p.idle_since < limit]:
            self._idle.remove(process)
            self._end(process)

    async def close(self) -> None:
        """End all of them, and refuse further calls; returns when they are gone."""
        self._closed = True
        for expected in (*self._starting, *self._waiting):
            expected.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        for process in [*self._processes]:  # one may have started in spite of the cancellation
            self._end(process)
        await asyncio.gather(*self._burying, return_exceptions=True)

    async def _lease(self, function: DeployedFunction) -> FunctionProcess:
        if self._closed:
            raise InitFailed(
                failed(FunctionFailure.EXIT, "Runtime.ExitError", "The stack is stopping.")
            )
        self._use(function)
        while self._idle:
            process = self._idle.pop()
            if process.alive:
                return process
            self._end(process)
        waiter: asyncio.Future[FunctionProcess] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._start_missing()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._offer(waiter.result())
            raise

    def _use(self, function: DeployedFunction) -> None:
        """Switch to this revision."""
        if function.revision == self._revision:
            return
        before = self._unpacking
        self._revision = function.revision
        self._unpacking = asyncio.create_task(
            asyncio.to_thread(unpack_function, function, self._folder)
        )
        idle, self._idle = self._idle, []
        for process in idle:
            self._end(process)
        if before is not None and before.done() and before.exception() is None:
            self._remove_if_unused(before.result())

    def _start_missing(self) -> None:
        """Start one for each waiting call, but not all at once: they would slow down everything."""
        waiting = sum(not waiter.done() for waiter in self._waiting)
        while len(self._starting) < min(waiting, _STARTS_AT_ONCE):
            task = asyncio.create_task(self._start())
            self._starting.add(task)

    async def _start(self) -> None:
        started: FunctionProcess | InitFailed
        try:
            assert self._unpacking is not None
            started = await self._started(await asyncio.shield(self._unpacking))
        except InitFailed as failure:
            started = failure
        except Exception as error:  # noqa: BLE001 reason: whoever waits must hear of it
            started = InitFailed(failed(FunctionFailure.INIT, type(error).__name__, str(error)))
        finally:
            self._starting.discard(_this_task())
        if isinstance(started, FunctionProcess):
            self._processes.add(started)
            self._offer(started)
        elif (waiter := self._next_waiting()) is not None:
            waiter.set_exception(started)
        self._start_missing()

    async def _started(self, unpacked: UnpackedFunction) -> FunctionProcess:
        """Start it, with one retry unless the function's own code failed. Meanwhile its folder is
        kept, even if a newer revision has come.
        """
        self._starting_from.append(unpacked)
        try:
            try:
                return await FunctionProcess.start(unpacked, self._settings)
            except InitFailed as failure:
                if failure.of_its_own:
                    raise
            return await FunctionProcess.start(unpacked, self._settings)
        finally:
            self._starting_from.remove(unpacked)

    def _offer(self, process: FunctionProcess) -> None:
        """Give it to the call that waits longest, or keep it; a dead or outdated one is ended."""
        if not process.alive or process.unpacked.function.revision != self._revision:
            self._end(process)
            self._start_missing()
        elif (waiter := self._next_waiting()) is not None:
            waiter.set_result(process)
        else:
            process.idle_since = time.monotonic()
            self._idle.append(process)

    def _next_waiting(self) -> "asyncio.Future[FunctionProcess] | None":
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                return waiter
        return None

    def _end(self, process: FunctionProcess) -> None:
        self._processes.discard(process)
        process.kill()
        task = asyncio.create_task(self._bury(process))
        self._burying.add(task)
        task.add_done_callback(self._burying.discard)

    async def _bury(self, process: FunctionProcess) -> None:
        await asyncio.to_thread(process.reap)
        if process.unpacked.function.revision != self._revision:
            self._remove_if_unused(process.unpacked)

    def _remove_if_unused(self, unpacked: UnpackedFunction) -> None:
        in_use = [*self._starting_from, *(process.unpacked for process in self._processes)]
        if not any(each is unpacked for each in in_use):
            unpacked.remove()


def _this_task() -> "asyncio.Task[None]":
    task = asyncio.current_task()
    assert task is not None
    return task
