"""Lanes of callbacks: silent receivers wait apart from those that answer (ADR 0008)."""

from __future__ import annotations

from enum import StrEnum


class Lane(StrEnum):
    """The queue from which deliveries are claimed."""

    FIRST = "first"
    """First tries of receivers not known to be silent: little patience."""
    RETRY = "retry"
    """Everything else: retries, redeliveries, receivers that timed out when last contacted."""


PATIENCE_S = {Lane.FIRST: 5.0, Lane.RETRY: 15.0}
"""How long one exchange may take. A receiver that needs longer than a first try gives is not
punished: its second try follows at the ladder's first step, and its later ones start in RETRY."""

CROWDED_WAIT_S = 5
"""When as many notifiers of the lane RETRY as may are held by receivers that are not known to
answer, another such delivery looks again after this."""


def is_responsive(lane: Lane, *, timed_out: bool, answered: bool, ms: int) -> bool | None:
    """Whether the receiver belongs in the lane of first tries from now on.

    None: this attempt says nothing about it (a refused connection costs nobody a wait).
    """
    if timed_out:
        return False
    if not answered:
        return None
    return lane is Lane.FIRST or ms <= 1000 * PATIENCE_S[Lane.FIRST]
