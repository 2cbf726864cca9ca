"""A Runs API on loopback, with the contract's shapes and scripted failures. A fake, not a mock:
it keeps one task with a lease and answers by its state."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl

CODE = "boot-" + "c" * 32
TOKEN = "lease-" + "t" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request as it came."""

    method: str
    action: str
    body: Any
    headers: dict[str, str]
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A scripted answer; `drop` closes the connection without one, after the effect."""

    status: int = 503
    body: dict[str, Any] = field(default_factory=dict[str, Any])
    drop: bool = False
    raw: bytes | None = None
    """Instead of the body."""


LEASE_LOST = Answer(status=409, body={"code": "lease_lost", "detail": "epoch 1 is stale"})


def any_run_input(**changes: Any) -> dict[str, Any]:
    """A valid RunInput; name what matters to the test."""
    return {
        "task_id": "task_any",
        "session_id": "any_session",
        "project_id": "default",
        "attempt_id": "att_any",
        "lease_epoch": 1,
        "lease_token": TOKEN,
        "heartbeat_s": 20,
        "agent": any_agent(),
        "task_type": "any",
        "description": "Any task.",
        "input": {"any": "input"},
        "timeout_s": 60,
        "correlation_id": "req_any",
    } | changes


def any_agent(**changes: Any) -> dict[str, Any]:
    """A valid manifest of kind command."""
    agent: dict[str, Any] = {
        "name": "any_agent",
        "kind": "command",
        "command": ["true"],
        "description": "Any agent.",
    }
    return {key: value for key, value in (agent | changes).items() if value is not None}


class QuietServer(ThreadingHTTPServer):
    """A runner that was killed leaves broken connections; that is no news in these tests."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None: ...


class FakeRunsApi:
    """Start it as a context manager; `calls` grows as the runner speaks."""

    def __init__(self) -> None:
        self.run_input = any_run_input()
        self.context_pages: list[dict[str, Any]] = [
            {"session": {"session_id": "any_session"}, "chunks": [], "memories": [], "next": None}
        ]
        self.calls: list[Call] = []
        self.uploads: dict[str, bytes] = {}
        self.messages: list[dict[str, Any]] = []
        self.script: dict[str, list[Answer]] = {}
        """Answers used up first, by action; `always` below never runs out."""
        self.always: dict[str, Answer] = {}
        self.cancel = threading.Event()
        self._changed = threading.Condition()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes: else 40 ms apart

            def do_GET(self) -> None:
                api.handle(self)

            def do_POST(self) -> None:
                api.handle(self)

            def do_PUT(self) -> None:
                api.handle(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
                ...

        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel.set()
        self._server.shutdown()
        self.stop()

    def stop(self) -> None:
        """Close the port; all there is to do for one that never served."""
        self._server.server_close()

    def bodies(self, action: str) -> list[Any]:
        """The bodies of all calls of this action, in order."""
        return [call.body for call in self.calls if call.action == action]

    def count(self, action: str) -> int:
        """How often it was called."""
        return len(self.bodies(action))

    def events(self, event_type: str) -> list[dict[str, Any]]:
        """The data of all events of a type that were accepted."""
        batches = [body["events"] for body in self.bodies("events")]
        return [e["data"] for batch in batches for e in batch if e["type"] == event_type]

    def wait_for(self, condition: Callable[[], bool], timeout: float = 20) -> None:
        """Blocks until the calls so far fulfil the condition; no polling."""
        with self._changed:
            assert self._changed.wait_for(condition, timeout), [c.action for c in self.calls]

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        path, _, query = request.path.partition("?")
        raw = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        action = path.rsplit("/", 1)[1]
        if request.command == "PUT":
            self.uploads[action] = raw
        call = Call(
            method=request.command,
            action=action,
            body=json.loads(raw) if raw and request.command == "POST" else None,
            headers=dict(request.headers.items()),
            query=query,
        )
        with self._changed:
            self.calls.append(call)
            self._changed.notify_all()
            scripted = self.script.get(action)
            answer = scripted.pop(0) if scripted else self.always.get(action)
        if answer is None:
            answer = self._answer(call)
        if answer.drop:
            request.close_connection = True
            request.connection.close()
            return
        self._respond(request, answer)

    def _answer(self, call: Call) -> Answer:
        # A pre-signed address carries no lease token.
        bucket = call.action in self.uploads
        authorised = bucket or call.headers.get("Authorization") == f"Bearer {TOKEN}"
        if call.action != "start" and call.method != "PUT" and not authorised:
            return Answer(status=401, body={"code": "unauthorized", "detail": "no lease token"})
        if call.action == "start" and call.body["bootstrap_code"] != CODE:
            return Answer(status=403, body={"code": "forbidden", "detail": "wrong code"})
        if call.method == "GET" and call.action in self.uploads:
            return Answer(status=200, raw=self.uploads[call.action])
        if call.action == "complete" and self._newer(call.body.get("messages_seen")):
            return Answer(status=409, body={"code": "messages_waiting", "detail": "a newer one"})
        answer = self._answers.get(call.action)
        return Answer(status=200, body=answer(call) if answer else {})

    def reply(self, text: str) -> None:
        """A follow-up comes in."""
        self.messages.append({"message_no": len(self.messages) + 1, "message": text})

    def _newer(self, seen: int | None) -> list[dict[str, Any]]:
        return [] if seen is None else [m for m in self.messages if m["message_no"] > seen]

    @property
    def _answers(self) -> dict[str, Callable[[Call], dict[str, Any]]]:
        lease = {"cancel": self.cancel.is_set(), "lease_until": "2030-01-01T00:00:00Z"}
        return {
            "start": lambda _: self.run_input,
            "context": lambda call: self.context_pages[int(_query(call, "after") or 0)],
            "signal": lambda _: {"cancel": self.cancel.is_set()},
            "heartbeat": lambda _: lease,
            "events": lambda call: {
                "accepted": len(call.body["events"]),
                "cancel": lease["cancel"],
            },
            "artifacts": lambda call: {"artifact_id": f"art_{call.body['name']}"},
            "uploads": lambda call: {
                "url": f"{self.url}/bucket/{call.body['sha256']}",
                "headers": {"x-amz-any": "1"},
            },
            "messages": lambda call: {"messages": self._newer(int(_query(call, "after") or 0))},
            "complete": lambda _: {"status": "completed"},
            "fail": lambda call: {
                "status": "cancelled" if call.body["error_class"] == "cancelled" else "failed"
            },
        }

    @staticmethod
    def _respond(request: BaseHTTPRequestHandler, answer: Answer) -> None:
        body = json.dumps(answer.body).encode() if answer.raw is None else answer.raw
        try:
            request.send_response(answer.status)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)
        except OSError:
            pass  # the runner was killed while it waited


def _query(call: Call, name: str) -> str | None:
    return dict(parse_qsl(call.query)).get(name)
