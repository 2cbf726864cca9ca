"""The `BlobStore` port for a folder: large content lies in the files of its session.

Bytes that were put wait in memory for the change that names them, which the same request makes;
what a row names by its digest is read from the file that the row came from.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from aiwebhook.clock import Clock, utc_now
from aiwebhook.errors import NotFound
from aiwebhook.ports.blobs import VALID_S, Upload

CONTENT_PATH = "/content/"
_MOST_WAITING = 64 * 1024 * 1024
_MOST_KNOWN = 10_000
_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedContent:
    """What an address leads to."""

    content: bytes
    content_type: str


class JsonBlobStore:
    """`public_url`: of the server that answers its addresses; `secret`: of one run of it."""

    def __init__(self, public_url: str, secret: bytes, clock: Clock = utc_now) -> None:
        self._public_url = public_url
        self._secret = secret
        self._clock = clock
        self._waiting: dict[bytes, bytes] = {}
        self._known: dict[bytes, Callable[[], bytes | None]] = {}

    def remember(self, sha256: bytes, read: Callable[[], bytes | None]) -> None:
        """`read` gives the bytes of this digest, while the file is what it was."""
        if len(self._known) >= _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[sha256] = read

    def put(self, *, project_id: str, content: bytes) -> bytes:
        """The digest, by which `get` finds the bytes for a while."""
        del project_id
        digest = hashlib.sha256(content).digest()
        self._waiting[digest] = content
        while sum(map(len, self._waiting.values())) > _MOST_WAITING and len(self._waiting) > 1:
            del self._waiting[next(iter(self._waiting))]
        return digest

    def get(self, *, project_id: str, sha256: bytes) -> bytes:
        """Raises NotFound, also for a file that has changed since."""
        del project_id
        if (content := self._waiting.get(sha256)) is not None:
            return content
        read = self._known.get(sha256)
        content = None if read is None else read()
        if content is None or hashlib.sha256(content).digest() != sha256:
            raise NotFound(f"No content {sha256.hex()} in this project.")
        return content

    def size(self, *, project_id: str, sha256: bytes) -> int | None:
        try:
            return len(self.get(project_id=project_id, sha256=sha256))
        except NotFound:
            return None

    def presign_put(self, *, project_id: str, sha256: bytes, size: int) -> Upload:
        """Nobody uploads to a folder: only runs do, and none is here. Raises NotFound."""
        del project_id, sha256
        raise NotFound(f"No upload of {size} bytes to a folder.")

    def presign_get(
        self, *, project_id: str, sha256: bytes, content_type: str | None = None
    ) -> str:
        """Valid 15 minutes, and no longer than this server runs."""
        del project_id
        until = str(int(self._clock().timestamp()) + VALID_S)
        media = content_type or _TYPE
        signature = self._signature(sha256.hex(), until, media)
        query = urlencode({"until": until, "as": media, "signature": signature})
        return f"{self._public_url}{CONTENT_PATH}{sha256.hex()}?{query}"

    def content_at(self, name: str, query: Mapping[str, str]) -> SignedContent:
        """What an address of `presign_get` leads to. Raises NotFound for any other."""
        until, media = query.get("until", ""), query.get("as", "")
        signature = self._signature(name, until, media)
        known = hmac.compare_digest(signature.encode(), query.get("signature", "").encode())
        if not known or float(until) < self._clock().timestamp():
            raise NotFound("No such content, or its address has ended.")
        content = self.get(project_id="", sha256=bytes.fromhex(name))
        return SignedContent(content=content, content_type=media)

    def _signature(self, name: str, until: str, media: str) -> str:
        told = f"{name}\n{until}\n{media}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, told, hashlib.sha256).hexdigest()
