"""Senders of webhooks: how each kind signs; and what manages sources, on a test's database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from typing import Any

from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.reconciliation_store import PostgresReconciliationStore
from aiwebhook.postgres.source_store import PostgresSourceStore
from aiwebhook.usecases.manage_reconciliations import ReconciliationServices
from aiwebhook.usecases.manage_sources import SourceServices

SECRET = "a secret of the sender"
WHSEC = "whsec_" + base64.b64encode(b"k" * 32).decode()
Headers = dict[str, str]


def source_services(database: Database, master_key: str) -> SourceServices:
    """As session_api has it."""
    return SourceServices(
        store=PostgresSourceStore(database),
        box=lambda: SecretBox(master_key),
        randomness=os.urandom,
    )


def reconciliation_services(database: Database, master_key: str) -> ReconciliationServices:
    """As session_api has it in the local stack."""
    return ReconciliationServices(
        store=PostgresReconciliationStore(database),
        box=lambda: SecretBox(master_key),
        randomness=os.urandom,
        allow_loopback=True,
    )


def mac(secret: str, signed: bytes) -> bytes:
    return hmac.new(secret.encode(), signed, hashlib.sha256).digest()


def github(body: bytes, at: int, secret: str = SECRET) -> Headers:
    return {
        "X-Hub-Signature-256": f"sha256={mac(secret, body).hex()}",
        "X-GitHub-Event": "invoice.paid",
        "X-GitHub-Delivery": "evt_1",
    }


def standard(body: bytes, at: int, secret: str = WHSEC) -> Headers:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"evt_1.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1a,AAAA v1,{base64.b64encode(signed).decode()}",
    }


def svix(body: bytes, at: int, secret: str = WHSEC) -> Headers:
    return {n.replace("webhook-", "svix-"): v for n, v in standard(body, at, secret).items()}


def stripe(body: bytes, at: int, secret: str = SECRET) -> Headers:
    signature = mac(secret, f"{at}.".encode() + body).hex()
    return {"Stripe-Signature": f"t={at},v1=00,v1={signature},v0=11"}


def slack(body: bytes, at: int, secret: str = SECRET) -> Headers:
    signature = mac(secret, f"v0:{at}:".encode() + body).hex()
    return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={signature}"}


def own(body: bytes, at: int, secret: str = SECRET) -> Headers:
    return {"X-Signature": mac(secret, body).hex(), "X-Request-Id": "evt_1"}


def own_base64(body: bytes, at: int, secret: str = SECRET) -> Headers:
    return {"X-Mac": "v1:" + base64.b64encode(mac(secret, body)).decode(), "X-Request-Id": "evt_1"}


Sign = Callable[..., Headers]
HMAC_RULES = {"dedupe_header": "x-request-id"}
OWN_RULES = {**HMAC_RULES, "header": "x-mac", "encoding": "base64", "prefix": "v1:"}
KINDS: dict[str, tuple[str, Sign, str, dict[str, Any]]] = {
    "github": ("github", github, SECRET, {}),
    "standard": ("standard_webhooks", standard, WHSEC, {}),
    "svix": ("standard_webhooks", svix, WHSEC, {}),
    "stripe": ("stripe", stripe, SECRET, {}),
    "slack": ("slack", slack, SECRET, {}),
    "hmac": ("hmac", own, SECRET, HMAC_RULES),
    "hmac base64": ("hmac", own_base64, SECRET, OWN_RULES),
}
