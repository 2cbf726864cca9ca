"""A receiver of callbacks, as a user would write one: the official library checks signatures."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from aiwebhook.clock import utc_now
from aiwebhook_cli.demo.loopback import PostReply, serving_posts


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedCallback:
    """One callback that arrived. `verified` says whether the signature held."""

    received_at: datetime
    webhook_id: str
    verified: bool
    body: dict[str, Any]


class CallbackReceiver:
    """Collects callbacks sent to `url`. The secret is known only after registration."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/callbacks"
        self.secret: str | None = None
        self.callbacks: list[ReceivedCallback] = []
        self._arrived = threading.Condition()

    def take(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Verify and keep one callback."""
        received_at = utc_now()
        try:
            Webhook(self.secret or "").verify(body, dict(headers))
            verified = True
        except WebhookVerificationError:
            verified = False
        callback = ReceivedCallback(
            received_at=received_at,
            webhook_id=headers.get("webhook-id", ""),
            verified=verified,
            body=json.loads(body),
        )
        with self._arrived:
            self.callbacks.append(callback)
            self._arrived.notify_all()

    def wait_for(self, event_type: str, task_id: str, timeout_s: float) -> ReceivedCallback | None:
        """The callback of this event for this task, or None when it did not come in time."""

        def found() -> ReceivedCallback | None:
            for callback in self.callbacks:
                if (
                    callback.body["type"] == event_type
                    and callback.body["data"].get("task_id") == task_id
                ):
                    return callback
            return None

        with self._arrived:
            return self._arrived.wait_for(found, timeout_s)


@contextmanager
def running_receiver() -> Generator[CallbackReceiver]:
    """A receiver on a free loopback port, stopped on the way out."""

    def take(body: bytes, headers: Mapping[str, str]) -> PostReply:
        receiver.take(body, headers)
        return PostReply(status=204)

    with serving_posts(take) as port:
        receiver = CallbackReceiver(port)
        yield receiver
