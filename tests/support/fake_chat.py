"""ChatGPT as a server of MCP events meets it: a client that discovers, subscribes, refreshes and
rotates, and a receiver over TLS that sends challenges back, verifies by the official library, and
does what a script says instead. It is made after OpenAI's page and after what builders report.
"""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from standardwebhooks import Webhook, WebhookVerificationError

from session_api.mcp.eras import MCP_PREFIX, MODERN
from tests.support.commands import any_name
from tests.support.loopback import Service, answer, body_of, headers_of, read_request, service

Json = dict[str, Any]


class Fault(StrEnum):
    """What the receiver does instead of taking what came."""

    LOSE = "lose"
    """200, and the event is never shown: what comes while the chat's own turn runs."""
    GONE = "410"
    TOO_LARGE = "413"
    EARLY = "425"
    BUSY = "503"
    HANG = "hang"
    """It reads the request and never answers."""
    REDIRECT = "redirect"
    WRONG = "wrong challenge"
    STALE = "challenge of another time"
    LATE = "late challenge"
    """After `late_s`."""
    TWICE = "challenge twice"
    """Two answers on one connection."""


_STATUS = {
    Fault.LOSE: 200,
    Fault.GONE: 410,
    Fault.TOO_LARGE: 413,
    Fault.EARLY: 425,
    Fault.BUSY: 503,
}
_PATH_WHERE_REDIRECTS_LEAD = "/elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One request, verified or not, and what was done with it."""

    headers: dict[str, str]
    body: bytes
    verified: bool
    fault: Fault | None
    at: float
    """By the wall clock, in seconds."""

    @property
    def document(self) -> Json:
        """The body."""
        return json.loads(self.body)

    @property
    def is_control(self) -> bool:
        """Whether it speaks of the subscription and is no event."""
        return "type" in self.document

    @property
    def is_challenge(self) -> bool:
        return self.document.get("type") == "verification"


@dataclass(slots=True, kw_only=True)
class Hook:
    """One callback URL. `script`: what it does next, None for what it should."""

    url: str
    secrets: list[str] = field(default_factory=list[str])
    script: deque[Fault | None] = field(default_factory=deque["Fault | None"])
    always: Fault | None = None
    """What it does when the script is over."""
    late_s: float = 6.0
    arrived: list[Arrival] = field(default_factory=list[Arrival])
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def taken(self, headers: dict[str, str], body: bytes) -> Arrival:
        """Keep what came."""
        with self._changed:
            arrival = Arrival(
                headers=headers,
                body=body,
                verified=any(_verifies(secret, headers, body) for secret in self.secrets),
                fault=self.script.popleft() if self.script else self.always,
                at=time.time(),
            )
            self.arrived.append(arrival)
            self._changed.notify_all()
        return arrival

    @property
    def challenges(self) -> list[Arrival]:
        """Verifications, in order."""
        return [each for each in self.arrived if each.is_challenge]

    @property
    def posts(self) -> list[Arrival]:
        """Every try to tell an event, in order."""
        return [each for each in self.arrived if not each.is_control]

    @property
    def shown(self) -> list[Json]:
        """The events that the chat shows: those taken, each id once."""
        taken = [each.document for each in self.posts if each.verified and each.fault is None]
        return list({event["eventId"]: event for event in taken}.values())

    def wait_for(self, events: int, *, within_s: float = 30.0) -> list[Json]:
        """The events shown, once there are so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.shown) >= events, within_s), (
                f"{len(self.shown)} of {events} events came"
            )
        return self.shown


def _verifies(secret: str, headers: dict[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


class ChatReceiver:
    """Where ChatGPT is called back, on a loopback port."""

    def __init__(self) -> None:
        self._base = ""
        self._hooks: dict[str, Hook] = {}
        self.unknown: list[str] = []
        """Paths that no hook has."""

    def listens(self, port: int) -> None:
        """At this port."""
        self._base = f"https://127.0.0.1:{port}"

    def hook(self) -> Hook:
        """A new callback URL."""
        path = f"/webhook/mcp-events/{any_name('hook')}"
        self._hooks[path] = hook = Hook(url=self._base + path)
        return hook

    def serve(self, it: Service, connection: socket.socket) -> None:
        """One connection."""
        request = read_request(connection)
        if not request:
            return
        path = request.split(b" ", 2)[1].decode()
        hook = self._hooks.get(path)
        if hook is None:
            self.unknown.append(path)
            connection.sendall(answer(404))
            return
        arrival = hook.taken(headers_of(request), body_of(request))
        if arrival.fault is Fault.HANG:
            it.over.wait()
        elif arrival.fault is Fault.LATE:
            it.over.wait(hook.late_s)
            connection.sendall(self._answer(hook, arrival))
        else:
            times = 2 if arrival.fault is Fault.TWICE else 1
            connection.sendall(self._answer(hook, arrival) * times)

    def _answer(self, hook: Hook, arrival: Arrival) -> bytes:
        if not arrival.verified:
            return answer(401)
        if arrival.fault is Fault.REDIRECT:
            return answer(302, "", f"Location: {self._base}{_PATH_WHERE_REDIRECTS_LEAD}")
        if arrival.fault is not None and arrival.fault in _STATUS:
            return answer(_STATUS[arrival.fault])
        return answer(200, _echo(hook, arrival) if arrival.is_challenge else "")


def _echo(hook: Hook, arrival: Arrival) -> str:
    challenge = arrival.document["challenge"]
    if arrival.fault is Fault.WRONG:
        challenge = "another"
    if arrival.fault is Fault.STALE:
        challenge = hook.challenges[0].document["challenge"]
    return json.dumps({"challenge": challenge})


@contextmanager
def chat_receiver(tls: ssl.SSLContext) -> Generator[ChatReceiver]:
    """Until the block ends."""
    receiver = ChatReceiver()
    with service(receiver.serve, tls=tls) as it:
        receiver.listens(it.port)
        yield receiver


def a_secret(size: int = 32) -> str:
    """A client's secret, as it makes them."""
    return "whsec_" + base64.b64encode(any_name("secret").encode().ljust(size, b".")).decode()


