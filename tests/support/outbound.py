"""The function `outbound` in this process: behind JSON, or behind Lambda's own interface."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiwebhook.aws.environment import aws_environment
from aiwebhook.aws.outbound_function import OutboundFunction
from aiwebhook.outbound.api_exchange import HttpApiExchange
from aiwebhook.outbound.callback_sender import HttpCallbackSender
from aiwebhook.outbound.document_reader import HttpDocumentReader
from aiwebhook.outbound.exchanges import Exchanges
from aiwebhook.ports.deliveries import CallbackSender
from aiwebhook.ports.oauth import DocumentReader
from aiwebhook.ports.reconciliation import ApiExchange

NAME = "dev-service-Outbound"
Reply = tuple[int, Mapping[str, str], bytes]
Answers = Callable[[dict[str, Any]], Reply]


class OutboundByJson(OutboundFunction):
    """What reaches it, and what it answers, has been JSON; there is no network in between."""

    def __init__(
        self,
        *,
        sender: CallbackSender | None = None,
        documents: DocumentReader | None = None,
        apis: ApiExchange | None = None,
    ) -> None:
        super().__init__(environment_at("http://127.0.0.1:1"), NAME)
        self._exchanges = Exchanges(
            sender=sender or HttpCallbackSender(),
            documents=documents or HttpDocumentReader(),
            apis=apis or HttpApiExchange(),
        )

    def exchange(self, event: Mapping[str, Any], *, within_s: float) -> dict[str, Any]:
        """One exchange, here."""
        del within_s
        return json.loads(json.dumps(self._exchanges.exchange(json.loads(json.dumps(event)))))


def environment_at(url: str) -> Any:
    """AWS at that address."""
    return aws_environment(
        {
            "AWS_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "AKIATEST",
            "AWS_SECRET_ACCESS_KEY": "secret-canary",
        }
    )


@dataclass(slots=True, kw_only=True)
class LambdaDouble:
    """Lambda's interface on a loopback port; `answers` says how a call ends."""

    answers: Answers
    url: str = ""
    paths: list[str] = field(default_factory=list[str])
    clients: list[int] = field(default_factory=list[int])
    """The port at the other end of each call."""
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def result(document: Mapping[str, Any]) -> Reply:
    """What a function returned."""
    return 200, {}, json.dumps(document).encode()


def failure(kind: str, message: str = "") -> Reply:
    """What Lambda says of a function that did not return."""
    document = {"errorType": kind, "errorMessage": message}
    return 200, {"X-Amz-Function-Error": "Unhandled"}, json.dumps(document).encode()


def always(reply: Reply) -> Answers:
    """The same, whatever is asked."""
    return lambda _event: reply


def exchanging(exchanges: Exchanges) -> Answers:
    """A function that does its work."""
    return lambda event: result(exchanges.exchange(event))


@contextmanager
def lambda_double(answers: Answers) -> Generator[LambdaDouble]:
    """Serves until the block ends, and closes what was opened."""
    double = LambdaDouble(answers=answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            double.paths.append(self.path)
            double.clients.append(self.client_address[1])
            double.events.append(event)
            status, headers, body = double.answers(event)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
