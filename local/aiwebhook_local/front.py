"""The front: one loopback port for the REST API and the paths that the HTTP API serves on AWS;
limits on its callers; and the AWS calls behind it.

A caller sees `http://127.0.0.1:PORT/webhook`; the emulator sees the long path of its REST API.
Calls that carry the stack's session token go to the AWS APIs. Requests to functions wait for a
place, so that a hundred clients at once do not start a hundred Python processes; a caller that
disconnects releases its place.
"""

import asyncio
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import parse_qsl

from aiwebhook.door_paths import is_door_path
from aiwebhook_local import emulator, problems
from aiwebhook_local.emulator import AsgiApp, AsgiReceive, AsgiScope, AsgiSend
from aiwebhook_local.fargate import LocalFargate
from aiwebhook_local.functions.rest_api import ApiRequest
from aiwebhook_local.guard import guard_refusal, is_emulator_call, own_origins
from aiwebhook_local.transform import LONG_POLLS, START_FUNCTIONS

_CLAIM = "/v1/runs/claim"
_INVOCATION = re.compile(r"/2015-03-31/functions/([A-Za-z0-9_-]+)/invocations")
# Neither Lambda nor API Gateway sends these; the emulator adds them.
_NOT_OURS = (b"x-amz-request-id", b"access-control-", b"transfer-encoding", b"connection")

