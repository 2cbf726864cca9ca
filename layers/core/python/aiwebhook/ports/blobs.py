"""Port to the blob store: bytes under the name of their SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

VALID_S = 900  # seconds that a pre-signed URL is valid
INLINE_LIMIT = 256 * 1024  # bytes; larger content goes to the blob store


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A pre-signed PUT: the client must send exactly these headers with the bytes."""

    url: str
    headers: dict[str, str]


class BlobStore(Protocol):
    """Content-addressed bytes, per project. Putting the same bytes twice is harmless."""

    def put(self, *, project_id: str, content: bytes) -> bytes:
        """Store and return the SHA-256 digest (32 bytes). Raises Unavailable."""
        ...

    def get(self, *, project_id: str, sha256: bytes) -> bytes:
        """The bytes. Raises NotFound, Unavailable."""
        ...

    def size(self, *, project_id: str, sha256: bytes) -> int | None:
        """Size in bytes, or None when absent. Raises Unavailable."""
        ...

    def presign_put(self, *, project_id: str, sha256: bytes, size: int) -> Upload:
        """The URL to PUT exactly `size` bytes of this digest, valid 15 minutes. No network call."""
        ...

    def presign_get(
        self, *, project_id: str, sha256: bytes, content_type: str | None = None
    ) -> str:
        """The URL to GET these bytes, as `content_type`, valid 15 minutes. No network call."""
        ...
