"""`Client`: one method per resource operation, and helpers that wait."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import quote

from aiwebhook.client.problems import holding
from aiwebhook.client.retry import DEFAULT_RETRY, RetryPolicy
from aiwebhook.client.run_calls import LONG_POLL_S, RunCalls
from aiwebhook.client.transport import ClientCall, Json, Success, Transport, TransportOptions
from aiwebhook.errors import Unavailable

STANDS_STILL = frozenset({"completed", "failed", "cancelled", "input_required"})


class Client(RunCalls):
    """Talks to one deployment with one API key. Methods raise errors of `aiwebhook.errors`.

    `command` returns the reply envelope (`say`, `data`, `updates`, `cursor`); methods named after a
    resource return its `data`. Retries of a write carry the same idempotency key.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        timeout_s: float = 30.0,
        retry: RetryPolicy | None = None,
        options: TransportOptions | None = None,
    ) -> None:
        """`options` overrides `timeout_s` and `retry`."""
        self._options = options or TransportOptions(
            timeout_s=timeout_s, retry=retry or DEFAULT_RETRY
        )
        self._transport = Transport(base_url, api_key, self._options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def base_url(self) -> str:
        """The deployment's address, without a slash at the end."""
        return self._transport.base_url

    def close(self) -> None:
        self._transport.close()

    # ── any request, any command ──────────────────────────────────────────────────────────────────

    def get(
        self,
        path: str,
        query: Mapping[str, object] | None = None,
        *,
        wait_s: float | None = None,
    ) -> Json:
        """GET `path`. `wait_s` makes it a long poll of at most 20 s. Query values of None
        are left out.
        """
        parameters = {**(query or {}), "wait": wait_s}
        return self.send(
            ClientCall(method="GET", path=path, query=parameters, wait_s=wait_s or 0.0)
        ).body

    def post(self, path: str, body: Json | None = None, *, key: str | None = None) -> Json:
        """POST `path`; `key` replaces the generated idempotency key."""
        return self.send(
            ClientCall(method="POST", path=path, body=body or {}, idempotency_key=key)
        ).body

    def post_once(self, path: str, body: Json) -> Json:
        """POST `path` without a retry after a lost answer. For what is shown only once, such as a
        new key: a retry would create a second one, and nobody would know of the first.
        """
        call = ClientCall(method="POST", path=path, body=body, repeatable=False)
        return self.send(call).body

    def patch(self, path: str, body: Json) -> Json:
        return self.send(ClientCall(method="PATCH", path=path, body=body)).body

    def delete(self, path: str) -> Json:
        return self.send(ClientCall(method="DELETE", path=path)).body

    def send(self, call: ClientCall) -> Success:
        """Send any call; the result includes status and headers."""
        return self._transport.send(call)

    def command(
        self,
        name: str,
        session_id: str | None = None,
        data: Json | None = None,
        *,
        key: str | None = None,
        ack: int | None = None,
    ) -> Json:
        """Send a command to /webhook; returns the whole reply (docs/wire.md). `ack` is the cursor
        of an earlier reply.
        """
        body: Json = {"type": "collaborative_session_command", "command": name, "data": data or {}}
        body |= _present(session_id=session_id, ack=ack)
        wait_s = _seconds((data or {}).get("wait_s"))
        call = ClientCall(
            method="POST", path="/webhook", body=body, idempotency_key=key, wait_s=wait_s
        )
        return self.send(call).body

    # ── sessions ──────────────────────────────────────────────────────────────────────────────────

    def create_session(self, session_id: str | None = None, **fields: object) -> Json:
        """`fields`: title, participants, context, metadata."""
        return _data(self.post("/v1/sessions", _present(session_id=session_id, **fields)))

    def list_sessions(self, **query: object) -> Json:
        """`query`: filter, search, limit, cursor."""
        return _data(self.get("/v1/sessions", query))

    def session(self, session_id: str) -> Json:
        """The summary of a session."""
        return _data(self.get(_path("sessions", session_id)))

    def change_session(self, session_id: str, action: str) -> Json:
        """`action` is pause, resume or complete."""
        return _data(self.post(f"{_path('sessions', session_id)}/{action}"))

    def delete_session(self, session_id: str) -> Json:
        """Remove a session with everything in it."""
        return _data(self.delete(_path("sessions", session_id)))

    def append_conversation(self, session_id: str, content: str, **fields: object) -> Json:
        """`fields`: chunk_id, format, start_time, end_time, participants,
        extracted_items, metadata.
        """
        body = _present(content=content, **fields)
        return _data(self.post(f"{_path('sessions', session_id)}/conversation", body))

    def store_memory(self, session_id: str, **fields: object) -> Json:
        """`fields`: type, content, key, tags."""
        body = _present(**fields)
        return _data(self.post(f"{_path('sessions', session_id)}/memories", body))

    def memories(self, session_id: str, **query: object) -> Json:
        """`query`: type, tags, text, limit, cursor."""
        return _data(self.get(f"{_path('sessions', session_id)}/memories", query))

    def memory(self, session_id: str, key: str) -> Json:
        """One memory by its key."""
        return _data(self.get(f"{_path('sessions', session_id)}/memories/{quote(key, safe='')}"))

    def forget_memory(self, session_id: str, key: str) -> Json:
        """Remove a memory with all its versions."""
        return _data(self.delete(f"{_path('sessions', session_id)}/memories/{quote(key, safe='')}"))

    def add_artifact(self, session_id: str, *, name: str, **fields: object) -> Json:
        """`fields`: type, content, artifact_id, format, task_id, metadata."""
        body = _present(name=name, **fields)
        return _data(self.post(f"{_path('sessions', session_id)}/artifacts", body))

    def artifacts(self, session_id: str, **query: object) -> Json:
        """`query`: type, task_id, limit, cursor."""
        return _data(self.get(f"{_path('sessions', session_id)}/artifacts", query))

    def all_artifacts(self, **query: object) -> Json:
        """Artifacts of all sessions. `query`: session_id, type, task_id, limit, cursor."""
        return _data(self.get("/v1/artifacts", query))

    def artifact(self, artifact_id: str) -> Json:
        """One artifact with its content."""
        return _data(self.get(_path("artifacts", artifact_id)))

    # ── tasks ─────────────────────────────────────────────────────────────────────────────────────

    def delegate_task(self, session_id: str | None = None, **fields: object) -> Json:
        """`fields`: agent_name, description, input_data, repo, ref, pr, … as in docs/wire.md."""
        body = _present(session_id=session_id, **fields)
        wait_s = _seconds(fields.get("wait_s"))
        call = ClientCall(method="POST", path="/v1/tasks", body=body, wait_s=wait_s)
        return _data(self.send(call).body)

    def tasks(self, **query: object) -> Json:
        """`query`: session_id, status, agent_name, limit, cursor."""
        return _data(self.get("/v1/tasks", query))

    def task(self, task_id: str, *, wait_s: float | None = None) -> Json:
        """One task; with `wait_s`, once it has ended or that time is over."""
        return _data(self.get(_path("tasks", task_id), wait_s=wait_s))

    def change_task(self, task_id: str, action: str, body: Json | None = None) -> Json:
        """`action` is cancel, retry or reply."""
        return _data(self.post(f"{_path('tasks', task_id)}/{action}", body))

    def wait_for_task(
        self, task_id: str, *, timeout_s: float, clock: Callable[[], float] = time.monotonic
    ) -> Json:
        """The task once it has ended or asks a question. Raises Unavailable after `timeout_s`."""
        until = clock() + timeout_s
        while True:
            left = until - clock()
            # Whole seconds, as the server counts them: a fraction would be answered at once, over
            # and over.
            task = self.task(task_id, wait_s=min(LONG_POLL_S, max(0, math.ceil(left))))
            if task["status"] in STANDS_STILL:
                return task
            if clock() >= until:
                raise Unavailable(
                    f"Task {task_id} is still {task['status']} after {timeout_s:g} s.",
                    code="wait_timeout",
                )
            self.pause_after(task, at_most_s=max(0.0, until - clock()))

    # ── events ────────────────────────────────────────────────────────────────────────────────────

    def events(self, session_id: str, *, after_seq: int = 0, wait_s: float | None = None) -> Json:
        """A session's events with a `seq` above `after_seq`: {"items", "next_after_seq"}."""
        path = f"{_path('sessions', session_id)}/events"
        return self.get(path, {"after_seq": after_seq}, wait_s=wait_s)

    def project_events(
        self, *, after: str | None = None, wait_s: float | None = None, **query: object
    ) -> Json:
        """The project's events after an opaque cursor: {"items", "next_cursor"}. `query`: types
        (comma-separated), limit.
        """
        return self.get("/v1/events", {"after": after, **query}, wait_s=wait_s)

    def follow_events(self, session_id: str, *, after_seq: int = 0) -> Iterator[Json]:
        """A session's events as they happen; never ends by itself."""
        while True:
            page = self.events(session_id, after_seq=after_seq, wait_s=LONG_POLL_S)
            yield from page["items"]
            after_seq = int(page["next_after_seq"])
            self.pause_after(page)

    def pause_after(self, answer: Json, *, at_most_s: float = LONG_POLL_S) -> None:
        """Pause before the same long poll is repeated, if the deployment did not hold the request:
        for its `next_poll_ms`, at most `at_most_s`.
        """
        pause_s = _seconds(answer.get("next_poll_ms")) / 1000
        if pause_s > 0:
            self._options.sleep(min(pause_s, at_most_s))

    # ── agents and workers ────────────────────────────────────────────────────────────────────────

    def agents(self) -> list[Json]:
        """The project's agents, with their purpose, model and load."""
        return list(holding(self.get("/v1/agents"), "items")["items"])

    def workers(self, **query: object) -> Json:
        """Connected workers: {"items", "next_cursor"}. `query`: limit, cursor."""
        return self.get("/v1/workers", query)

    # ── keys ──────────────────────────────────────────────────────────────────────────────────────

    def create_key(self, body: Json) -> Json:
        """Create an API key. `key` is returned here only."""
        return self.post_once("/v1/keys", body)

    def rotate_key(self, key_id: str, body: Json) -> Json:
        """Replace an API key by one with the same rights. `key` is returned here only."""
        return self.post_once(f"{_path('keys', key_id)}/rotate", body)


def _path(kind: str, name: str) -> str:
    return f"/v1/{kind}/{quote(name, safe='')}"


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _present(**fields: object) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


def _data(reply: Json) -> Json:
    """The `data` of a reply plus its session_id, which some replies have in the envelope only."""
    data: Json = reply["data"]
    session_id = reply.get("session_id")
    return data if session_id is None else {"session_id": session_id, **data}
