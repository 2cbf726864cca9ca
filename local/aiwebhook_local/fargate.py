"""Emulates Fargate with child processes: RunTask, StopTask, DescribeTasks and ListTasks of ECS.

MiniStack keeps RunTask records but runs nothing, ignores `clientToken` and sends no events. The
front diverts these four operations to this module; everything else of ECS (clusters, task
definitions) stays with MiniStack, which is called where needed.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aiwebhook.clock import utc_now
from aiwebhook_local import emulator
from aiwebhook_local.ecs_container import EcsError, with_own_ports
from aiwebhook_local.ecs_records import Status, StopCode, TaskRecord, fingerprint
from aiwebhook_local.ports import free_port
from aiwebhook_local.task_processes import FargateSettings, TaskProcesses

_TARGET = "AmazonEC2ContainerServiceV20141113"
_REMEMBERED = 1000  # finished tasks and client tokens; ECS forgets after an hour and a day
_CLOSE_GRACE_S = 8.0
_log = logging.getLogger("aiwebhook_local.fargate")

EcsAnswer = tuple[int, dict[str, Any]]


class LocalFargate:
    """The emulated service. All its methods run on the event loop of the front's main thread.

    That thread matters: the death signal of a task's process is tied to the thread that starts it.
    """

    def __init__(self, settings: FargateSettings) -> None:
        self._settings = settings
        self._tasks: OrderedDict[str, TaskRecord] = OrderedDict()
        self._running: dict[str, TaskProcesses] = {}
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
        """The operation named by an X-Amz-Target header, if it is one of these."""
        prefix, _, operation = target.rpartition(".")
        return operation if prefix == _TARGET and operation in self._operations else None

    async def answer(self, operation: str, request: dict[str, Any]) -> EcsAnswer:
        """Answer one call: HTTP status and JSON body."""
        try:
            return 200, await self._operations[operation](request)
        except EcsError as error:
            return 400, {"__type": error.code, "message": str(error)}

    async def close(self) -> None:
        """Stop every running task and wait for the end of their processes."""
        self._closing = True
        for task in self._tasks.values():
            self._stop(task, StopCode.USER_INITIATED, "the local stack is stopping")
        if self._watchers:
            await asyncio.wait(self._watchers, timeout=_CLOSE_GRACE_S)
        for processes in self._running.values():
            processes.kill()
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
        self._stop(task, StopCode.USER_INITIATED, request.get("reason", ""))
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
        taken = {port for running in self._running.values() for port in running.ports}
        task = TaskRecord(
            cluster_arn=_cluster_arn(request.get("cluster", "default")),
            definition=with_own_ports(definition, lambda: _free_port_beside(taken)),
            request=request,
            created_at=utc_now(),
        )
        self._tasks[task.task_id] = task
        processes = TaskProcesses(task, self._settings)
        self._running[task.task_id] = processes
        try:
            await processes.start()
        except (OSError, EcsError) as error:
            del self._running[task.task_id]
            task.mark_stopping(StopCode.TASK_FAILED_TO_START, str(error))
            task.mark_stopped()
            self._watch(_publish(task))
            return task
        _log.info("task %s started: %s by %s", task.task_id, task.family, task.started_by)
        self._watch(self._follow(task, processes))
        return task

    def _stop(self, task: TaskRecord, code: StopCode, reason: str) -> None:
        task.mark_stopping(code, reason)
        if task.task_id in self._running:
            self._running[task.task_id].stop()

    async def _follow(self, task: TaskRecord, processes: TaskProcesses) -> None:
        """Publish the task's states until its containers have ended."""
        try:
            if await processes.started():
                task.mark_running()
                await _publish(task)
        except (OSError, EcsError) as error:
            task.mark_stopping(StopCode.TASK_FAILED_TO_START, str(error))
        task.exit_codes = await processes.ended()
        del self._running[task.task_id]
        task.mark_stopping(
            StopCode.ESSENTIAL_CONTAINER_EXITED, "Essential container in task exited"
        )
        task.mark_stopped()
        _log.info("task %s stopped: exit codes %s", task.task_id, task.exit_codes)
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


def _free_port_beside(taken: set[int]) -> int:
    """A free port that is not reserved by a task that does not listen yet; reserved from now on."""
    port = free_port()
    while port in taken:
        port = free_port()
    taken.add(port)
    return port


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
