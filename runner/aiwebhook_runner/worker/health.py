"""GET /health on loopback: for a service manager, a script, or a person."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiwebhook.errors import ConfigurationError
from aiwebhook_runner.jsons import JsonObject

HOST = "127.0.0.1"


class PortTaken(ConfigurationError):
    """The message names the port."""

    code = "port_taken"


class HealthServer:
    """Answers with what `look` returns: 200, or 503 when its status is `disconnected`."""

    def __init__(self, port: int, look: Callable[[], JsonObject]) -> None:
        """Raises PortTaken."""
        try:
            self._server = _Server((HOST, port), _handler(look))
        except (OSError, OverflowError) as exc:
            raise PortTaken(f"Port {port} of {HOST} cannot be used: {exc}.") from exc
        self.url = f"http://{HOST}:{self._server.server_address[1]}/health"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True


def _handler(look: Callable[[], JsonObject]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            # A page in a browser may point a host name of its own at loopback; it may not read
            # this.
            host = self.headers.get("Host", "").partition(":")[0]
            if self.path != "/health" or host not in (HOST, "localhost"):
                self._answer(404, {"status": "not_found"})
                return
            told = look()
            self._answer(503 if told["status"] == "disconnected" else 200, told)

        def _answer(self, status: int, body: JsonObject) -> None:
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's
            ...

    return Handler
