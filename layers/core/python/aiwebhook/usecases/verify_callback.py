"""Verifies that an address agrees to receive callbacks: it must return a challenge."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import datetime
from typing import Any, cast

from aiwebhook.domain.delivery import Answered
from aiwebhook.domain.lane import PATIENCE_S, Lane
from aiwebhook.domain.subscription_delivery import error_word
from aiwebhook.ports.deliveries import CallbackSender
from aiwebhook.usecases.subscription_message import Receiver, body_of

CHALLENGE_FAILED = "challenge_failed"
CHALLENGE_BYTES = 24


def verify_callback(
    sender: CallbackSender, receiver: Receiver, *, nonce: bytes, at: datetime
) -> str | None:
    """None when verified; else the reason as a code for the client, without anything the address
    sent. One exchange, through the same guard as every callback.
    """
    challenge = base64.urlsafe_b64encode(nonce).decode("ascii")
    body = body_of({"type": "verification", "challenge": challenge})
    message_id = f"msg_verification_{nonce[:8].hex()}"
    outcome = sender.send(receiver.message(message_id, body, at), within_s=PATIENCE_S[Lane.FIRST])
    if isinstance(outcome, Answered) and 200 <= outcome.status < 300:
        return None if _echoes(outcome.snippet, challenge) else CHALLENGE_FAILED
    return error_word(outcome)


def _echoes(text: str, challenge: str) -> bool:
    try:
        said: Any = json.loads(text)
    except ValueError:
        return False
    echoed = cast("dict[str, Any]", said).get("challenge") if isinstance(said, dict) else None
    if not isinstance(echoed, str):
        return False
    return hmac.compare_digest(echoed.encode("utf-8", "replace"), challenge.encode())
