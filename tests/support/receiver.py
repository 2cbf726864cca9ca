"""A receiver of callbacks on a loopback port, for tests that end where a user's server begins."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One request that arrived: the exact bytes and, in lower case, its headers."""

    path: str
    headers: dict[str, str]
    body: bytes
    received_at: datetime

    @property
    def webhook_id(self) -> str:
        """The message's id, the same at every attempt."""
        return self.headers["webhook-id"]

    @property
    def document(self) -> dict[str, Any]:
        """{type, timestamp, data}."""
        return json.loads(self.body)

    @property
    def type(self) -> str:
        """The event's type."""
        return self.document["type"]

    @property
    def task_id(self) -> str | None:
        """The task it is about."""
        return self.document["data"].get("task_id")

    def verify(self, secret: str) -> None:
        """By the official library. Raises WebhookVerificationError."""
        Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """Keeps what arrives. `answers` are statuses given first, in order; then `status`."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self.callbacks: list[Callback] = []
        self.answers: list[int] = []
        self.status = 204
        self._arrived = threading.Condition()

    def url(self, path: str = "/callbacks") -> str:
        """An address of its own for whoever wants to be told apart."""
        return self._base + path

    def take(self, callback: Callback) -> int:
        """Keep it; the status to answer with."""
        with self._arrived:
            self.callbacks.append(callback)
            self._arrived.notify_all()
            return self.answers.pop(0) if self.answers else self.status

    def wait_for(
        self,
        wanted: Callable[[Callback], bool],
        *,
        count: int = 1,
        within_s: float = 20.0,
    ) -> list[Callback]:
        """The first `count` callbacks that are wanted, oldest first."""
        with self._arrived:
            found = self._arrived.wait_for(lambda: self.arrived(wanted, count), within_s)
        if found is None or not found:
            seen = Counter((c.path, c.type) for c in self.callbacks)
            raise AssertionError(f"not {count} callbacks of the wanted kind; seen: {seen}")
        return found

    def of_task(self, task_id: str, event_type: str, *, path: str = "/callbacks") -> Callback:
        """The callback of this event for this task."""

        def wanted(callback: Callback) -> bool:
            told = (callback.path, callback.type, callback.task_id)
            return told == (path, event_type, task_id)

        return self.wait_for(wanted)[0]

    def arrived(self, wanted: Callable[[Callback], bool], count: int = 1) -> list[Callback] | None:
        """The same, if they are there by now."""
        found = [callback for callback in self.callbacks if wanted(callback)]
        return found[:count] if len(found) >= count else None


@contextmanager
def running_receiver() -> Generator[Receiver]:
    """A receiver on a free port, stopped on the way out."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            callback = Callback(
                path=self.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=body,
                received_at=datetime.now(UTC),  # noqa: TID251 a server of somebody else has its own clock
            )
            self.send_response(receiver.take(callback))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name the base class gives it
            """Nothing: the tests look at what was kept."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # with Python's five, a burst has to connect again after a second

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = Receiver(server.server_port)
    thread = threading.Thread(
        target=server.serve_forever, args=(0.02,), name="receiver", daemon=True
    )
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
