"""Signatures: Standard Webhooks 1.0 for callbacks that we send, GitHub's HMAC for those we receive.

A check returns a `SignatureCheck` that says why; it never raises, whatever a stranger sends.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiwebhook.errors import Invalid

SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix is no secret
SECRET_OVERLAP_S = 24 * 3600
"""A secret that was replaced signs too for this long: receivers change over in their own time."""
_LABEL = b"aiwebhook callback secret v1\x00"
_ID = re.compile(r"[!-\-/-~]{1,256}")  # visible ASCII without '.', which separates the signed parts
_GITHUB = re.compile(r"sha256=[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureCheck:
    """Whether a signature holds, and why not. True in a condition when it holds."""

    valid: bool
    reason: str

    def __bool__(self) -> bool:
        return self.valid


class CallbackKeys:
    """Signing secrets, derived from the master key: nothing to store, nothing to leak from a row.

    An endpoint's secret changes with its version. A task's own `callback_url` has no endpoint; it
    is signed with its project's secret.
    """

    __slots__ = ("_master",)

    def __init__(self, master_key: bytes | str) -> None:
        """`master_key` is the one of AppSecret."""
        self._master = master_key.encode() if isinstance(master_key, str) else master_key

    def secret(self, endpoint_id: str, version: int) -> str:
        """`whsec_` and base64 of 32 bytes."""
        return self._derive(f"endpoint\x00{endpoint_id}\x00{version}")

    def project_secret(self, project_id: str) -> str:
        """Signs the callbacks of tasks that have a `callback_url` of their own."""
        return self._derive(f"project\x00{project_id}")

    def live_secrets(self, endpoint_id: str, version: int, *, rotating: bool) -> tuple[str, ...]:
        """The secrets that sign now, newest first; while `rotating`, the previous one signs too."""
        versions = [version, version - 1] if rotating and version > 1 else [version]
        return tuple(self.secret(endpoint_id, number) for number in versions)

    def __repr__(self) -> str:
        return "CallbackKeys(…)"

    def _derive(self, subject: str) -> str:
        key = hmac.digest(self._master, _LABEL + subject.encode(), "sha256")
        return SECRET_PREFIX + base64.b64encode(key).decode("ascii")


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>` over `id.timestamp.body`. Raises Invalid when secret or id are malformed."""
    if _ID.fullmatch(message_id) is None:
        raise Invalid("A message id must be 1–256 visible ASCII characters without '.'.")
    return "v1," + _mac(_key(secret), message_id, str(timestamp), body)


def callback_headers(
    secrets: Sequence[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The three headers; one signature per live secret, space separated."""
    signatures = [sign(secret, message_id, timestamp, body) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def verify_github(body: bytes, header: str | None, secrets: Sequence[str]) -> SignatureCheck:
    """Check `X-Hub-Signature-256` over the raw bytes; any of the live secrets may have signed."""
    if not header:
        return SignatureCheck(valid=False, reason="X-Hub-Signature-256 is missing")
    if _GITHUB.fullmatch(header) is None:
        return SignatureCheck(
            valid=False, reason="X-Hub-Signature-256 is not sha256= and 64 hex digits"
        )
    given = header.removeprefix("sha256=")
    # Every secret is tried, so that timing reveals nothing about which one matched.
    matches = [
        hmac.compare_digest(hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(), given)
        for secret in secrets
        if secret  # an empty secret would be everybody's
    ]
    if any(matches):
        return SignatureCheck(valid=True, reason="signed")
    return SignatureCheck(valid=False, reason="no live secret gives this signature")


def _mac(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode("ascii")


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise Invalid("A signing secret must be 'whsec_' and base64.") from exc
    if not key:
        raise Invalid("A signing secret must not be empty.")
    return key
