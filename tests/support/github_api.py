"""GitHub's API of a hook's deliveries, as documented, on a loopback port; and GitHub itself:
it sends once, writes down what came of it, sends again only when it is asked, and forgets
after three days.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "github_pat_any"
HOOK = "repos/acme/billing/hooks/4711"
KEPT = timedelta(days=3)
Json = dict[str, Any]
Receive = Callable[[str, str, bytes], int]
"""What a receiver answers to a GUID, an event and its bytes; 0: nothing."""


@dataclass(kw_only=True)
class Attempt:
    """One attempt to deliver."""

    number: int
    guid: str
    event: str
    body: bytes
    at: datetime
    status_code: int
    redelivery: bool = False


@dataclass(kw_only=True)
class Refusal:
    """What the API answers instead."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def answering(status: int) -> Receive:
    """A receiver that answers that to everything."""

    def receive(guid: str, event: str, body: bytes) -> int:
        return status

    return receive


class GithubTwin:
    """One hook. `refusals` are answered first, in order; `down`: nothing else is answered."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.now = datetime.now(UTC)  # noqa: TID251 a server of somebody else has its own clock
        self.attempts: list[Attempt] = []
        self.requests: list[str] = []
        self.authorizations: list[str] = []
        self.refusals: list[Refusal] = []
        self.down = False
        self.gone: int | None = None
        self.instead: object = None
        self.deleted = False
        self.url = ""
        self.tokens: Callable[[str], bool] = lambda token: token == TOKEN
        self.hook = HOOK
        self.remaining = 4999
        self.networks = ["192.30.252.0/22", "2a0a:a440::/29"]
        self._numbers = 7_000_000_000

    def send(
        self, guid: str, body: bytes = b"{}", *, event: str = "push", age_s: float = 120
    ) -> int:
        """Deliver an event; what the receiver answered."""
        return self._attempt(guid, event, body, self.now - timedelta(seconds=age_s), again=False)

    def asked(self) -> list[str]:
        """GUIDs that somebody had sent again."""
        return [attempt.guid for attempt in self.attempts if attempt.redelivery]

    def answer(self, method: str, target: str, token: str) -> tuple[int, Any, Mapping[str, str]]:
        """Status, body and headers."""
        self.requests.append(f"{method} {target}")
        self.authorizations.append(token)
        if self.down:
            return 503, {"message": "unavailable"}, {}
        if self.refusals:
            refusal = self.refusals.pop(0)
            return refusal.status, {"message": "no"}, refusal.headers
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if path == "/meta":
            return 200, {"hooks": self.networks}, {}
        if not self.tokens(token):
            return 401, {"message": "Bad credentials"}, {}
        rest = path.removeprefix(f"/{self.hook}/deliveries")
        if self.instead is not None:
            return 200, self.instead, {}
        if self.deleted or rest == path or f"/{self.gone}/" in path:
            return 404, {"message": "Not Found"}, {}
        self.remaining -= 1
        reset = str(int(self.now.timestamp()) + 900)
        limits = {"X-RateLimit-Remaining": str(self.remaining), "X-RateLimit-Reset": reset}
        status, body, headers = self._deliveries(method, rest, query)
        return status, body, {**limits, **headers}

    def _deliveries(
        self, method: str, rest: str, query: Mapping[str, list[str]]
    ) -> tuple[int, Any, Mapping[str, str]]:
        kept = [attempt for attempt in self.attempts if attempt.at > self.now - KEPT]
        if not rest:
            return self._page(kept, query)
        number = int(rest.strip("/").removesuffix("/attempts"))
        found = next((attempt for attempt in kept if attempt.number == number), None)
        if found is None:
            return 404, {"message": "Not Found"}, {}
        if method == "GET":
            return 200, {**_listed(found), "request": self._request(found)}, {}
        self._attempt(found.guid, found.event, found.body, self.now, again=True)
        return 202, {}, {}

    def _page(
        self, kept: list[Attempt], query: Mapping[str, list[str]]
    ) -> tuple[int, Any, Mapping[str, str]]:
        newest = sorted(kept, key=lambda attempt: -attempt.number)
        size = int(query.get("per_page", ["30"])[0])
        below = int(query.get("cursor", ["v1_99999999999"])[0].removeprefix("v1_"))
        page = [attempt for attempt in newest if attempt.number < below][:size]
        headers: dict[str, str] = {}
        if page and page[-1] is not newest[-1]:
            at = f"{self.url}/{self.hook}/deliveries?per_page={size}&cursor=v1_{page[-1].number}"
            headers["Link"] = f'<{at}>; rel="next"'
        return 200, [_listed(attempt) for attempt in page], headers

    def _request(self, attempt: Attempt) -> Json:
        headers = {
            "Accept": "*/*",
            "X-GitHub-Delivery": attempt.guid,
            "X-GitHub-Event": attempt.event,
            "X-GitHub-Hook-ID": self.hook.rpartition("/")[2],
            "X-Hub-Signature-256": "sha256=00",
            "content-type": "application/json",
        }
        return {"headers": headers, "payload": json.loads(attempt.body)}

    def _attempt(self, guid: str, event: str, body: bytes, at: datetime, *, again: bool) -> int:
        self._numbers += 1
        status = self.receive(guid, event, body)
        self.attempts.append(
            Attempt(
                number=self._numbers,
                guid=guid,
                event=event,
                body=body,
                at=at,
                status_code=status,
                redelivery=again,
            )
        )
        return status


def _listed(attempt: Attempt) -> Json:
    """As in the schema `hook-delivery-item`."""
    return {
        "id": attempt.number,
        "guid": attempt.guid,
        "delivered_at": attempt.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "redelivery": attempt.redelivery,
        "duration": 0.27,
        "status": "OK" if 200 <= attempt.status_code < 300 else "Invalid HTTP Response",
        "status_code": attempt.status_code,
        "event": attempt.event,
        "action": None,
        "installation_id": None,
        "repository_id": 1,
        "throttled_at": None,
    }


@contextmanager
def running_github(receive: Receive) -> Generator[GithubTwin]:
    """GitHub on a free port, stopped on the way out."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            token = (self.headers.get("authorization") or "").removeprefix("Bearer ")
            status, body, headers = github.answer(self.command, self.path, token)
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name the base class gives it
            """Nothing: the tests look at what was kept."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    github = GithubTwin(receive)
    github.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="github", daemon=True)
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
