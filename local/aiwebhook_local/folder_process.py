"""The server of a folder of sessions:
`python -m aiwebhook_local.folder_process SOCKET [PIPE USERS]`.

Serves relay and session_api on an inherited listening socket: as long as the other end of the pipe
is open, and after that as long as anybody shares the lock on the file of users. The arguments are
file descriptors. Requests are handled one at a time, because the folder has one writer anyhow.
"""

import fcntl
import importlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from typing import Any
from urllib.parse import unquote

from aiwebhook.clock import utc_now
from aiwebhook.ids import new_uuid
from aiwebhook_local import problems
from aiwebhook_local.functions.rest_api import ApiRequest, Arrival, Match, Route, event_of, reply_of
from aiwebhook_local.guard import guard_refusal, own_origins

_IDLE_S = 75
_RELAY = ("/webhook", "/v1/commands")
_ROUTE = Route(path="/{proxy+}", functions={})


class FolderServer(ThreadingHTTPServer):
    """The HTTP server; `handlers` are the functions' Lambda handlers, by name."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, listener: socket.socket, handlers: Mapping[str, Callable[[Any, object], Any]]
    ) -> None:
        super().__init__(listener.getsockname(), _FolderRequest, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.handlers = handlers
        self.origins = own_origins(listener.getsockname()[1])
        self.one_at_a_time = threading.Lock()

    def reply_to(self, request: ApiRequest) -> problems.FrontResponse:
        """The response of the function that serves the path, or a refusal of the guard."""
        headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in request.headers}
        refusal = guard_refusal(request.method, headers, self.origins)
        if refusal is not None:
            problem = problems.Problem(code=refusal.code, detail=refusal.detail)
            return problems.problem_response(problem)
        for_relay = request.path in _RELAY or request.path.startswith("/webhook/")
        name = "relay" if for_relay else "session_api"
        arrival = Arrival(
            request_id=new_uuid(), at=utc_now(), account="", api_id="folder", stage="local"
        )
        matched = Match(route=_ROUTE, function=name, parameters={"proxy": request.path[1:]})
        with self.one_at_a_time:
            result = self.handlers[name](event_of(request, matched, arrival), None)
        return reply_of(json.dumps(result).encode(), arrival)


class _FolderRequest(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Accept every HTTP method: the function decides which ones it allows."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > problems.GATEWAY_BODY_LIMIT:
            self._send(problems.problem_response(problems.too_large_for_gateway()))
            self.close_connection = True
            return
        path, _, query = self.path.partition("?")
        request = ApiRequest(
            method=self.command,
            path=unquote(path),
            query=query.encode("latin-1"),
            headers=tuple(
                (name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in self.headers.items()
            ),
            body=self.rfile.read(int(length)),
            address=self.client_address[0],
        )
        server = self.server
        assert isinstance(server, FolderServer)
        self._send(server.reply_to(request))

    def _send(self, reply: problems.FrontResponse) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers:
            if name != b"content-length":
                self.send_header(name.decode("latin-1"), value.decode("latin-1"))
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  reason: its name in Python's library
        """Log nothing: the functions write their own logs."""


def main() -> None:
    """Serve until SIGTERM or SIGINT, or until owner and users are gone."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    # Imported by name: this package does not depend on the functions.
    handlers = {
        name: importlib.import_module(f"{name}.handler").lambda_handler
        for name in ("relay", "session_api")
    }
    server = FolderServer(listener, handlers)

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    def stop_when_unused(owner_pipe: int, users: int) -> None:
        os.read(owner_pipe, 1)
        # Held until this process ends: a new user waits for that, then starts its own server.
        fcntl.flock(users, fcntl.LOCK_EX)
        server.shutdown()

    if len(sys.argv) > 2:
        descriptors = tuple(map(int, sys.argv[2:]))
        threading.Thread(target=stop_when_unused, args=descriptors, daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.serve_forever()
    with server.one_at_a_time:
        pass  # wait for the request in progress, which may be writing
    server.server_close()


if __name__ == "__main__":
    main()
