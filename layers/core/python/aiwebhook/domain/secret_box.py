"""Secrets of users, as stored in the database: sealed under the master key. Pure.

A box is nonce, ciphertext and tag: HMAC-SHA256 in counter mode, then HMAC-SHA256 over all of it and
over the box's purpose, so that it opens for no other (encrypt-then-MAC, with two keys derived from
the master key). Python's standard library has no cipher, and 64 bytes need none.
"""

from __future__ import annotations

import hmac

NONCE_BYTES = 16
_TAG_BYTES = 32
_BLOCK = 32
_LABEL = b"aiwebhook secret box v1\x00"


class NotSealed(ValueError):
    """The bytes are not a box of this master key for this purpose."""


class SecretBox:
    """Seals and opens under one master key."""

    __slots__ = ("_cipher", "_mac", "_mark")

    def __init__(self, master_key: bytes | str) -> None:
        """`master_key` is the one of AppSecret."""
        master = master_key.encode() if isinstance(master_key, str) else master_key
        self._cipher = hmac.digest(master, _LABEL + b"cipher", "sha256")
        self._mac = hmac.digest(master, _LABEL + b"mac", "sha256")
        self._mark = hmac.digest(master, _LABEL + b"mark", "sha256")

    def seal(self, purpose: str, secret: bytes, *, nonce: bytes) -> bytes:
        """The box; `nonce` is 16 random bytes, never used twice."""
        sealed = nonce + self._crossed(nonce, secret)
        return sealed + self._tag(purpose, sealed)

    def open(self, purpose: str, box: bytes) -> bytes:
        """The secret. Raises NotSealed."""
        sealed, tag = box[:-_TAG_BYTES], box[-_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(purpose, sealed)):
            raise NotSealed(purpose)
        return self._crossed(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:])

    def mark(self, purpose: str, secret: bytes) -> bytes:
        """A fingerprint: equal for equal secrets, and useless for finding them."""
        return hmac.digest(self._mark, purpose.encode() + b"\x00" + secret, "sha256")

    def __repr__(self) -> str:
        return "SecretBox(…)"

    def _crossed(self, nonce: bytes, text: bytes) -> bytes:
        blocks = range(-(-len(text) // _BLOCK))
        stream = b"".join(
            hmac.digest(self._cipher, nonce + block.to_bytes(4), "sha256") for block in blocks
        )
        return bytes(one ^ other for one, other in zip(text, stream, strict=False))

    def _tag(self, purpose: str, sealed: bytes) -> bytes:
        return hmac.digest(self._mac, purpose.encode() + b"\x00" + sealed, "sha256")
