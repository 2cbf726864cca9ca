"""Receivers of MCP events behind the port of senders: they send challenges back, and verify what
comes by the official library.
"""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

from aiwebhook.clock import utc_now
from aiwebhook.domain.delivery import Answered, SendOutcome
from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.ports.deliveries import Callback
from aiwebhook.ports.messaging import DeliveryRinger
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.oauth_store import PostgresOAuthStore
from aiwebhook.postgres.observation_store import PostgresObservationStore
from aiwebhook.postgres.subscription_store import PostgresSubscriptionStore
from aiwebhook.usecases.subscribe import SubscriptionServices

Json = dict[str, Any]
Answer = SendOutcome | Callable[[Callback], SendOutcome]
TAKEN = Answered(status=200)


def echoed(callback: Callback) -> SendOutcome:
    """The challenge of a verification, as it came."""
    challenge = json.loads(callback.body)["challenge"]
    return Answered(status=200, snippet=json.dumps({"challenge": challenge}))


def is_verification(callback: Callback) -> bool:
    """Whether it asks for a challenge to be sent back."""
    return type_of(callback) == "verification"


def type_of(callback: Callback) -> str | None:
    """Of a control message; None for an event."""
    return json.loads(callback.body).get("type")


@dataclass
class McpReceivers:
    """Answers by URL from scripts; without one it echoes challenges and takes events."""

    script: dict[str, deque[Answer]] = field(default_factory=dict[str, deque[Answer]])
    sent: list[Callback] = field(default_factory=list[Callback])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, callback: Callback, *, within_s: float = 0.0) -> SendOutcome:  # noqa: ARG002 - the port's signature
        """What the script says next."""
        with self._lock:
            self.sent.append(callback)
            answers = self.script.get(callback.url)
            answer = answers.popleft() if answers else None
        if answer is None:
            return echoed(callback) if is_verification(callback) else TAKEN
        return answer(callback) if callable(answer) else answer

    def answer(self, url: str, *answers: Answer) -> None:
        """What the URL says next."""
        self.script.setdefault(url, deque()).extend(answers)

    def challenges(self, url: str) -> list[Callback]:
        """Verifications that came, in order."""
        return [each for each in self.sent if each.url == url and is_verification(each)]

    def events(self, url: str) -> list[Callback]:
        """Events that came, in order."""
        return [each for each in self.sent if each.url == url and type_of(each) is None]

    def controls(self, url: str) -> list[Callback]:
        """Other control messages that came, in order."""
        others = {None, "verification"}
        return [each for each in self.sent if each.url == url and type_of(each) not in others]


def verified(callback: Callback, secret: str) -> Json:
    """The body, by the official library. Raises WebhookVerificationError."""
    return Webhook(secret).verify(callback.body, dict(callback.headers))


def subscriptions_on(
    database: Database, receivers: McpReceivers, ringer: DeliveryRinger, master_key: str
) -> SubscriptionServices:
    """What session_api subscribes with; these are the receivers."""
    return SubscriptionServices(
        store=PostgresSubscriptionStore(database),
        log=PostgresObservationStore(database),
        doors=PostgresOAuthStore(database),
        sender=lambda: receivers,
        box=lambda: SecretBox(master_key),
        ringer=lambda: ringer,
        clock=utc_now,
        randomness=os.urandom,
        allow_loopback=True,
    )
