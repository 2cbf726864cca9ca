"""The front: one loopback port for the REST API and, at the same root, what the HTTP API serves on
AWS; its callers' limits, and the AWS calls behind it.

A caller sees `http://127.0.0.1:PORT/webhook`; the emulator sees the long path of its REST API.
Calls that carry the stack's session token go to the AWS APIs. Requests to functions wait for a
place, so that a hundred clients at once do not start a hundred Python processes; a caller that
goes away gives its place back.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from aiwebhook.door_paths import is_door_path
from aiwebhook_local import emulator, problems
from aiwebhook_local.emulator import AsgiApp, EmulatorReply, Receive, Scope, Send
from aiwebhook_local.fargate import LocalFargate
from aiwebhook_local.function_call import FunctionCall, current_call
from aiwebhook_local.guard import is_emulator_call, own_origins, refuse
from aiwebhook_local.transform import REST_API_ID, STAGE_NAME, START_FUNCTIONS

_CLAIM = "/v1/runs/claim"
_API_PATH = f"/restapis/{REST_API_ID}/{STAGE_NAME}/_user_request_"
# Neither Lambda nor API Gateway sends these, the emulator adds them for its own reasons.
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
    long_polls: int = 32
    claims: int = 32


class BodyTooLarge(Exception):
    """The body passes API Gateway's limit; what came was not kept."""


class Front:
    """The ASGI application of the local stack."""

    def __init__(self, settings: FrontSettings, fargate: LocalFargate) -> None:
        self._settings = settings
        self._fargate = fargate
        self._starting: asyncio.Future[None] | None = None
        self._origins = own_origins(settings.port, settings.public_url)
        self._requests = asyncio.Semaphore(settings.requests)
        self._long_polls = asyncio.Semaphore(settings.long_polls)
        self._claims = asyncio.Semaphore(settings.claims)
        self._unheard: set[asyncio.Future[EmulatorReply]] = set()
        """Calls whose caller has gone away, but that are to be carried out."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; lifespan events go to the emulator."""
        if scope["type"] == "lifespan":
            await emulator.ministack_app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            # No WebSocket API is part of the service.
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        refusal = refuse(scope["method"], headers, self._origins)
        if refusal is not None:
            problem = problems.Problem(code=refusal.code, detail=refusal.detail)
            await _send(send, problems.answer(problem))
            return
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        if is_emulator_call(headers, query, self._settings.session_token):
            await self._aws_call(scope, headers, receive, send)
            return
        try:
            body = await _read_body(receive, headers)
        except BodyTooLarge:
            await _send(send, problems.answer(problems.too_large_for_gateway()))
            return
        except ConnectionError:
            return
        call = FunctionCall()
        answering = asyncio.ensure_future(self._api_call(scope, headers, query, body, call))
        if await _wanted(answering, receive):
            await _send(send, answering.result())
        elif scope["method"] == "GET" or scope["path"] == _CLAIM:
            call.abandon()

    async def _aws_call(
        self, scope: Scope, headers: Mapping[str, str], receive: Receive, send: Send
    ) -> None:
        target = headers.get("x-amz-target", "")
        if target == START_FUNCTIONS:
            self._starting = asyncio.ensure_future(asyncio.to_thread(emulator.start_functions))
            await _send(send, problems.FrontResponse(status=202, headers=(), body=b""))
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

    async def _api_call(
        self,
        scope: Scope,
        headers: dict[str, str],
        query: Mapping[str, str],
        body: bytes,
        call: FunctionCall,
    ) -> problems.FrontResponse:
        if sum(len(n) + len(v) for n, v in scope["headers"]) > problems.HEADERS_LIMIT:
            return problems.answer(problems.headers_too_large())
        size = problems.event_size(body, headers, scope["path"])
        if size > problems.LAMBDA_EVENT_LIMIT:
            return problems.answer(problems.too_large_for_lambda(len(body)))
        current_call.set(call)
        async with self._places(scope["path"], query, body):
            exchange = asyncio.ensure_future(emulator.exchange(_api_scope(scope, headers), body))
            self._unheard.add(exchange)
            exchange.add_done_callback(self._unheard.discard)
            # The emulator finishes what it has begun; the place is given back when we are not
            # wanted any more, at once.
            reply = await asyncio.shield(exchange)
        if call.too_late:
            return problems.answer(problems.no_answer_in_time())
        if problems.answer_size(reply.body, reply.headers) > problems.LAMBDA_EVENT_LIMIT:
            return problems.answer(problems.answer_too_large(len(reply.body)))
        answered = {name.decode(): value.decode("latin-1") for name, value in reply.headers}
        problem = problems.of_gateway(reply.status, answered, reply.body)
        if problem is not None:
            return problems.answer(problem)
        return _cleaned(reply, renamed=not is_door_path(scope["path"]))

    def _places(self, path: str, query: Mapping[str, str], body: bytes) -> asyncio.Semaphore:
        """Of its kind: however many events are waited for, a worker gets its task."""
        if path == _CLAIM:
            return self._claims
        return self._long_polls if _may_wait(query, body) else self._requests


