"""The Runs API over HTTPS (httpx). Thin: requests out, values or one of three errors back."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast
from urllib.parse import quote

import httpx

from aiwebhook_runner.jsons import JsonObject, NotJsonObject, decode_object, encode
from aiwebhook_runner.messages import Memory
from aiwebhook_runner.outcome import Completed, Failed
from aiwebhook_runner.runs_api import (
    ApiRefused,
    ApiUnavailable,
    ContextPage,
    LeaseLost,
    RunInput,
    StoredArtifact,
    Upload,
)

CONTEXT_PAGE = 200
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
UPLOAD_TIMEOUT = httpx.Timeout(300.0, connect=5.0)
LEASE_GONE = frozenset({401, 403, 404, 410})
"""With a lease token these mean the same as 409 lease_lost: expired, revoked, task deleted."""


class RunsClient:
    """Implements RunsApi. Safe between threads, as httpx.Client is."""

    def __init__(self, *, base_url: str, correlation_id: str) -> None:
        self._http = httpx.Client(
            base_url=base_url,
            timeout=TIMEOUT,
            headers={"X-Correlation-Id": correlation_id, "User-Agent": "aiwebhook-runner"},
            # The API's address comes from our own launcher; a proxy of the environment would see
            # the lease token, and a redirect could take it elsewhere.
            trust_env=False,
            follow_redirects=False,
        )

    def start(self, *, task_id: str, bootstrap_code: str, worker_id: str) -> RunInput:
        """POST …/start; 403 and 409 are final."""
        body: JsonObject = {"bootstrap_code": bootstrap_code, "worker_id": worker_id}
        response = send(self._http, "POST", f"{run_path(task_id)}/start", body)
        if response.status_code != 200:
            raise ApiRefused(response.status_code, _detail(response))
        try:
            return RunInput.from_json(decode_object(response.content))
        except (KeyError, TypeError, ValueError) as exc:
            raise ApiRefused(200, f"unreadable run input: {exc!r}") from exc

    def leased(self, run: RunInput) -> "LeasedRunClient":
        """The same connection pool, with the run's token."""
        return LeasedRunClient(self._http, run)


