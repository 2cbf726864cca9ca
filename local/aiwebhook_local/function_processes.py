"""Corrects the emulator's pool of function processes.

Without this, MiniStack's pool has five faults: a process that dies while it starts ends all
processes of its function, so that under load each failed start causes dozens more; one that is
ended while it starts keeps its folder and is never ended; one made for a call that had read the
code before it was replaced serves the old code for good; a call goes on when its caller has long
disconnected; and any process of the same user can read the session token. MiniStack is pinned; what
is replaced is in `improve`.
"""

import importlib
import inspect
import subprocess
from typing import Any

from aiwebhook import sealed
from aiwebhook_local.function_call import FunctionCall, current_call
from aiwebhook_local.settings import SESSION_TOKEN

_lambda: Any = importlib.import_module("ministack.services.lambda_svc")
_runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
_spawn: Any = _runtime.Worker._spawn
_invoke: Any = _runtime.Worker.invoke
_acquire: Any = _runtime.acquire_worker
_release: Any = _runtime.release_worker


def improve() -> None:
    """Call once, before the first function starts."""
    first = f"{inspect.getsource(sealed)}\nunseal()\n"
    _runtime._PYTHON_WORKER_SCRIPT = first + _runtime._PYTHON_WORKER_SCRIPT
    _runtime.subprocess = _SealingSubprocess
    _runtime.Worker._spawn = _spawn_or_leave_nothing
    _runtime.Worker.invoke = _invoke_one
    _runtime.acquire_worker = _lambda.acquire_worker = acquire_of_this_code
    _runtime.release_worker = _lambda.release_worker = _release_or_end


class _SealingSubprocess:
    """The module `subprocess`, as far as the pool uses it."""

    PIPE = subprocess.PIPE
    DEVNULL = subprocess.DEVNULL
    STDOUT = subprocess.STDOUT

    @staticmethod
    def Popen(command: list[str], *, env: dict[str, str], **rest: Any) -> Any:  # noqa: N802 - its name there
        """A process with the session token in a socket instead of its environment."""
        token = {SESSION_TOKEN: env[SESSION_TOKEN]}
        with sealed.seal(token) as given:
            number = given.fileno()
            variables = {name: value for name, value in env.items() if name not in token}
            variables[sealed.SEALED] = str(number)
            return subprocess.Popen(command, env=variables, pass_fds=(number,), **rest)


def _spawn_or_leave_nothing(worker: Any) -> None:
    """Start it, with one retry unless the function's own code failed."""
    try:
        _spawn(worker)
    except Exception as first:
        _end(worker)
        if "init failed" in str(first):  # the function's own code, which would fail again
            raise
        try:
            _spawn(worker)
        except Exception:
            _end(worker)
            raise


def _invoke_one(worker: Any, *arguments: Any, **more: Any) -> dict[str, Any]:
    """Return a failure as the result of this call. An exception would make the pool end every
    process of the function.
    """
    try:
        _runtime.ensure_spawned(worker)
        with (current_call.get() or FunctionCall()).served_by(worker._proc):
            result: dict[str, Any] = _invoke(worker, *arguments, **more)
    except Exception as error:  # noqa: BLE001 reason: the emulator takes any as a broken pool
        return {"status": "error", "error": _of_the_worker(str(error)), "log": ""}
    reported_by_function = "trace" in result
    if result.get("status") == "error" and not reported_by_function:
        result["error"] = _of_the_worker(result["error"])
    return result


def _of_the_worker(text: str) -> str:
    """The error in the form by which `problems.of_gateway` recognises that the process ended, not
    that the function failed.
    """
    is_known = text.startswith(("Worker ", "Task timed out"))
    return text if is_known else f"Worker could not be used: {text}"


def acquire_of_this_code(
    func_name: str, config: dict[str, Any], code_zip: bytes, **more: Any
) -> tuple[Any, str]:
    """A process that runs this code: the pool distinguishes its processes only by
    the function's name.
    """
    while True:
        worker, reason = _acquire(func_name, config, code_zip, **more)
        if worker is None or worker.code_zip == code_zip:
            return worker, reason
        with _runtime._lock:
            for pool in _runtime._workers.values():
                if worker in pool:
                    pool.remove(worker)
        _end(worker)


def _release_or_end(worker: Any) -> None:
    """A process taken out of the pool while it worked belongs to nobody: end it. Those that died
    idle are removed with their folders, which the pool would keep for a minute.
    """
    _release(worker)
    if worker is None:
        return
    with _runtime._lock:
        pools = _runtime._workers.values()
        gone = [each for pool in pools for each in pool if _died_idle(each)]
        for pool in pools:
            pool[:] = [each for each in pool if each not in gone]
        if not any(worker in pool for pool in pools) and worker not in gone:
            gone.append(worker)
    _end(*gone)


def _died_idle(worker: Any) -> bool:
    process = worker._proc
    return not worker.in_use and process is not None and process.poll() is not None


def _end(*workers: Any) -> None:
    _runtime.kill_workers(workers)
