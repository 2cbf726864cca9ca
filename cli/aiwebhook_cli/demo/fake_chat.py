"""A fake chat app, which stands for ChatGPT in the demo: it follows `task.updated` over POST /mcp,
sends the challenge back, and says what the signed events tell it. There is no model in it.
"""

from __future__ import annotations

import base64
import json
import secrets
import shutil
import ssl
import subprocess
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from standardwebhooks import Webhook, WebhookVerificationError

from aiwebhook.client import Client
from aiwebhook_cli.demo.failure import DemoFailed
from aiwebhook_cli.demo.loopback import PostReply, serving_posts
from aiwebhook_local.stack import StackInfo
from aiwebhook_local.trusted_authority import trust

Json = dict[str, Any]
_WOKEN_TIMEOUT_S = 10.0
_TRIES = 4
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
_FOR_LOOPBACK = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")


class FakeChat:
    """What it was told, by task."""

    def __init__(self) -> None:
        self.secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
        self._told: dict[str, Json] = {}
        self._arrived = threading.Condition()

    def take(self, body: bytes, headers: Mapping[str, str]) -> Json:
        """The answer to a delivery. Raises WebhookVerificationError."""
        delivery = cast("Json", Webhook(self.secret).verify(body, dict(headers)))
        if delivery.get("type") == "verification":
            return {"challenge": delivery["challenge"]}
        with self._arrived:
            self._told[str(delivery["data"].get("task_id"))] = delivery["data"]
            self._arrived.notify_all()
        return {}

    def says(self, task_id: str) -> str:
        """What it says when it is woken by the end of a task. Raises DemoFailed."""
        with self._arrived:
            self._arrived.wait_for(lambda: task_id in self._told, _WOKEN_TIMEOUT_S)
        told = self._told.get(task_id)
        if told is None:
            raise DemoFailed(f"The chat was not woken within {_WOKEN_TIMEOUT_S:g} s.")
        return str(told["say"])


@contextmanager
def following_chat(client: Client, stack: StackInfo | None) -> Generator[FakeChat | None]:
    """A chat that follows all tasks; None where there can be none: events go to https only, so it
    needs a certificate, and a stack that may be told to trust it.
    """
    if stack is None or shutil.which("openssl") is None:
        yield None
        return
    certificate, key = _certificate(stack.home.temporary)
    trust(stack.aws, certificate)
    chat = FakeChat()
    with _serving(chat, certificate, key) as url:
        followed: Json = {"name": "task.updated", "arguments": {}}
        where = {"mode": "webhook", "url": url}
        subscribed = {**followed, "delivery": {**where, "secret": chat.secret}, "cursor": None}
        _subscribe(client, subscribed)
        try:
            yield chat
        finally:
            _call(client, "events/unsubscribe", {**followed, "delivery": where})


def _subscribe(client: Client, params: Json) -> None:
    """Several times: a slow machine may be late for the challenge, and a repetition is harmless."""
    for _ in range(_TRIES - 1):
        with suppress(DemoFailed):
            _call(client, "events/subscribe", params)
            return
    _call(client, "events/subscribe", params)


def _call(client: Client, method: str, params: Json) -> None:
    answer = client.post("/mcp", {"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    if "error" in answer:
        error = answer["error"]
        raise DemoFailed(f"{method} was refused: {error['message']} {error.get('data') or ''}")


def _certificate(folder: Path) -> tuple[Path, Path]:
    """For 127.0.0.1, with its key; good for two days."""
    certificate, key = folder / "fake_chat.crt", folder / "fake_chat.key"
    files = ("-out", str(certificate), "-keyout", str(key))
    command = ["openssl", "req", "-x509", *_NEW_KEY, *_FOR_LOOPBACK, *files]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@contextmanager
def _serving(chat: FakeChat, certificate: Path, key: Path) -> Generator[str]:
    """The address of its receiver, stopped on the way out."""

    def take(body: bytes, headers: Mapping[str, str]) -> PostReply:
        try:
            status, answer = 200, chat.take(body, headers)
        except WebhookVerificationError:
            status, answer = 401, {}
        return PostReply(status=status, body=json.dumps(answer).encode())

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving_posts(take, tls=context) as port:
        yield f"https://127.0.0.1:{port}/events"
