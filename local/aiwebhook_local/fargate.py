"""Fargate, played by child processes: RunTask, StopTask, DescribeTasks and ListTasks of ECS.

MiniStack keeps RunTask records but runs nothing, ignores `clientToken` and sends no events. The
front takes these four operations out of the stream and lets this module answer them; everything
else of ECS (clusters, task definitions) stays with MiniStack, which is asked where needed.
"""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import sys
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiwebhook.clock import utc_now
from aiwebhook_local import emulator
from aiwebhook_local.ecs_container import EcsError, command_of, environment_of
from aiwebhook_local.ecs_records import Status, StopCode, TaskRecord, fingerprint
from aiwebhook_local.settings import search_path

_TARGET = "AmazonEC2ContainerServiceV20141113"
_TASK_INIT = Path(__file__).with_name("task_init.py")
_REMEMBERED = 1000  # finished tasks and client tokens; ECS forgets after an hour and a day
_DEFAULT_GRACE_S = 30
_CLOSE_GRACE_S = 8.0
_log = logging.getLogger("aiwebhook_local.fargate")

Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FargateSettings:
    """Where the tasks work and log, and where their Python packages are."""

    tasks: Path
    logs: Path
    python_path: str


class LocalFargate:
    """The emulated service. All its methods run on the event loop of the front's main thread.

    That thread matters: the death signal of a task's process is tied to the thread that starts it.
    """

    def __init__(self, settings: FargateSettings) -> None:
        self._settings = settings
        self._tasks: OrderedDict[str, TaskRecord] = OrderedDict()
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._watchers: set[asyncio.Task[None]] = set()
        self._by_token: OrderedDict[str, tuple[str, list[TaskRecord]]] = OrderedDict()
        # One RunTask at a time: two with the same client token must not both find no task.
        self._admission = asyncio.Lock()
        self._closing = False
        self._operations: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]] = {
            "RunTask": self._run_task,
            "StopTask": self._stop_task,
            "DescribeTasks": self._describe_tasks,
            "ListTasks": self._list_tasks,
        }

    def plays(self, target: str) -> str | None:
        """The operation named by an X-Amz-Target header when it is one of ours."""
        prefix, _, operation = target.rpartition(".")
        return operation if prefix == _TARGET and operation in self._operations else None

    async def answer(self, operation: str, request: dict[str, Any]) -> Answer:
        """Answer one call: HTTP status and JSON body."""
        try:
            return 200, await self._operations[operation](request)
        except EcsError as error:
            return 400, {"__type": error.code, "message": str(error)}

    async def close(self) -> None:
        """Stop every running task and wait for the end of their processes."""
        self._closing = True
        for task in self._tasks.values():
            await self._stop(task, StopCode.USER_INITIATED, "the local stack is stopping")
        if self._watchers:
            await asyncio.wait(self._watchers, timeout=_CLOSE_GRACE_S)
        for process in self._processes.values():
            with contextlib.suppress(ProcessLookupError):
                # Task definitions allow minutes; SIGINT tells the task's init to kill at once.
                process.send_signal(signal.SIGINT)
        if self._watchers:
            await asyncio.wait(self._watchers)

    async def _run_task(self, request: dict[str, Any]) -> dict[str, Any]:
        token = request.get("clientToken")
        if self._closing:
            return {"tasks": [], "failures": [{"reason": "the local stack is stopping"}]}
        async with self._admission:
            if token is not None and (known := self._by_token.get(token)) is not None:
                return _repeated(known, request)
            definition = await _describe_definition(request.get("taskDefinition", ""))
            tasks = [await self._start(request, definition) for _ in range(_count(request))]
            if token is not None:
                self._by_token[token] = (fingerprint(request), tasks)
        _forget_oldest(self._by_token)
        return {"tasks": [task.as_api() for task in tasks], "failures": []}

    async def _stop_task(self, request: dict[str, Any]) -> dict[str, Any]:
        task = self._find(request.get("task", ""))
        if task is None:
            raise EcsError("InvalidParameterException", "The referenced task was not found.")
        await self._stop(task, StopCode.USER_INITIATED, request.get("reason", ""))
        return {"task": task.as_api()}

    async def _describe_tasks(self, request: dict[str, Any]) -> dict[str, Any]:
        named = [(name, self._find(name)) for name in request.get("tasks", [])]
        return {
            "tasks": [task.as_api() for _, task in named if task is not None],
            "failures": [
                {"arn": name, "reason": "MISSING"} for name, task in named if task is None
            ],
        }

    async def _list_tasks(self, request: dict[str, Any]) -> dict[str, Any]:
        wanted = {
            "family": request.get("family"),
            "started_by": request.get("startedBy"),
            "desired": request.get("desiredStatus", "RUNNING"),
        }
        wanted = {name: value for name, value in wanted.items() if value is not None}
        tasks = self._tasks.values()
        found = [t for t in tasks if all(getattr(t, n) == value for n, value in wanted.items())]
        return {"taskArns": [task.arn for task in found]}

    def _find(self, name: str) -> TaskRecord | None:
        return self._tasks.get(name.rpartition("/")[2])

    async def _start(self, request: dict[str, Any], definition: dict[str, Any]) -> TaskRecord:
        task = TaskRecord(
            cluster_arn=_cluster_arn(request.get("cluster", "default")),
            definition=definition,
            request=request,
            created_at=utc_now(),
        )
        self._tasks[task.task_id] = task
        try:
            environment = await environment_of(task)
            self._processes[task.task_id] = await self._spawn(task, environment)
        except (OSError, EcsError) as error:
            task.mark_stopping(StopCode.TASK_FAILED_TO_START, str(error))
            task.mark_stopped(None)
            self._watch(_publish(task))
            return task
        _log.info("task %s started: %s by %s", task.task_id, task.family, task.started_by)
        task.mark_running()
        self._watch(self._follow(task))
        return task

    async def _spawn(
        self, task: TaskRecord, environment: dict[str, str]
    ) -> asyncio.subprocess.Process:
        folder = self._settings.tasks / task.task_id
        (folder / "tmp").mkdir(parents=True)
        grace = task.container.get("stopTimeout", _DEFAULT_GRACE_S)
        init = [sys.executable, "-I", "-S", str(_TASK_INIT), str(os.getpid()), str(grace)]
        with (self._settings.logs / f"task-{task.task_id}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *init,
                "--",
                *command_of(task),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env=self._surroundings(folder) | environment,
                start_new_session=True,
            )

    def _surroundings(self, folder: Path) -> dict[str, str]:
        """What the image would give: no variable of the developer's shell gets in but PATH."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{search_path()}"
        return {
            "PATH": path,
            "HOME": str(folder),
            "TMPDIR": str(folder / "tmp"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": self._settings.python_path,
            "PYTHONUNBUFFERED": "1",
        }

    async def _stop(self, task: TaskRecord, code: StopCode, reason: str) -> None:
        task.mark_stopping(code, reason)
        process = self._processes.get(task.task_id)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)

    async def _follow(self, task: TaskRecord) -> None:
        """Publish the task's states until its process has ended."""
        process = self._processes[task.task_id]
        await _publish(task)
        code = await process.wait()
        del self._processes[task.task_id]
        task.mark_stopping(
            StopCode.ESSENTIAL_CONTAINER_EXITED, "Essential container in task exited"
        )
        task.mark_stopped(code if code >= 0 else 128 - code)
        _log.info("task %s stopped: exit code %s", task.task_id, task.exit_code)
        shutil.rmtree(self._settings.tasks / task.task_id, ignore_errors=True)
        await _publish(task)
        self._forget_stopped()

    def _watch(self, work: Coroutine[Any, Any, None]) -> None:
        watcher = asyncio.ensure_future(work)
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)

    def _forget_stopped(self) -> None:
        while len(self._tasks) > _REMEMBERED:
            oldest = next(iter(self._tasks.values()))
            if oldest.status is not Status.STOPPED:
                return
            del self._tasks[oldest.task_id]


