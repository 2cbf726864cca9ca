"""Port to the transactional outbox: what is committed and not yet pushed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aiwebhook.ports.messaging import OutboxRow


class OutboxStore(Protocol):
    """Rows written with a change; deleted once SQS or SNS has taken them."""

    def stale_outbox(self, *, older_than_s: float, after: int, limit: int) -> Sequence[OutboxRow]:
        """Rows older than that with an id above `after`, oldest first. Raises Unavailable."""
        ...

    def delete_outbox(self, outbox_ids: Sequence[int]) -> None:
        """Forget rows that were pushed; ids already gone are fine. Raises Unavailable."""
        ...
