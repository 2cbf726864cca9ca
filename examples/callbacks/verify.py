"""Checks the signature of a callback (Standard Webhooks 1.0). Python's library alone.

`python verify.py SECRET ID TIMESTAMP SIGNATURE < body` says yes or no, by its exit code too.
"""

import base64
import hashlib
import hmac
import sys
import time

TOLERANCE_S = 300


def is_genuine(
    secret: str, headers: dict[str, str], body: bytes, *, now: float | None = None
) -> bool:
    """`headers` with names in lower case; `body` exactly as it came, before any parsing."""
    stamp = headers.get("webhook-timestamp", "")
    if not stamp.isdigit():
        return False
    if abs((time.time() if now is None else now) - int(stamp)) > TOLERANCE_S:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers.get('webhook-id', '')}.{stamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers.get("webhook-signature", "").split()  # two during a rotation
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)


if __name__ == "__main__":
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    genuine = is_genuine(
        sys.argv[1], dict(zip(names, sys.argv[2:5], strict=True)), sys.stdin.buffer.read()
    )
    print("yes" if genuine else "no")
    sys.exit(not genuine)