_REMAPPED = {b"www-authenticate": b"x-amzn-remapped-www-authenticate"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontSettings:
    """`requests`, `long_polls` and `claims` are how many function calls of each kind run at once.

    Each place may become a process of some 60 MB per function. Requests use the processor, so
    more places than it can serve only cost starts; long polls sleep.
    """

    port: int
    session_token: str
    public_url: str | None = None
    requests: int = max(4, min(12, 4 * (os.cpu_count() or 1)))
    long_polls: int = LONG_POLLS
    claims: int = LONG_POLLS


class RestApi(Protocol):
    """Serves the deployed REST API, and starts its functions before they are called."""

    async def answer(self, request: ApiRequest) -> problems.FrontResponse:
        """Answer one request. If cancelled, the process that works on it is ended."""
        ...

    plays_lambda: bool
    """Whether `invoke` is available; otherwise the emulator invokes functions."""

    async def invoke(self, function: str, event: bytes) -> problems.FrontResponse:
        """Invoke a function synchronously; returns Lambda's response."""
        ...

    async def start_functions(self) -> None:
        """Start one process of every function."""
        ...


class BodyTooLarge(Exception):
    """The body exceeds API Gateway's limit; what arrived was discarded."""


class Front:
    """The ASGI application of the local stack."""

    def __init__(self, settings: FrontSettings, fargate: LocalFargate, api: RestApi) -> None:
        self._settings = settings
        self._api = api
        self._fargate = fargate
        self._starting: asyncio.Future[None] | None = None
        self._origins = own_origins(settings.port, settings.public_url)
        self._requests = asyncio.Semaphore(settings.requests)
        self._long_polls = asyncio.Semaphore(settings.long_polls)
        self._claims = asyncio.Semaphore(settings.claims)
        self._unheard: set[asyncio.Future[problems.FrontResponse]] = set()
        """Calls whose caller has disconnected, but that must be carried out."""

    async def __call__(self, scope: AsgiScope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Answer one request; lifespan events go to the emulator."""
        if scope["type"] == "lifespan":
            await emulator.ministack_app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            # The service has no WebSocket API.
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: AsgiScope, receive: AsgiReceive, send: AsgiSend) -> None:
        headers = _headers(scope)
        refusal = guard_refusal(scope["method"], headers, self._origins)
        if refusal is not None:
            problem = problems.Problem(code=refusal.code, detail=refusal.detail)
            await _send(send, problems.problem_response(problem))
            return
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        if is_emulator_call(headers, query, self._settings.session_token):
            await self._aws_call(scope, headers, receive, send)
            return
        try:
            body = await _read_body(receive, headers)
        except BodyTooLarge:
            await _send(send, problems.problem_response(problems.too_large_for_gateway()))
            return
        except ConnectionError:
            return
        request = ApiRequest(
            method=scope["method"],
            path=_rooted(scope["path"]),
            query=scope["query_string"],
            headers=tuple(scope["headers"]),
            body=body,
            address=(scope.get("client") or ("127.0.0.1", 0))[0],
        )
        answering = asyncio.ensure_future(self._api_call(request, headers, query))
        if await _wanted(answering, receive):
            await _send(send, answering.result())

    async def _aws_call(
        self, scope: AsgiScope, headers: Mapping[str, str], receive: AsgiReceive, send: AsgiSend
    ) -> None:
        target = headers.get("x-amz-target", "")
        if target == START_FUNCTIONS:
            self._starting = asyncio.ensure_future(self._api.start_functions())
            await _send(send, problems.FrontResponse(status=202, headers=(), body=b""))
            return
        function = self._invoked(scope, headers)
        if function is not None:
            event = await _read_body(receive, headers)
            await _send(send, await self._api.invoke(function, event))
            return
        operation = self._fargate.plays(target)
        if operation is None:
            await emulator.ministack_app(scope, receive, send)
            return
        request = json.loads(await _read_body(receive, headers) or b"{}")
        status, document = await self._fargate.answer(operation, request)
        content_type = (b"content-type", b"application/x-amz-json-1.1")
        body = json.dumps(document).encode()
        await _send(send, problems.FrontResponse(status=status, headers=(content_type,), body=body))

    def _invoked(self, scope: AsgiScope, headers: Mapping[str, str]) -> str | None:
        """The function of a synchronous Invoke; None for other calls, which the emulator serves."""
        found = _INVOCATION.fullmatch(scope["path"])
        if found is None or scope["method"] != "POST" or not self._api.plays_lambda:
            return None
        asks_for_more = scope["query_string"] or headers.get("x-amz-log-type") == "Tail"
        waits = headers.get("x-amz-invocation-type", "RequestResponse") == "RequestResponse"
        return found[1] if waits and not asks_for_more else None

    async def _api_call(
        self, request: ApiRequest, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> problems.FrontResponse:
        if sum(len(n) + len(v) for n, v in request.headers) > problems.HEADERS_LIMIT:
            return problems.problem_response(problems.headers_too_large())
        size = problems.event_size(request.body, headers, request.path)
        if size > problems.LAMBDA_EVENT_LIMIT:
            return problems.problem_response(problems.too_large_for_lambda(len(request.body)))
        async with self._places(request.path, query, request.body):
            answering = asyncio.ensure_future(self._api.answer(_completed(request, headers)))
            self._unheard.add(answering)
            answering.add_done_callback(self._unheard.discard)
            try:
                # The place is released as soon as the caller is gone.
                reply = await asyncio.shield(answering)
            except asyncio.CancelledError:
                if request.method == "GET" or request.path == _CLAIM:
                    answering.cancel()
                raise
        if problems.answer_size(reply.body, reply.headers) > problems.LAMBDA_EVENT_LIMIT:
            return problems.problem_response(problems.answer_too_large(len(reply.body)))
        return _cleaned(reply, renamed=not is_door_path(request.path))

    def _places(self, path: str, query: Mapping[str, str], body: bytes) -> asyncio.Semaphore:
        """The places for this kind of request: long polls never keep a worker from its task."""
        if path == _CLAIM:
            return self._claims
        return self._long_polls if _may_wait(query, body) else self._requests


async def _wanted(answering: asyncio.Future[problems.FrontResponse], receive: AsgiReceive) -> bool:
    """Wait for the answer. If the caller disconnects first, cancel it and return False."""
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
        return answering.done() or not answering.cancel()
    finally:
        gone.cancel()


async def _disconnected(receive: AsgiReceive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _may_wait(query: Mapping[str, str], body: bytes) -> bool:
    """True for requests that a function may hold for seconds: long polls, synchronous tasks. Errs
    towards True: a wrong guess only takes a place in the larger pool.
    """
    in_query = any(name.startswith("wait") for name in query)
    return in_query or any(name in body for name in (b'"wait_s', b'"sync"'))


def _completed(request: ApiRequest, headers: Mapping[str, str]) -> ApiRequest:
    """The request with the headers that API Gateway sets itself."""
    # AWS uses the connection's address; the emulator trusts the first one in this header.
    passed = [(name, value) for name, value in request.headers if name != b"x-forwarded-for"]
    passed.append((b"x-forwarded-for", request.address.encode()))
    if "accept" not in headers:
        # Without it the emulator would not decode binary answers, as AWS does for `*/*`.
        passed.append((b"accept", b"*/*"))
    if "content-type" not in headers:
        # Nor would it pass on exact bytes; API Gateway assumes this type where none is given.
        passed.append((b"content-type", b"application/json"))
    return replace(request, headers=tuple(passed))


def _rooted(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _cleaned(reply: problems.FrontResponse, *, renamed: bool) -> problems.FrontResponse:
    """The reply without headers that only the emulator adds. `renamed` is for paths of the REST
    API, which passes some of a function's headers on under other names; an HTTP API does not.
    """
    headers = tuple(
        (_REMAPPED.get(n, n) if renamed else n, v)
        for n, v in reply.headers
        if not n.startswith(_NOT_OURS)
    )
    return problems.FrontResponse(status=reply.status, headers=headers, body=reply.body)


def _headers(scope: AsgiScope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): v.decode("latin-1") for name, v in scope["headers"]}


async def _read_body(receive: AsgiReceive, headers: Mapping[str, str]) -> bytes:
    """The whole body. Raises BodyTooLarge; and ConnectionError when the caller disconnected."""
    limit = problems.GATEWAY_BODY_LIMIT
    announced = headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit:
        raise BodyTooLarge
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("the caller went away")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise BodyTooLarge
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(send: AsgiSend, answer: problems.FrontResponse) -> None:
    names = {name for name, _ in answer.headers}
    length = (b"content-length", str(len(answer.body)).encode())
    headers = [*answer.headers] if b"content-length" in names else [*answer.headers, length]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def build(settings: FrontSettings, fargate: LocalFargate, api: RestApi) -> AsgiApp:
    """The application, ready to be served."""
    return Front(settings, fargate, api)
