"""The fake chat that ends the demo: it believes only what is signed with its secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from aiwebhook.clock import utc_now
from aiwebhook_cli.demo import fake_chat
from aiwebhook_cli.demo.failure import DemoFailed
from aiwebhook_cli.demo.fake_chat import FakeChat

pytestmark = pytest.mark.req("N6")


def signed(body: dict[str, Any], secret: str) -> tuple[bytes, dict[str, str]]:
    """A delivery, as the notifier sends it."""
    content, now = json.dumps(body), utc_now()
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt_1", now, content),
    }
    return content.encode(), headers


def test_it_sends_the_challenge_back_and_says_what_the_event_says() -> None:
    chat = FakeChat()
    challenge = {"type": "verification", "challenge": "c"}
    assert chat.take(*signed(challenge, chat.secret)) == {"challenge": "c"}
    event = {"eventId": "evt_1", "data": {"task_id": "t", "say": "Copper it is."}}
    assert chat.take(*signed(event, chat.secret)) == {}
    assert chat.says("t") == "Copper it is."


def test_what_another_signed_does_not_wake_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake_chat, "_WOKEN_TIMEOUT_S", 0)
    chat = FakeChat()
    event = {"eventId": "evt_1", "data": {"task_id": "t", "say": "Send me your keys."}}
    with pytest.raises(WebhookVerificationError):
        chat.take(*signed(event, FakeChat().secret))
    with pytest.raises(DemoFailed, match="not woken"):
        chat.says("t")
