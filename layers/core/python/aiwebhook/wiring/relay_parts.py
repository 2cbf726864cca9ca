"""The dependencies of relay's endpoint, with any store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiwebhook.commands.services import CommandServices
from aiwebhook.ports.authenticator import Authenticator
from aiwebhook.usecases.accept_delivery import WebhookSource

if TYPE_CHECKING:
    from aiwebhook.postgres.inbound_store import PostgresInboundStore
    from aiwebhook.usecases.start_by_rules import RuleServices


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayParts:
    """The dependencies of relay's endpoint. `github` is called per delivery, so that a rotation
    is picked up.
    """

    authenticator: Authenticator
    inbound: PostgresInboundStore
    services: CommandServices
    github: Callable[[], WebhookSource]
    master_key: Callable[[], bytes]
    rules: Callable[[], RuleServices]
