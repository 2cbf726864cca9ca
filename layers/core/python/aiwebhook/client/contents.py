"""The bytes of an artifact, however the answer carries them."""

from __future__ import annotations

import base64
import io
from contextlib import closing

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
    return _fetched(str(artifact["content_url"]))


def _fetched(url: str) -> bytes:
    into = io.BytesIO()
    try:
        with closing(Wire(url)) as wire:
            status = wire.exchange(
                ClientRequest(method="GET", timeout_s=_TIMEOUT_S, into=into)
            ).status
    except WireError as exc:
        raise Unavailable(f"The content could not be fetched ({exc}).") from exc
    if status >= FIRST_ERROR:
        raise Unavailable(
            f"The content could not be fetched (HTTP {status}).",
            remedy="Read the artifact again: its address works for 15 minutes.",
        )
    return into.getvalue()
