"""Reads and writes content in the object store, by pre-signed URLs and without the API key."""

from __future__ import annotations

import base64
import io
from contextlib import closing
from pathlib import Path

from aiwebhook.client.runs import RunUpload
from aiwebhook.client.transport import Json
from aiwebhook.client.wire import FIRST_ERROR, ClientRequest, Wire, WireError
from aiwebhook.errors import Unavailable

_TIMEOUT_S = 300.0


def artifact_bytes(artifact: Json) -> bytes:
    """The content of an artifact that `Client.artifact` returned, whether as text, as base64 or at
    `content_url`. Raises Unavailable.
    """
    if artifact.get("content") is not None:
        return str(artifact["content"]).encode("utf-8", "surrogatepass")
    if artifact.get("content_base64") is not None:
        return base64.b64decode(artifact["content_base64"])
    into = io.BytesIO()
    request = ClientRequest(method="GET", timeout_s=_TIMEOUT_S, into=into)
    _exchange("fetched", str(artifact["content_url"]), request)
    return into.getvalue()


def download(url: str, path: Path) -> None:
    """Write the content at `url` to a file. Raises Unavailable."""
    with path.open("wb") as file:
        request = ClientRequest(method="GET", timeout_s=_TIMEOUT_S, into=file)
        _exchange("fetched", url, request)


def put(upload: RunUpload, path: Path) -> None:
    """Upload a file to the URL that `Run.request_upload` returned. Raises Unavailable."""
    with path.open("rb") as file:
        headers = {"Content-Length": str(path.stat().st_size), **upload.headers}
        request = ClientRequest(method="PUT", headers=headers, body=file, timeout_s=_TIMEOUT_S)
        _exchange("stored", upload.url, request)


def _exchange(verb: str, url: str, request: ClientRequest) -> None:
    """Raises Unavailable for every failure, even 403: the URL has expired, and the caller's next
    try requests a new one.
    """
    try:
        with closing(Wire(url)) as wire:
            status = wire.exchange(request).status
    except WireError as exc:
        raise Unavailable(f"The content could not be {verb} ({exc}).") from exc
    if status >= FIRST_ERROR:
        raise Unavailable(
            f"The content could not be {verb} (HTTP {status}).",
            remedy="Ask for its address again: one works for 15 minutes.",
        )
