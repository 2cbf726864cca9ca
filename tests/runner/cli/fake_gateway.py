"""The LLM gateway's control side, and as much of its agent side as a stand-in CLI needs."""

import json
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any, Self

from tests.runner.fake_runs_api import QuietServer

NO_USAGE: dict[str, Any] = {
    "provider": "anthropic",
    "requests": 0,
    "input_tokens": 0,
    "cached_input_tokens": 0,
    "cache_write_tokens": 0,
    "output_tokens": 0,
    "cost_usd": 0.0,
    "price_table": "2026-11-01",
    "models": {},
    "budget_exceeded": False,
    "last_error": None,
    "last_stop": None,
}


class FakeGateway:
    """Start it as a context manager. An agent posts changes of the usage to its base URL; the
    answer is 200 while the door is open for its token, else 403."""

    def __init__(self) -> None:
        self.usage = dict(NO_USAGE)
        self.opened: list[dict[str, Any]] = []
        self.renewals = 0
        self.closed = False
        self.lost: list[str] = []
        """Paths whose next answer does not arrive, after its effect."""
        self.providers = ["anthropic", "openai"]
        self._changed = threading.Condition()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                gateway.handle(self)

            def do_POST(self) -> None:
                gateway.handle(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
                ...

        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_for_renewals(self, count: int) -> None:
        """Blocks until the door was renewed so often."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.renewals >= count, 20), self.renewals

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        raw = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        body: dict[str, Any] = json.loads(raw) if raw else {}
        with self._changed:
            if request.path.startswith("/control/"):
                status, answer = self._control(request, body)
            else:
                status, answer = self._agent(request, body)
            self._changed.notify_all()
            if request.path in self.lost:
                self.lost.remove(request.path)
                request.close_connection = True
                return
        text = json.dumps(answer).encode()
        try:
            request.send_response(status)
            request.send_header("Content-Length", str(len(text)))
            request.end_headers()
            request.wfile.write(text)
        except OSError:
            pass  # the runner was killed while it waited

    def _control(
        self, request: BaseHTTPRequestHandler, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        if request.path == "/control/providers":
            return 200, {"providers": self.providers}
        if request.path == "/control/open":
            # Again with the same tokens: its first answer was lost (as the gateway itself does).
            again = not self.opened or body == self.opened[0]
            self.opened = self.opened or [body]
            return (200, self.usage) if again else (409, {})
        token = self.opened[0]["control_token"] if self.opened else None
        if request.headers.get("Authorization") != f"Bearer {token}":
            return 401, {}
        if request.path == "/control/renew":
            self.renewals += 1
        elif request.path == "/control/close":
            self.closed = True
        return 200, self.usage

    def _agent(
        self, request: BaseHTTPRequestHandler, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        opened = self.opened[0] if self.opened else {}
        mine = request.headers.get("x-api-key") == opened.get("run_token")
        if not mine or self.closed or request.path != f"/{opened['provider']}":
            return 403, {}
        self.usage |= body
        return 200, {}
