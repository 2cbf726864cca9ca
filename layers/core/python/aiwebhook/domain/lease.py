"""Leases: who may speak for a run, proven by HMACs that need no storage.

Two proofs, derived from the master key under labels of their own, so that one can never pass
for the other:

- the *bootstrap code* travels in the overrides of the launched container (readable by whoever may
describe ECS tasks) and is exchanged once. It is a function of the attempt, so launching again sends
the very same request.
- the *lease token* speaks for one lease epoch until it expires. Fencing does not rest on it: every
statement compares `lease_epoch` with the row.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiwebhook.errors import Forbidden, Unauthorized

# Seconds that a heartbeat is good for: three missed ones are too many. The next sweep then frees
# the task for another run (usecases/reap.py, launch_run.py); a heartbeat before that renews it.
LEASE_S = 60
HEARTBEAT_S = 20
# A run reports after its timeout, too: the epoch is the fence, not the expiry.
TOKEN_GRACE = timedelta(hours=1)

_BOOTSTRAP = b"aiwebhook bootstrap code v1"
_LEASE = b"aiwebhook lease token v1"
_MAX_TOKEN = 2048  # characters; longest possible ids stay well below


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLease:
    """The right to speak for one attempt at a task."""

    project_id: str
    task_id: str
    lease_epoch: int


class LeaseKeys:
    """Makes and checks both proofs. Instances of one master key agree; the repr shows no key."""

    __slots__ = ("_bootstrap", "_lease")

    def __init__(self, master_key: bytes | str) -> None:
        """`master_key` is the one of AppSecret."""
        master = master_key.encode() if isinstance(master_key, str) else master_key
        self._bootstrap = _mac(master, _BOOTSTRAP)
        self._lease = _mac(master, _LEASE)

    def __repr__(self) -> str:
        return "LeaseKeys(…)"

    def bootstrap_code(self, attempt_id: str) -> str:
        """`<attempt_id>.<mac>`: names the attempt, so that the exchange needs neither project
        nor API key.
        """
        return f"{attempt_id}.{_text(_mac(self._bootstrap, attempt_id.encode()))}"

    def verify_bootstrap_code(self, code: str) -> str:
        """The attempt id. Raises Forbidden; whether the attempt is still to be started is
        the statement's guard.
        """
        attempt_id, _, mac = code[:_MAX_TOKEN].rpartition(".")
        if not _equal(mac, _mac(self._bootstrap, attempt_id.encode("utf-8", "replace"))):
            raise Forbidden("The bootstrap code is not valid.", code="bad_bootstrap_code")
        return attempt_id

    def lease_token(self, lease: RunLease, expires_at: datetime) -> str:
        """A bearer token for this lease, valid until `expires_at` (whole seconds)."""
        claims = [lease.project_id, lease.task_id, lease.lease_epoch, int(expires_at.timestamp())]
        body = _text(json.dumps(claims, separators=(",", ":")).encode())
        return f"lt1.{body}.{_text(_mac(self._lease, body.encode()))}"

    def verify_lease_token(self, token: str, now: datetime) -> RunLease:
        """The lease the token speaks for. Raises Unauthorized on all but a live token of ours."""
        head, _, mac = token[:_MAX_TOKEN].rpartition(".")
        kind, _, body = head.partition(".")
        expected = _mac(self._lease, body.encode("utf-8", "replace"))
        if kind != "lt1" or not _equal(mac, expected):
            raise _not_valid("is not valid")
        project_id, task_id, lease_epoch, expires_at = json.loads(_bytes(body))
        if now >= datetime.fromtimestamp(expires_at, UTC):
            raise _not_valid("has expired")
        return RunLease(project_id=project_id, task_id=task_id, lease_epoch=lease_epoch)


def _not_valid(what: str) -> Unauthorized:
    return Unauthorized(
        f"The lease token {what}.",
        code="bad_lease_token",
    )


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256)


def _equal(text: str, expected: bytes) -> bool:
    return hmac.compare_digest(text.encode("utf-8", "replace"), _text(expected).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as exc:  # only a token that we signed gets here, and ours decode
        raise _not_valid("is not valid") from exc
