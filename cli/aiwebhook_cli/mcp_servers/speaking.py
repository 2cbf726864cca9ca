"""The Model Context Protocol as a client, as little of it as a check needs: one request after the
other, over a program's standard streams or HTTP.

Not the official SDK: it would bring anyio, httpx and starlette to every machine that has the
command line (docs/adr/0013-an-mcp-core-of-our-own.md), for three kinds of request.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO, Any, Protocol, cast

from aiwebhook.client.wire import BadAddress, ClientRequest, Wire, WireError
from aiwebhook_cli.mcp_servers.declared import DeclaredServer

Json = dict[str, Any]
MCP_VERSION = "2025-06-18"
ANSWER_S = 30.0
START_S = 120.0
"""npx may have to fetch the program first."""
_ENDED_S = 5.0
_UNAUTHORIZED = (401, 403)


class McpFault(Exception):
    """Why a server cannot be used; the message is for people. `refused`: it
    wants other credentials.
    """

    def __init__(self, message: str, *, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused


class McpConversation(Protocol):
    """One client's exchange with a server."""

    def ask(self, method: str, params: Json) -> Json:
        """The result. Raises McpFault."""
        ...

    def tell(self, method: str) -> None:
        """A notification. Raises McpFault."""
        ...

    def close(self) -> None:
        """End it; harmless when it has ended."""
        ...


def begun(server: DeclaredServer, environ: Mapping[str, str]) -> McpConversation:
    """Start or reach a server and greet it. Raises McpFault."""
    if server.url:
        conversation: McpConversation = _HttpConversation(server.url, server.headers)
    else:
        conversation = _ProgramConversation(server, environ)
    try:
        conversation.ask(
            "initialize",
            {
                "protocolVersion": MCP_VERSION,
                "capabilities": {},
                "clientInfo": {"name": "aiwebhook mcp check", "version": "1"},
            },
        )
        conversation.tell("notifications/initialized")
    except BaseException:
        conversation.close()
        raise
    return conversation


class _ProgramConversation:
    """A line of JSON each way; the program, and all that it started, ends with it."""

    def __init__(self, server: DeclaredServer, environ: Mapping[str, str]) -> None:
        try:
            self._process = subprocess.Popen(
                list(server.words),
                env={**environ, **server.environ},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as exc:
            raise McpFault(f"'{server.words[0]}' cannot be started: {exc.strerror}") from exc
        self._number = 0
        self._answers: SimpleQueue[bytes | None] = SimpleQueue()
        self._said: deque[str] = deque(maxlen=5)
        self._readers = [
            threading.Thread(target=self._read_answers, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def ask(self, method: str, params: Json) -> Json:
        self._number += 1
        self._write({"id": self._number, "method": method, "params": params})
        limit_s = START_S if method == "initialize" else ANSWER_S
        while True:
            try:
                line = self._answers.get(timeout=limit_s)
            except Empty:
                raise McpFault(f"no answer to {method} in {limit_s:g} s") from None
            if line is None:
                self._readers[1].join(_ENDED_S)
                last = next((each for each in reversed(self._said) if each.strip()), "")
                raise McpFault(f"it ended{': ' if last else ''}{last.strip()}")
            answer = _document(line)
            if answer.get("id") == self._number and "method" not in answer:
                return _result(answer)

    def tell(self, method: str) -> None:
        self._write({"method": method})

    def close(self) -> None:
        with suppress(OSError):
            self._pipe(self._process.stdin).close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDED_S)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdout, self._process.stderr):
            self._pipe(pipe).close()

    def _write(self, message: Json) -> None:
        pipe = self._pipe(self._process.stdin)
        with suppress(OSError):  # it has ended: the answer says so
            pipe.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
            pipe.flush()

    def _read_answers(self) -> None:
        for line in self._pipe(self._process.stdout):
            self._answers.put(line)
        self._answers.put(None)

    def _read_errors(self) -> None:
        for line in self._pipe(self._process.stderr):
            self._said.append(line.decode("utf-8", "replace"))

    def _pipe(self, pipe: IO[bytes] | None) -> IO[bytes]:
        return cast("IO[bytes]", pipe)  # all three are pipes


class _HttpConversation:
    """A POST for each message; the answer is JSON or the events of one response."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        try:
            self._wire = Wire(url)
        except BadAddress as exc:
            raise McpFault(f"'{url}' is no HTTP address") from exc
        self._number = 0
        self._headers = {
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
            **headers,
        }

    def ask(self, method: str, params: Json) -> Json:
        self._number += 1
        answered = self._post({"id": self._number, "method": method, "params": params})
        if method == "initialize":
            self._headers["MCP-Protocol-Version"] = MCP_VERSION
        for answer in answered:
            if answer.get("id") == self._number:
                return _result(answer)
        raise McpFault(f"its response to {method} has no result")

    def tell(self, method: str) -> None:
        self._post({"method": method})

    def close(self) -> None:
        self._wire.close()

    def _post(self, message: Json) -> list[Json]:
        request = ClientRequest(
            method="POST",
            headers=self._headers,
            body=json.dumps({"jsonrpc": "2.0", **message}).encode(),
            timeout_s=ANSWER_S,
        )
        try:
            reply = self._wire.exchange(request)
        except WireError as exc:
            raise McpFault(f"it cannot be reached ({exc})") from exc
        if not 200 <= reply.status < 300:
            raise McpFault(f"HTTP {reply.status}", refused=reply.status in _UNAUTHORIZED)
        if session := reply.headers.get("mcp-session-id"):
            self._headers["Mcp-Session-Id"] = session
        if "text/event-stream" in reply.headers.get("content-type", ""):
            lines = reply.content.splitlines()
            return [_document(line[5:]) for line in lines if line.startswith(b"data:")]
        return [_document(reply.content)] if reply.content.strip() else []


def _document(raw: bytes) -> Json:
    try:
        document: object = json.loads(raw)
    except ValueError:
        return {}  # some programs print into their own protocol; clients pass over it
    return cast("Json", document) if isinstance(document, dict) else {}


def _result(answer: Json) -> Json:
    if "error" in answer:
        error = cast("Json", answer["error"])
        raise McpFault(str(error.get("message", error)))
    result = answer.get("result")
    if not isinstance(result, dict):
        raise McpFault("its response has no result")
    return cast("Json", result)
