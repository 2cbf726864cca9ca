"""A program on somebody's laptop that deliveries are forwarded to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Self

from tests.support.http_front import CuttableServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def delivery_id(self) -> str:
        return self.headers["x-aiwebhook-delivery"]


class Target:
    """Answers as `answer` says, a status for each request; None hangs up without one."""

    def __init__(
        self, answer: Callable[[Forwarded], int | None] = lambda _got: 200, *, port: int = 0
    ) -> None:
        self.got: list[Forwarded] = []
        self.taken: list[Forwarded] = []
        """Those that were answered 2xx."""
        self.arrived = threading.Condition()
        self.answer = answer
        target = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                got = Forwarded(
                    method=self.command,
                    path=self.path,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(size),
                )
                status = target.note(got)
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_PUT = handle_any  # noqa: N815 the library's names

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the library's name
                """Nobody reads it."""

        self._server = CuttableServer(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def note(self, got: Forwarded) -> int | None:
        """Take a request down; the status of its answer."""
        status = self.answer(got)
        with self.arrived:
            self.got.append(got)
            if status is not None and 200 <= status < 300:
                self.taken.append(got)
            self.arrived.notify_all()
        return status

    def wait_for(self, count: int, *, timeout_s: float = 30) -> None:
        """Until so many were answered 2xx."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.taken) >= count, timeout_s), len(
                self.taken
            )

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._server.cut()
