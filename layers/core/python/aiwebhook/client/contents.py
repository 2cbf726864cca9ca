"""What lies in the object store: read and written at pre-signed addresses, without the API key."""

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
    """Of what `Client.artifact` answered: text, base64, or what lies at
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
    """Into a file. Raises Unavailable."""
    with path.open("wb") as file:
        request = ClientRequest(method="GET", timeout_s=_TIMEOUT_S, into=file)
        _exchange("fetched", url, request)


def put(upload: RunUpload, path: Path) -> None:
    """A file to where `Run.request_upload` said. Raises Unavailable."""
    with path.open("rb") as file:
        headers = {"Content-Length": str(path.stat().st_size), **upload.headers}
        request = ClientRequest(method="PUT", headers=headers, body=file, timeout_s=_TIMEOUT_S)
        _exchange("stored", upload.url, request)


def _exchange(what: str, url: str, request: ClientRequest) -> None:
    """Raises Unavailable. Also for 403: an address that ran out is replaced by the next try."""
    try:
        with closing(Wire(url)) as wire:
            status = wire.exchange(request).status
    except WireError as exc:
        raise Unavailable(f"The content could not be {what} ({exc}).") from exc
    if status >= FIRST_ERROR:
        raise Unavailable(
            f"The content could not be {what} (HTTP {status}).",
            remedy="Ask for its address again: one works for 15 minutes.",
        )
