"""One process of a function: an execution environment, in Lambda's terms."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiwebhook import sealed
from aiwebhook.ids import new_uuid
from aiwebhook_local.functions.deployed_function import FunctionFailure, InvocationResult, failed
from aiwebhook_local.functions.runtime_api import Invocation, ProcessEnded, RuntimeApi
from aiwebhook_local.functions.unpacked import UnpackedFunction

_PROGRAM = Path(__file__).with_name("program.py")
_SEALED = Path(str(sealed.__file__))
_INIT_LIMIT_S = 10.0
"""Lambda's, after which it tries once more within the time limit of the function."""
_REAP_S = 5.0


class InitFailed(Exception):
    """The process cannot serve; `result` is what a call gets instead."""

    def __init__(self, result: InvocationResult) -> None:
        super().__init__(result.payload.decode(errors="replace"))
        self.result = result

    @property
    def of_its_own(self) -> bool:
        """Whether the function's own code is at fault, so that a retry would fail too."""
        return self.result.failure is not FunctionFailure.EXIT


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSettings:
    """What every function process gets: folders to write to, and access to AWS."""

    log: Path
    environment: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


class FunctionProcess:
    """A process that has loaded the function and serves one event at a time."""

    def __init__(
        self, unpacked: UnpackedFunction, process: "subprocess.Popen[bytes]", api: RuntimeApi
    ) -> None:
        self.unpacked = unpacked
        self.idle_since = 0.0
        self._process = process
        self._api = api
        self._killed = False

    @classmethod
    async def start(
        cls, unpacked: UnpackedFunction, settings: ProcessSettings
    ) -> "FunctionProcess":
        """Returns when it asks for its first event. Raises InitFailed."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = _spawn(unpacked, settings, theirs)
        api = RuntimeApi(unpacked.function.arn)
        started = cls(unpacked, process, api)
        limit_s = _INIT_LIMIT_S + unpacked.function.timeout_s
        try:
            await asyncio.get_running_loop().create_unix_connection(lambda: api, sock=ours)
            fault = await asyncio.wait_for(asyncio.shield(api.initialised), limit_s)
        except ProcessEnded:
            fault = await started._how_it_ended("")
        except TimeoutError:
            fault = _too_late("", limit_s)
        except asyncio.CancelledError:
            started.kill()
            started.reap()
            raise
        if fault is not None:
            started.kill()
            await asyncio.to_thread(started.reap)
            raise InitFailed(fault)
        return started

    @property
    def alive(self) -> bool:
        """Whether it can serve another event."""
        return not self._killed and self._api.connected and self._process.poll() is None

    async def invoke(self, event: bytes, limit_s: float) -> InvocationResult:
        """Serve one event, within the time limits of the function and the caller. If the caller is
        cancelled, or it takes too long, the process is ended.
        """
        limit_s = min(limit_s, self.unpacked.function.timeout_s)
        request_id = new_uuid()
        deadline_ms = int((time.time() + limit_s) * 1000)
        invocation = Invocation(request_id=request_id, event=event, deadline_ms=deadline_ms)
        try:
            return await asyncio.wait_for(self._api.invoke(invocation), limit_s)
        except ProcessEnded:
            return await self._how_it_ended(request_id)
        except TimeoutError:
            self.kill()
            return _too_late(request_id, limit_s)
        except asyncio.CancelledError:
            self.kill()
            raise

    def kill(self) -> None:
        """End it and what it started, whatever they do; it has ended when `reap` returns."""
        self._killed = True
        self._kill_group()

    def reap(self) -> None:
        """Wait for its end, and end what it left; blocks until then."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_REAP_S)
        self._kill_group()

    def _kill_group(self) -> None:
        """Safe even after the leader's end: a group's number is reused only once it is empty."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _how_it_ended(self, request_id: str) -> InvocationResult:
        """The result of a call whose process ended; the connection closes a moment before that."""
        await asyncio.to_thread(self.reap)
        status = self._process.returncode
        how = "no status" if status is None else _status(status)
        message = f"RequestId: {request_id} Error: Runtime exited with error: {how}"
        return failed(FunctionFailure.EXIT, "Runtime.ExitError", message)


def _too_late(request_id: str, limit_s: float) -> InvocationResult:
    message = f"RequestId: {request_id} Error: Task timed out after {limit_s:.2f} seconds"
    return failed(FunctionFailure.TIME_LIMIT, "Sandbox.Timedout", message)


def _status(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    return f"signal: {signal.Signals(-code).name.removeprefix('SIG').lower()}"


def _spawn(
    unpacked: UnpackedFunction, settings: ProcessSettings, runtime: socket.socket
) -> "subprocess.Popen[bytes]":
    function = unpacked.function
    with sealed.seal(settings.secrets) as secrets, settings.log.open("ab") as log:
        environment = {
            **settings.environment,
            **function.variables,
            "PYTHONPATH": os.pathsep.join(map(str, unpacked.python_path)),
            "LAMBDA_TASK_ROOT": str(unpacked.task_root),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_STREAM_NAME": new_uuid(),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "_HANDLER": function.handler,
            sealed.SEALED: str(secrets.fileno()),
            "AIWEBHOOK_RUNTIME_SOCKET": str(runtime.fileno()),
        }
        return subprocess.Popen(
            # -P: modules beside the program must not shadow the function's.
            [sys.executable, "-P", str(_PROGRAM), str(_SEALED), function.name],
            cwd=unpacked.task_root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(runtime.fileno(), secrets.fileno()),
            # An execution environment ends as a whole, with whatever the function has started.
            process_group=0,
        )
