"""A deployment on loopback with a queue of tasks, leases and epochs. A fake, not a mock: it answers
by its state, and a lease that ran out is taken back when somebody asks for work."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

KEY = "any-worker-key"


_WITH_KEY = (
    "/v1/agents",
    *(f"/v1/runs/{action}" for action in ("claim", "heartbeats", "signals", "completions")),
)


@dataclass(slots=True, kw_only=True)
class FakeTask:
    """One task as the server knows it."""

    task_id: str
    run: dict[str, Any]
    status: str = "pending"
    epoch: int = 0
    lease_until: float = 0.0
    owner: str = ""
    cancel: bool = False
    results: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Accepted terminal writes."""
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def token(self) -> str:
        return f"lease-{self.task_id}-{self.epoch}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A worker that was killed leaves broken connections."""


class FakeDeployment:
    """`with FakeDeployment() as fake`; everything it does notifies `wait_for`."""

    hangs = False
    """Requests are accepted, and never answered."""
    knows_leaving = True
    """False: an older deployment, which refuses the unknown field."""
    leaves_heard = 1
    """How often a worker must say that it leaves until its claims end."""

    def __init__(self, *, lease_s: float = 60.0) -> None:
        self.lease_s = lease_s
        self.poll_s = 0.2
        """Long polls are cut short."""
        self.expired: set[str] = set()
        """Workers whose leases have run out, and that extend none, however often they ask."""
        self.tasks: dict[str, FakeTask] = {}
        self.claims: list[dict[str, Any]] = []
        self.beats: list[list[str]] = []
        self.looks: list[list[str]] = []
        self.leaves: list[str] = []
        """Which worker said that it leaves, each time."""
        self.completions: list[int] = []
        """How many reports each call brought."""
        self.completes_many = True
        self.answers_signals = True
        """False: an older deployment, which has no such operation."""
        self.refused_writes = 0
        self.down = False
        """Every call is dropped without an answer."""
        self.forbidden = False
        self.readable = True
        names = ("any_agent", "claude_code", "local", "gemini")
        self.listed = [{"agent_name": name} for name in names]
        self._changed = threading.Condition(threading.RLock())
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                fake.handle(self)

            do_GET = do_POST = _serve  # noqa: N815 - the base's names

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
                ...

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, manifest: dict[str, Any], **run: Any) -> FakeTask:
        """A task for the agent of this manifest."""
        with self._changed:
            task_id = f"task_{len(self.tasks) + 1}"
            wire = {
                "task_id": task_id,
                "session_id": "any_session",
                "project_id": "default",
                "heartbeat_s": 20,
                "agent": manifest,
                "task_type": "any",
                "description": "Any task.",
                "input": {},
                "timeout_s": 60,
                "correlation_id": "req_any",
            } | run
            self.tasks[task_id] = FakeTask(task_id=task_id, run=wire)
            self._changed.notify_all()
            return self.tasks[task_id]

    def hold_claims(self) -> None:
        """From the next claim on, as long as the worker asks for."""
        self.change(poll_s=20)

    def wait_for(self, condition: Callable[[], bool], timeout: float = 30) -> None:
        """Blocks until the state fulfils the condition; no polling."""
        with self._changed:
            assert self._changed.wait_for(condition, timeout), self.tasks

    def change(self, **state: Any) -> None:
        """Set `down` and the like."""
        with self._changed:
            for name, value in state.items():
                setattr(self, name, value)
            self._changed.notify_all()

    def of_status(self, *status: str) -> list[FakeTask]:
        return [task for task in self.tasks.values() if task.status in status]

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        raw = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        body: dict[str, Any] = json.loads(raw) if raw else {}
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        path = request.path.partition("?")[0]
        with self._changed:
            if self.down:
                request.close_connection = True
                request.connection.close()
                return
            self._changed.wait_for(lambda: not self.hangs)
            status, answer = self._answer(path, token, body)
            self._changed.notify_all()
            if self.down:  # since this claim was held
                request.close_connection = True
                request.connection.close()
                return
        data = b"" if status == 204 else json.dumps(answer).encode()
        try:
            request.send_response(status)
            if status != 204:
                request.send_header("Content-Length", str(len(data)))
            request.end_headers()
            request.wfile.write(data)
        except OSError:
            pass  # killed while it waited

    def _answer(self, path: str, token: str, body: dict[str, Any]) -> tuple[int, Any]:
        if path in _WITH_KEY and token != KEY:
            return 401, {"code": "unauthorized", "detail": "No such key."}
        if path in _WITH_KEY and self.forbidden:
            return 403, {"code": "forbidden", "detail": "The key lacks the scope worker."}
        return self._routed(path, token, body)

    def _routed(self, path: str, token: str, body: dict[str, Any]) -> tuple[int, Any]:
        match path.rsplit("/", 1)[1]:
            case "agents":
                if not self.readable:
                    return 403, {"code": "forbidden", "detail": "The key lacks the scope read."}
                return 200, {"items": self.listed}
            case "claim":
                return self._claim(body)
            case "heartbeats" if body.get("leaving"):
                return self._leave(body["worker_id"])
            case "heartbeats":
                self.beats.append(body["leases"])
                return 200, {"beats": [self._beat(lease) for lease in body["leases"]]}
            case "completions" if self.completes_many:
                self.completions.append(len(body["reports"]))
                return 200, {"results": [self._completed(each) for each in body["reports"]]}
            case "signals" if self.answers_signals:
                self.looks.append(body["leases"])
                return 200, {"signals": [self._signal(lease) for lease in body["leases"]]}
            case "completions" | "signals":
                return 404, {"code": "route_not_found", "detail": "No such route."}
            case action:
                return self._of_run(path.rsplit("/", 2)[1], action, token, body)

    def _leave(self, worker_id: str) -> tuple[int, Any]:
        self.leaves.append(worker_id)
        if not self.knows_leaving:
            return 422, {"code": "invalid", "detail": "leaving: unknown field."}
        return 200, {"beats": []}

    def _claim(self, body: dict[str, Any]) -> tuple[int, Any]:
        self.claims.append(body)
        self._changed.notify_all()
        deadline = time.monotonic() + min(body["wait_s"], self.poll_s)
        left = max(self.leaves.count(body["worker_id"]), self.leaves_heard - 1)
        while not self.knows_leaving or self.leaves.count(body["worker_id"]) <= left:
            for task in self.tasks.values():
                if (task.status == "pending" or self._has_run_out(task)) and (
                    body["room"].get(task.run["agent"]["name"], 0) > 0
                ):
                    return self._hand_out(task, body["worker_id"])
            wait_s = deadline - time.monotonic()
            if self.down or (wait_s <= 0 and not self.hangs):
                break
            self._changed.wait(max(wait_s, 0.1))
        return 204, None

    def _has_run_out(self, task: FakeTask) -> bool:
        late = task.owner in self.expired or task.lease_until < time.monotonic()
        return task.status == "running" and late

    def _hand_out(self, task: FakeTask, worker_id: str) -> tuple[int, Any]:
        task.status, task.owner = "running", worker_id
        task.epoch += 1
        task.lease_until = time.monotonic() + self.lease_s
        lease = {"lease_epoch": task.epoch, "lease_token": task.token}
        return 200, task.run | lease | {"attempt_id": f"att_{task.task_id}_{task.epoch}"}

    def _beat(self, token: str) -> dict[str, Any]:
        task = next((t for t in self.tasks.values() if t.token == token), None)
        if task is None or task.status != "running":
            return {"task_id": "", "cancel": False, "lost": True, "lease_until": None}
        task.lease_until = time.monotonic() + self.lease_s
        return {"task_id": task.task_id, "cancel": task.cancel, "lost": False, "lease_until": "x"}

    def _completed(self, each: dict[str, Any]) -> dict[str, Any]:
        task = next((t for t in self.tasks.values() if t.token == each["lease_token"]), None)
        task_id = "" if task is None else task.task_id
        if task is None or task.status != "running":
            self.refused_writes += 1
            problem = {"status": 409, "code": "lease_lost", "detail": "stale"}
            return {"task_id": task_id, "status": None, "problem": problem}
        _, told = self._of_run(task_id, "complete", task.token, each["report"])
        return {"task_id": task_id, "status": told["status"], "problem": None}

    def _signal(self, token: str) -> dict[str, Any]:
        task = next((t for t in self.tasks.values() if t.token == token), None)
        if task is None or task.status != "running":
            return {"task_id": "", "cancel": False, "lost": True}
        return {"task_id": task.task_id, "cancel": task.cancel, "lost": False}

    def _of_run(
        self, task_id: str, action: str, token: str, body: dict[str, Any]
    ) -> tuple[int, Any]:
        task = self.tasks[task_id]
        if token != task.token or task.status != "running":
            self.refused_writes += 1
            return 409, {"code": "lease_lost", "detail": "stale"}
        match action:
            case "events":
                task.events += body["events"]
                return 200, {"accepted": len(body["events"]), "cancel": task.cancel}
            case "complete" | "fail":
                task.results.append({"action": action, **body})
                task.status = "completed" if action == "complete" else "failed"
                if body.get("error_class") in ("killed", "lost"):
                    task.status = "pending"
                return 200, {"status": task.status}
            case "release":
                task.status = "pending"
                return 200, {"status": "pending"}
            case "messages":
                return 200, {"messages": []}
            case "artifacts":
                return 200, {"artifact_id": f"art_{body['name']}"}
            case _:
                return 200, {}