@dataclass(slots=True, kw_only=True)
class FakeChat:
    """A chat that follows one kind of events of one server. `server`: its MCP endpoint."""

    server: str
    hook: Hook
    token: str | None = None
    secret: str = field(default_factory=a_secret)
    extensions: Json = field(default_factory=dict[str, Any])

    def call(self, method: str, params: Json | None = None) -> Json:
        """The whole answer: `result` or `error`."""
        meta = {
            f"{MCP_PREFIX}protocolVersion": MODERN,
            f"{MCP_PREFIX}clientInfo": {"name": "openai-mcp", "version": "1.0.0"},
            f"{MCP_PREFIX}clientCapabilities": {"extensions": self.extensions},
        }
        params = {**(params or {}), "_meta": meta}
        body: Json = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        headers = {"Accept": "application/json, text/event-stream", "Mcp-Method": method}
        headers["MCP-Protocol-Version"] = MODERN
        if method == "tools/call":
            headers["Mcp-Name"] = params["name"]
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        headers["Content-Type"] = "application/json"
        server = urlsplit(self.server)
        with closing(HTTPConnection(server.netloc, timeout=30)) as connection:
            connection.request("POST", server.path, json.dumps(body), headers)
            return json.loads(connection.getresponse().read())

    def result(self, method: str, params: Json | None = None) -> Json:
        """Of a request that is not refused."""
        told = self.call(method, params)
        assert "result" in told, told
        return told["result"]

    def params(self, name: str, **more: Any) -> Json:
        """Of events/subscribe, as ChatGPT sends them: no filter, no time to live."""
        delivery = {"mode": "webhook", "url": self.hook.url, "secret": self.secret}
        return {"name": name, "arguments": {}, "delivery": delivery, "cursor": None, **more}

    def subscribe(self, name: str, **more: Any) -> Json:
        """The whole answer. A refresh is the same once more."""
        if self.secret not in self.hook.secrets:
            self.hook.secrets.append(self.secret)
        return self.call("events/subscribe", self.params(name, **more))

    def subscribed(self, name: str, **more: Any) -> Json:
        """The result of one that is granted."""
        told = self.subscribe(name, **more)
        assert "result" in told, told
        return told["result"]

    def rotate(self, name: str) -> Json:
        """Subscribe by another secret; what came before was signed by the one it had."""
        self.secret = a_secret()
        return self.subscribed(name)

    def forget_old_secrets(self) -> None:
        """From here on only the newest verifies."""
        self.hook.secrets[:] = [self.secret]

    def unsubscribe(self, name: str) -> Json:
        """The whole answer."""
        return self.call("events/unsubscribe", self.params(name))
