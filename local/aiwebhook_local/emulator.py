"""MiniStack, the AWS emulator, inside this process, and the few calls made to it directly.

Importing this module imports MiniStack, which reads the environment at import: it belongs in the
front's process only, whose environment the supervisor makes (`environment`). MiniStack is pinned
exactly; its internals used here are `_eventbridge`, `_lambda`, `_lambda_runtime` below.
"""

import asyncio
import importlib
import json
import logging
import select
import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

AsgiScope = MutableMapping[str, Any]
AsgiMessage = MutableMapping[str, Any]
AsgiReceive = Callable[[], Awaitable[AsgiMessage]]
AsgiSend = Callable[[AsgiMessage], Awaitable[None]]
AsgiApp = Callable[[AsgiScope, AsgiReceive, AsgiSend], Awaitable[None]]

# By name, because it has no types; what is used of it is typed here.
ministack_app: AsgiApp = importlib.import_module("ministack.app").app
_eventbridge: Any = importlib.import_module("ministack.services.eventbridge")
_lambda: Any = importlib.import_module("ministack.services.lambda_svc")
_lambda_runtime: Any = importlib.import_module("ministack.core.lambda_runtime")

_stopping = threading.Event()
_log = logging.getLogger("aiwebhook_local.emulator")

_LOG_READ_S = 0.01
"""Seconds for the emulator's thread to pass on a log line that it has read."""
REGION = "us-east-1"
ACCOUNT = "000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorReply:
    """A complete answer of the emulator; header names are lower case."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


async def exchange(scope: AsgiScope, body: bytes) -> EmulatorReply:
    """Have the emulator answer one complete request."""
    status = 500
    headers: list[tuple[bytes, bytes]] = []
    parts: list[bytes] = []
    messages: list[AsgiMessage] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> AsgiMessage:
        if messages:
            return messages.pop()
        # On a second call MiniStack waits for a disconnect; the answer cancels it.
        return await asyncio.Future()

    async def send(message: AsgiMessage) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = [(bytes(name).lower(), bytes(value)) for name, value in message["headers"]]
        else:
            parts.append(message.get("body", b""))

    await ministack_app(scope, receive, send)
    return EmulatorReply(status=status, headers=tuple(headers), body=b"".join(parts))


async def call(service: str, target: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Call an AWS operation of the JSON protocol, for example `secretsmanager.GetSecretValue`."""
    credential = f"{ACCOUNT}/20260101/{REGION}/{service}/aws4_request"
    unsigned = "SignedHeaders=host, Signature=0"
    headers = {
        "host": "127.0.0.1",
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": target,
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, {unsigned}",
    }
    reply = await exchange(post_scope(headers), json.dumps(request).encode())
    return reply.status, json.loads(reply.body or b"{}")


def post_scope(headers: Mapping[str, str]) -> AsgiScope:
    """A POST to `/`, as operations of the JSON protocol are sent."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }


async def publish_ecs_event(detail_type: str, resources: list[str], detail: dict[str, Any]) -> None:
    """Put an event of source `aws.ecs` on the default bus; clients may not, AWS itself may."""
    entry = {
        "Source": "aws.ecs",
        "DetailType": detail_type,
        "Resources": resources,
        "Detail": json.dumps(detail),
    }
    # In a thread of its own: a rule's target may be a function, which would block the loop.
    await asyncio.to_thread(_eventbridge._put_events, {"Entries": [entry]}, allow_aws_source=True)


def write_function_logs_to(path: Path) -> None:
    """Append what every function logs to a file, besides CloudWatch Logs in memory."""
    original = _lambda._emit_lambda_logs
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("aiwebhook_local.functions")
    logger.propagate = False
    logger.addHandler(handler)

    def emit(func: dict[str, Any], request_id: str, log_text: str, *rest: Any, **more: Any) -> None:
        if log_text.strip():
            logger.warning("%s", log_text.rstrip())
        original(func, request_id, log_text, *rest, **more)

    _lambda._emit_lambda_logs = emit


def answer_silent_functions_at_once() -> None:
    """Patch the emulator, which waits 50 ms for each call's log to begin, so that calls which log
    nothing take that much longer than on AWS. The wait is unnecessary: a function logs before it
    answers, so by then its log is in the pipe or with the thread that reads it. A later line is
    reported with the next call.
    """
    original = _lambda_runtime.Worker._drain_stderr_bounded

    def drain(worker: Any) -> str:
        if worker._proc is None or _readable(worker._proc.stderr):
            return original(worker)
        return original(worker, first_line_wait=_LOG_READ_S)

    _lambda_runtime.Worker._drain_stderr_bounded = drain


def _readable(pipe: IO[str]) -> bool:
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(0))


def start_functions() -> None:
    """Start one process of every function, as provisioned concurrency does, without a call. One
    after the other: this is a head start for the first request, not worth all processors.
    """
    for function in list(_lambda._functions.values()):
        if _stopping.is_set():
            return
        config = function["config"]
        try:
            worker, _ = _lambda_runtime.acquire_worker(
                config["FunctionName"], config, function["code_zip"]
            )
            try:
                _lambda_runtime.ensure_spawned(worker)
            finally:
                _lambda_runtime.release_worker(worker)
        except RuntimeError as error:
            # It will fail again, and be reported, when it is called.
            _log.warning("%s does not start: %s", config["FunctionName"], error)


def stop_functions() -> None:
    """End every function process and remove its folder; the emulator leaves both behind."""
    _stopping.set()
    _lambda_runtime.reset()