async def _wanted(answering: asyncio.Future[problems.FrontResponse], receive: Receive) -> bool:
    """Wait for the answer; False, and it is called off, when the caller goes away first."""
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
        return answering.done() or not answering.cancel()
    finally:
        gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _may_wait(query: Mapping[str, str], body: bytes) -> bool:
    """True for requests that a function may hold open for seconds: long polls, synchronous tasks.

    Judged from outside, generously: a wrong guess costs a place in the other, larger pool.
    """
    in_query = any(name.startswith("wait") for name in query)
    return in_query or any(name in body for name in (b'"wait_s', b'"sync"'))


def _api_scope(scope: Scope, headers: dict[str, str]) -> Scope:
    """The same request, addressed to the emulator's REST API."""
    client_address = (scope.get("client") or ("127.0.0.1", 0))[0]
    passed = [
        (name, value)
        for name, value in scope["headers"]
        # The emulator believes the first address of this header, where AWS takes the caller's.
        if name != b"x-forwarded-for"
    ]
    passed.append((b"x-forwarded-for", client_address.encode()))
    if "accept" not in headers:
        # Without it the emulator would not decode binary answers, as AWS does for `*/*`.
        passed.append((b"accept", b"*/*"))
    if "content-type" not in headers:
        # Nor would it hand over exact bytes; API Gateway takes this type where none is given.
        passed.append((b"content-type", b"application/json"))
    path = _API_PATH + _rooted(scope["path"])
    return {
        **scope,
        "path": path,
        "raw_path": quote(path).encode(),
        # The emulator reads it as UTF-8 and fails on anything else.
        "query_string": quote(scope["query_string"], safe="%&=+/:;,?@!$'()*~-._[]").encode(),
        "headers": passed,
    }


def _rooted(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _cleaned(reply: EmulatorReply, *, renamed: bool) -> problems.FrontResponse:
    """`renamed`: a REST API keeps some headers for itself and passes a function's on under other
    names; an HTTP API, which serves the paths of the door, does not.
    """
    headers = tuple(
        (_REMAPPED.get(n, n) if renamed else n, v)
        for n, v in reply.headers
        if not n.startswith(_NOT_OURS)
    )
    return problems.FrontResponse(status=reply.status, headers=headers, body=reply.body)


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): v.decode("latin-1") for name, v in scope["headers"]}


async def _read_body(receive: Receive, headers: Mapping[str, str]) -> bytes:
    """The whole body; raises BodyTooLarge, or ConnectionError when the caller went away."""
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


async def _send(send: Send, answer: problems.FrontResponse) -> None:
    names = {name for name, _ in answer.headers}
    length = (b"content-length", str(len(answer.body)).encode())
    headers = [*answer.headers] if b"content-length" in names else [*answer.headers, length]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def build(settings: FrontSettings, fargate: LocalFargate) -> AsgiApp:
    """The application, ready to be served."""
    return Front(settings, fargate)
