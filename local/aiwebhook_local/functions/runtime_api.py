"""Lambda's Runtime API: the next event, its result, and errors.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. A `RuntimeApi` serves one process on
a connection that nobody else has, so requests need no authentication.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from aiwebhook_local.functions.deployed_function import FunctionFailure, InvocationResult

_VERSION = "/2018-06-01/runtime"
_NEXT = f"{_VERSION}/invocation/next"
_INIT_ERROR = f"{_VERSION}/init/error"
_OUTCOME = re.compile(rf"{_VERSION}/invocation/([^/]+)/(response|error)")
_UNKNOWN_ID = b'{"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"}'


class ProcessEnded(Exception):
    """The process closed its connection: it has ended, or is about to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One event for the function; `deadline_ms` since the epoch, when it must be done."""

    request_id: str
    event: bytes
    deadline_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeRequest:
    """A complete request of the runtime; names of headers are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class RuntimeApi(asyncio.Protocol):
    """The Runtime API of one process: gives it one event at a time, and waits for the result."""

    def __init__(self, function_arn: str) -> None:
        loop = asyncio.get_running_loop()
        self.initialised: asyncio.Future[InvocationResult | None] = loop.create_future()
        """None when it asks for its first event; otherwise why it never will.
        Raises ProcessEnded.
        """
        self._function_arn = function_arn
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._answers: list[bytes] = []
        self._asks = False
        self._next: Invocation | None = None
        self._current = ""
        self._outcome: asyncio.Future[InvocationResult] | None = None

    def invoke(self, invocation: Invocation) -> "asyncio.Future[InvocationResult]":
        """A future result; raises ProcessEnded. Call only when the previous one is done."""
        outcome: asyncio.Future[InvocationResult] = asyncio.get_running_loop().create_future()
        if self._transport is None:
            outcome.set_exception(ProcessEnded())
            return outcome
        self._next, self._outcome = invocation, outcome
        self._hand_over()
        return outcome

    @property
    def connected(self) -> bool:
        """Whether the process is connected."""
        return self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The process has connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - of the protocol
        """The process is gone; pending results fail."""
        self._transport = None
        for expected in (self.initialised, self._outcome):
            if expected is not None and not expected.done():
                expected.set_exception(ProcessEnded())
                expected.exception()  # mark it as retrieved, in case nobody waits for it any more

    def data_received(self, data: bytes) -> None:
        """Serve the requests that are complete now; `data` may hold part of one, or several."""
        self._received += data
        while (request := take_request(self._received)) is not None:
            self._serve(request)
        # A process that waits for its next event is woken once: by that event, which carries the
        # responses to what it sent before.
        if not self._asks:
            self._send()

    def _serve(self, request: RuntimeRequest) -> None:
        if request.path == _NEXT:
            self._asks = True
            self._is_initialised(None)
            self._hand_over()
        elif request.path == _INIT_ERROR:
            self._is_initialised(
                InvocationResult(payload=request.body, failure=FunctionFailure.INIT)
            )
            self._answer(HTTPStatus.ACCEPTED)
        elif (outcome := _OUTCOME.fullmatch(request.path)) is not None:
            self._take_outcome(outcome[1], request.body, is_error=outcome[2] == "error")
        else:
            self._answer(HTTPStatus.NOT_FOUND)

    def _is_initialised(self, fault: InvocationResult | None) -> None:
        if not self.initialised.done():
            self.initialised.set_result(fault)

    def _take_outcome(self, request_id: str, body: bytes, *, is_error: bool) -> None:
        outcome = self._outcome
        if outcome is None or outcome.done() or request_id != self._current:
            self._answer(HTTPStatus.BAD_REQUEST, _UNKNOWN_ID)
            return
        self._answer(HTTPStatus.ACCEPTED)
        failure = FunctionFailure.HANDLER if is_error else None
        outcome.set_result(InvocationResult(payload=body, failure=failure))

    def _hand_over(self) -> None:
        """Answer with the event once there is one and the process has asked, in either order."""
        if not self._asks or self._next is None:
            return
        invocation, self._next, self._asks = self._next, None, False
        self._current = invocation.request_id
        self._answer(
            HTTPStatus.OK,
            invocation.event,
            f"Lambda-Runtime-Aws-Request-Id: {invocation.request_id}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {invocation.deadline_ms}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {self._function_arn}\r\n",
        )
        self._send()

    def _answer(self, status: HTTPStatus, body: bytes = b"{}", headers: str = "") -> None:
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n{headers}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._answers.append(head.encode() + body)

    def _send(self) -> None:
        """Send all pending responses in one write."""
        answers, self._answers = self._answers, []
        if self._transport is not None:
            self._transport.write(b"".join(answers))


def take_request(received: bytearray) -> RuntimeRequest | None:
    """Take the first complete request out of what was received; None while there is none. Of
    HTTP/1.1, what runtimes send: a length, no chunks.
    """
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *lines = received[:end].decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    begin = end + 4
    length = int(headers.get("content-length", "0"))
    if len(received) < begin + length:
        return None
    body = bytes(received[begin : begin + length])
    del received[: begin + length]
    method, path, _version = first.split(" ")
    return RuntimeRequest(method=method, path=path, headers=headers, body=body)
