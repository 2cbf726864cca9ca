"""How long what a project leaves behind is kept, unless the project says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class RetentionKind(StrEnum):
    """Rows with a time to be kept. Sessions with their conversation, memories, artifacts, tasks and
    results are kept until they are deleted, idempotency keys for a day (domain/idempotency.py).
    In this order, because events wait for their deliveries.
    """

    DELIVERIES = "deliveries"
    """Callbacks that were delivered or given up, since they were made."""
    EVENTS = "events"
    """Of the log; not those of a task that has not ended, and not the last one of a session."""
    ATTEMPTS = "attempts"
    """At tasks that have ended, since their own end."""
    INBOUND_BODIES = "inbound_bodies"
    """Bodies and headers of what was received, in the blob store too."""
    INBOUND_DELIVERIES = "inbound_deliveries"
    """What is left of it: so long a repeated delivery is known."""
    AUDIT = "audit"
    """Entries of the audit log."""


DEFAULT_DAYS: Mapping[RetentionKind, int | None] = {
    RetentionKind.DELIVERIES: 30,
    RetentionKind.EVENTS: 90,
    RetentionKind.ATTEMPTS: 90,
    RetentionKind.INBOUND_BODIES: 30,
    RetentionKind.INBOUND_DELIVERIES: 400,
    RetentionKind.AUDIT: 400,
}
"""None: for ever."""
MAX_DAYS = 36_500
PRUNE_EVERY_S = 86_400
"""A walk through the rows of a kind begins once a day: what is due goes within a day."""
PRUNE_PAGE = 500
"""Rows that one statement looks at."""
