"""What docs/wire.md talks to: relay, session_api, dispatcher and notifier of one project, on real
Postgres, with fakes outside.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

from aiwebhook.aws.sns import cloud_event
from aiwebhook.clock import utc_now
from aiwebhook.domain.identity import DEFAULT_PROJECT, Scope
from aiwebhook.domain.lane import Lane
from aiwebhook.domain.lease import LEASE_S
from aiwebhook.ports.deliveries import Callback, DueEvent
from aiwebhook.ports.queue_rows import ClaimOrder
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.inbound_store import PostgresInboundStore
from aiwebhook.usecases.accept_delivery import WebhookSource
from aiwebhook.usecases.deliver_callback import NotifierServices, deliver_callbacks
from aiwebhook.usecases.deliver_subscribed import SubscriptionDeliveries
from aiwebhook.wiring.relay import rule_services_on
from aiwebhook.wiring.relay_parts import RelayParts
from relay.door import RelayDoor
from tests.support.commands import open_database
from tests.support.follower import Follower
from tests.support.http_front import rest_event
from tests.support.notifier import FakeSender
from tests.support.oauth import Connecting
from tests.support.session_api import MASTER_KEY, ApiDriver, Outside
from tests.support.wire_document import RELAY, Block, Got, values

GITHUB_SECRET = "It's a Secret to Everybody"


class World:
    """Answers the document's requests, and remembers what later ones refer to."""

    def __init__(self, dsn: str) -> None:
        self.api = ApiDriver(dsn, project_id="garden", outside=Outside())
        database = open_database(dsn)
        self.api.outside.databases.append(database)
        self.relay = RelayDoor(
            RelayParts(
                authenticator=self.api.api.authenticator,
                inbound=PostgresInboundStore(database),
                services=self.api.api.commands,
                github=lambda: WebhookSource(project_id="garden", secrets=[GITHUB_SECRET]),
                master_key=MASTER_KEY.encode,
                rules=lambda: rule_services_on(database, self.api.api.commands),
            )
        )
        self.seen: dict[str, str] = {
            "reading_key": self.api.make_key(Scope.READ),
            "key_of_default": ApiDriver(
                dsn, project_id=DEFAULT_PROJECT, outside=self.api.outside
            ).key,
        }
        self.sent: list[Callback] = []
        self._deliveries = PostgresDeliveryStore(database)

    def close(self) -> None:
        self.api.outside.close()

    def send(self, method: str, target: str, headers: dict[str, str], body: str) -> Got:
        """One request, with the admin key unless it brings credentials of its own."""
        sent = {"Content-Type": "application/json", **headers}
        if not {"Authorization", "X-Hub-Signature-256", "Webhook-Signature"} & set(sent):
            sent["Authorization"] = f"Bearer {self.api.key}"
        event = rest_event(method, target, headers=sent, body=body.encode())
        is_relay = event["path"] in RELAY or event["path"].startswith("/webhook/")
        door = self.relay if is_relay else self.api
        answer = door.answer(event)
        text = answer["body"]
        if answer["isBase64Encoded"]:
            text = base64.b64decode(text).decode()
        is_json = "json" in answer["headers"]["Content-Type"]
        got = Got(
            status=answer["statusCode"],
            headers=answer["headers"],
            body=json.loads(text) if text and is_json else text or None,
        )
        self.seen |= dict(values(got.body))
        return got

    def meanwhile(self, what: str) -> None:
        """What happens between two examples."""
        steps: dict[str, Callable[[], None]] = {
            "the dispatcher launches a run of the researcher": self._launch,
            "a chat subscribes to task.updated": self._subscribe,
            "the notifier sends what is due": self._notify,
            "Ana signs in and allows a program named Chat": self._connect,
        }
        steps[what]()

    def callback(self, shown: Block) -> Got:
        """The newest callback of the kind that is shown."""
        wanted = json.loads(shown.body)["type"]
        sent = [c for c in self.sent if json.loads(c.body)["type"] == wanted][-1]
        return Got(status=None, headers=dict(sent.headers), body=json.loads(sent.body))

    def signed_by_the_book(self, secret: str) -> bool:
        """Whether the newest callback carries the signature that the document describes."""
        sent = self.sent[-1]
        signed = f"{sent.headers['webhook-id']}.{sent.headers['webhook-timestamp']}.".encode()
        key = base64.b64decode(secret.removeprefix("whsec_"))
        mac = hmac.new(key, signed + sent.body, hashlib.sha256).digest()
        return f"v1,{base64.b64encode(mac).decode()}" in sent.headers["webhook-signature"]

    def cloud_event(self, shown: Block) -> Got:
        """The newest published event of the type that is shown."""
        wanted = json.loads(shown.body)["type"]
        published = [e for e in self.api.outside.publisher.published if e.type == wanted]
        return Got(status=None, headers={}, body=cloud_event(published[-1]))

    def _launch(self) -> None:
        order = ClaimOrder(project_id="garden", agent_name="researcher", limit=1, lease_s=LEASE_S)
        (claimed,) = self.api.api.runs.claim_tasks(order)
        self.seen["bootstrap_code"] = self.api.api.lease_keys().bootstrap_code(claimed.attempt_id)

    def _subscribe(self) -> None:
        Follower(driver=self.api, url="https://chat.example.com/hook").subscribe()

    def _connect(self) -> None:
        client = Connecting(driver=self.api)
        client.code = self.seen["sign_in_code"]
        client.connected()

    def _notify(self) -> None:
        sender = FakeSender()
        services = NotifierServices(
            store=self._deliveries,
            subscriptions=SubscriptionDeliveries(
                store=self.api.api.subscriptions.store, box=self.api.api.subscriptions.box
            ),
            sender=sender,
            ringer=self.api.outside.ringer,
            keys=lambda: self.api.api.endpoints().keys,
            clock=utc_now,
            random=lambda: 0.5,
        )
        numbers = [event.event_no for event in self.api.outside.publisher.published]
        numbers += [number for _, number, _ in self.api.outside.ringer.rung]
        due = [DueEvent(project_id="garden", event_no=number) for number in numbers]
        deliver_callbacks(due, services, Lane.FIRST)
        deliver_callbacks(due, services, Lane.RETRY)
        self.sent += sender.sent