class LeasedRunClient:
    """Implements LeasedRun."""

    def __init__(self, http: httpx.Client, run: RunInput) -> None:
        self._http = http
        self._run = run

    def context(self, *, after: str | None) -> ContextPage:
        """GET …/context."""
        query = {"limit": str(CONTEXT_PAGE)} | ({} if after is None else {"after": after})
        data = self._call("GET", "context", query=query)
        following = data.get("next")
        return ContextPage(
            session=cast("JsonObject", data.get("session") or {}),
            chunks=cast("list[JsonObject]", data.get("chunks") or []),
            memories=cast("list[JsonObject]", data.get("memories") or []),
            next=None if following is None else str(following),
        )

    def heartbeat(self, *, status: str, progress: JsonObject | None) -> bool:
        """POST …/heartbeat."""
        body: JsonObject = {"status": status}
        if progress is not None:
            body["progress"] = progress
        return self._call("POST", "heartbeat", body).get("cancel") is True

    def wait_for_signal(self, *, wait_s: float) -> bool:
        """GET …/signal?wait=: a long poll."""
        timeout = httpx.Timeout(wait_s + 10.0, connect=5.0)
        # An older API has no such route, and its 404 must not look like a deleted task.
        data = self._call(
            "GET",
            "signal",
            query={"wait": f"{wait_s:g}"},
            timeout=timeout,
            gone=LEASE_GONE - {404},
        )
        return data.get("cancel") is True

    def send_events(self, events: list[JsonObject], *, batch: int) -> bool:
        """POST …/events; the key keeps a repeated batch from being stored twice."""
        key = f"{self._run.attempt_id}:events:{batch}"
        data = self._call("POST", "events", {"events": events}, headers={"Idempotency-Key": key})
        return data.get("cancel") is True

    def request_upload(self, *, sha256: str, size: int) -> Upload:
        """POST …/uploads."""
        data = self._call("POST", "uploads", {"sha256": sha256, "size": size})
        headers = cast("Mapping[str, str]", data.get("headers") or {})
        return Upload(url=str(data["url"]), headers=headers)

    def put_upload(self, upload: Upload, path: Path) -> None:
        """PUT to the object store; the lease token does not go there."""
        try:
            with path.open("rb") as file:
                size = {"Content-Length": str(path.stat().st_size)}
                response = httpx.put(
                    upload.url,
                    content=file,
                    headers={**size, **upload.headers},
                    timeout=UPLOAD_TIMEOUT,
                    trust_env=False,
                )
        except httpx.HTTPError as exc:
            raise ApiUnavailable(f"upload: {type(exc).__name__}") from exc
        if response.status_code >= 400:
            # Also 403: a pre-signed URL that ran out is replaced by the next try.
            raise ApiUnavailable(f"upload: HTTP {response.status_code}")

    def store_artifact(self, artifact: StoredArtifact) -> str:
        """POST …/artifacts."""
        body: JsonObject = {"name": artifact.name, "type": artifact.type}
        optional: JsonObject = {
            "format": artifact.format,
            "content": artifact.content,
            "content_sha256": artifact.content_sha256,
            "metadata": artifact.metadata or None,
        }
        body |= {name: value for name, value in optional.items() if value is not None}
        return str(self._call("POST", "artifacts", body).get("artifact_id"))

    def complete(self, outcome: Completed, memories: list[Memory], forget: list[str]) -> str:
        """POST …/complete."""
        body: JsonObject = {"output": outcome.output, "exit_code": outcome.exit_code}
        optional: JsonObject = {
            "say": outcome.say,
            "memories": [_memory_json(memory) for memory in memories],
            "forget": forget,
            "usage": outcome.usage,
        }
        body |= {name: value for name, value in optional.items() if value}
        return str(self._call("POST", "complete", body).get("status"))

    def fail(self, outcome: Failed) -> str:
        """POST …/fail."""
        body: JsonObject = {
            "error_class": str(outcome.error_class),
            "message": outcome.message,
            "retryable": outcome.retryable,
        }
        optional: JsonObject = {
            "remedy": outcome.remedy,
            "exit_code": outcome.exit_code,
            "usage": outcome.usage or None,
            "output": outcome.output or None,
        }
        body |= {name: value for name, value in optional.items() if value is not None}
        return str(self._call("POST", "fail", body).get("status"))

    def release(self) -> None:
        """POST …/release."""
        self._call("POST", "release", {})

    def _call(
        self,
        method: str,
        action: str,
        body: JsonObject | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        gone: frozenset[int] = LEASE_GONE,
    ) -> JsonObject:
        authorised = {"Authorization": f"Bearer {self._run.lease_token}", **(headers or {})}
        path = f"{run_path(self._run.task_id)}/{action}"
        response = send(
            self._http, method, path, body, query=query, headers=authorised, timeout=timeout
        )
        status = response.status_code
        if status in gone or (status == 409 and _code(response) == "lease_lost"):
            raise LeaseLost(_detail(response))
        if status >= 300:
            raise ApiRefused(status, _detail(response))
        return _json(response)


def run_path(task_id: str) -> str:
    """Task ids may be the client's own; they are made of URL-safe characters but for the colon."""
    return f"/v1/runs/{quote(task_id, safe='')}"


def send(
    http: httpx.Client,
    method: str,
    path: str,
    body: JsonObject | None,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: httpx.Timeout = TIMEOUT,
) -> httpx.Response:
    """Any answer that is final. Raises ApiUnavailable for the others."""
    try:
        response = http.request(
            method,
            path,
            content=None if body is None else encode(body),
            params=query,
            headers={"Content-Type": "application/json", **(headers or {})},
            timeout=timeout,
        )
    except httpx.TransportError as exc:
        raise ApiUnavailable(type(exc).__name__) from exc
    if response.status_code in (408, 425, 429) or response.status_code >= 500:
        raise ApiUnavailable(f"HTTP {response.status_code}", retry_after_s=_retry_after_s(response))
    return response


def _retry_after_s(response: httpx.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None


def _json(response: httpx.Response) -> JsonObject:
    try:
        return decode_object(response.content) if response.content else {}
    except NotJsonObject as exc:
        # A captive portal or a broken proxy says 200 and HTML; the API itself never does.
        raise ApiUnavailable(f"HTTP {response.status_code} with a body that is no JSON") from exc


def _problem(response: httpx.Response) -> JsonObject:
    try:
        return decode_object(response.content)
    except NotJsonObject:
        return {}


def _code(response: httpx.Response) -> str:
    return str(_problem(response).get("code") or "")


def _detail(response: httpx.Response) -> str:
    problem = _problem(response)
    return str(problem.get("detail") or problem.get("title") or f"HTTP {response.status_code}")


def _memory_json(memory: Memory) -> JsonObject:
    plain: JsonObject = {"type": memory.type, "content": memory.content}
    if memory.key is not None:
        plain["key"] = memory.key
    if memory.tags:
        plain["tags"] = list(memory.tags)
    if memory.source is not None:
        plain["source"] = memory.source
    return plain