def _repeated(known: tuple[str, list[TaskRecord]], request: dict[str, Any]) -> dict[str, Any]:
    """The answer to a client token that was used before."""
    first, tasks = known
    if first != fingerprint(request):
        raise EcsError(
            "ConflictException",
            "The provided clientToken is already in use with a different RunTask request.",
        )
    return {"tasks": [task.as_api() for task in tasks], "failures": []}


def _count(request: dict[str, Any]) -> int:
    count = request.get("count", 1)
    if not isinstance(count, int) or not 1 <= count <= 10:
        raise EcsError("InvalidParameterException", f"count must be 1-10, got {count}")
    return count


def _forget_oldest(remembered: OrderedDict[str, tuple[str, list[TaskRecord]]]) -> None:
    while len(remembered) > _REMEMBERED:
        remembered.popitem(last=False)


def _cluster_arn(cluster: str) -> str:
    if cluster.startswith("arn:"):
        return cluster
    return f"arn:aws:ecs:{emulator.REGION}:{emulator.ACCOUNT}:cluster/{cluster}"


async def _describe_definition(name: str) -> dict[str, Any]:
    status, answer = await emulator.call(
        "ecs", f"{_TARGET}.DescribeTaskDefinition", {"taskDefinition": name}
    )
    if status != 200:
        raise EcsError("ClientException", f"TaskDefinition not found: {name}")
    return answer["taskDefinition"]


async def _publish(task: TaskRecord) -> None:
    await emulator.publish_ecs_event("ECS Task State Change", [task.arn], task.as_event_detail())
