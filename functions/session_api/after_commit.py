"""What happens after the commit of a run's write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.usecases.post_outbox import post_outbox

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


def post(api: SessionApi, rows: Sequence[OutboxRow]) -> None:
    """Flush the write's outbox rows and wake long polls. Never raises."""
    post_outbox(api.runs, rows, waker=api.commands.waker, publisher=api.commands.publisher)
