"""The deployed REST API, served by warm processes; the emulator says what is deployed."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from aiwebhook.clock import utc_now
from aiwebhook.ids import new_uuid
from aiwebhook_local import problems
from aiwebhook_local.function_call import INTEGRATION_LIMIT_S
from aiwebhook_local.functions.deployed_function import (
    DeployedFunction,
    FunctionFailure,
    InvocationResult,
    failed,
)
from aiwebhook_local.functions.function_pool import FunctionPool
from aiwebhook_local.functions.function_process import ProcessSettings
from aiwebhook_local.functions.rest_api import (
    ApiRequest,
    Arrival,
    MalformedReply,
    Route,
    event_of,
    match,
    reply_of,
)

_TIDY_S = 10.0
_INVOKED_AT_ONCE = 32
"""The most concurrent calls of one function by others that wait for it; each takes a process. As
Lambda does beyond an account's quota, further ones are refused.
"""


class Deployment(Protocol):
    """What is deployed right now."""

    account: str
    api_id: str
    stage: str

    def function(self, name: str) -> DeployedFunction | None:
        """A function by its name in Lambda."""
        ...

    def functions(self) -> Iterable[DeployedFunction]:
        """All functions."""
        ...

    def routes(self) -> Iterable[Route]:
        """Routes of the REST API; none before it is deployed."""
        ...


class WarmFunctions:
    """A pool per function. Used from one event loop."""

    def __init__(self, deployment: Deployment, settings: ProcessSettings, folder: Path) -> None:
        self._deployment = deployment
        self._new_pool: Callable[[], FunctionPool] = lambda: FunctionPool(settings, folder)
        self._pools: dict[str, FunctionPool] = {}
        self._loop = asyncio.get_running_loop()
        self._tidying = asyncio.create_task(self._tidy())

    async def invoke(
        self, name: str, event: bytes, limit_s: float = float("inf")
    ) -> InvocationResult:
        """The result of a call. If cancelled, the process that works on it is ended."""
        function = self._deployment.function(name)
        if function is None:
            return failed(
                FunctionFailure.INIT, "ResourceNotFoundException", f"Function not found: {name}"
            )
        return await self._pool(name).invoke(function, event, limit_s)

    def invoke_from_thread(self, name: str, event: object) -> InvocationResult:
        """The same for the emulator's threads, which call for queues, topics and schedules."""
        call = self.invoke(name, json.dumps(event).encode())
        return asyncio.run_coroutine_threadsafe(call, self._loop).result()

    async def start(self) -> None:
        """Start one process of every function, as provisioned concurrency does, without a call. One
        after the other: this is a head start for the first request, not worth all processors.
        """
        for function in [*self._deployment.functions()]:
            await self._pool(function.name).warm(function)

    async def close(self) -> None:
        """End every process; returns when they are gone."""
        self._tidying.cancel()
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))

    def _pool(self, name: str) -> FunctionPool:
        if name not in self._pools:
            self._pools[name] = self._new_pool()
        return self._pools[name]

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(_TIDY_S)
            for pool in self._pools.values():
                pool.end_idle()


class WarmApi:
    """Answers requests of the API by calling its functions."""

    plays_lambda = True

    def __init__(self, deployment: Deployment, functions: WarmFunctions) -> None:
        self._deployment = deployment
        self._functions = functions
        self._invoked: Counter[str] = Counter()

    async def answer(self, request: ApiRequest) -> problems.FrontResponse:
        """Answer one request. If cancelled, the process that works on it is ended."""
        routes = [*self._deployment.routes()]
        if not routes:
            return problems.problem_response(problems.still_starting())
        matched = match(routes, request.method, request.path)
        if matched is None:
            return problems.problem_response(problems.no_such_route())
        arrival = Arrival(
            request_id=new_uuid(),
            at=utc_now(),
            account=self._deployment.account,
            api_id=self._deployment.api_id,
            stage=self._deployment.stage,
        )
        event = json.dumps(event_of(request, matched, arrival)).encode()
        result = await self._functions.invoke(matched.function, event, INTEGRATION_LIMIT_S)
        problem = _problem(result)
        if problem is not None:
            return problems.problem_response(problem)
        try:
            return reply_of(result.payload, arrival)
        except MalformedReply:
            return problems.problem_response(problems.function_failed())

    async def invoke(self, function: str, event: bytes) -> problems.FrontResponse:
        """Invoke a function synchronously; returns Lambda's response."""
        if self._deployment.function(function) is None:
            return _lambda_error(404, "ResourceNotFoundException")
        if self._invoked[function] >= _INVOKED_AT_ONCE:
            return _lambda_error(429, "TooManyRequestsException")
        self._invoked[function] += 1
        try:
            result = await self._functions.invoke(function, event or b"{}")
        finally:
            self._invoked[function] -= 1
        return _lambda_result(result)

    async def start_functions(self) -> None:
        """Start one process of every function."""
        await self._functions.start()


def _lambda_result(result: InvocationResult) -> problems.FrontResponse:
    headers = [(b"content-type", b"application/json"), (b"x-amz-executed-version", b"$LATEST")]
    if result.failure is not None:
        headers.append((b"x-amz-function-error", b"Unhandled"))
    return problems.FrontResponse(status=200, headers=tuple(headers), body=result.payload)


def _lambda_error(status: int, kind: str) -> problems.FrontResponse:
    """Lambda names an error in a header alone."""
    headers = ((b"content-type", b"application/json"), (b"x-amzn-errortype", kind.encode()))
    return problems.FrontResponse(status=status, headers=headers, body=b'{"Type":"User"}')


def _problem(result: InvocationResult) -> problems.Problem | None:
    if result.failure is None:
        return None
    if result.failure is FunctionFailure.EXIT:
        return problems.process_ended()
    if result.failure is FunctionFailure.TIME_LIMIT:
        return problems.no_answer_in_time()
    return problems.function_failed()
