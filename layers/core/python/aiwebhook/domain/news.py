"""How much news a reply tells."""

from __future__ import annotations

UPDATES_PER_REPLY = 20
"""The oldest; the rest is told as these are acknowledged, and counted meanwhile."""
ELSEWHERE_PER_REPLY = 3
"""News of other sessions is a hint beside the answer, not a list."""
MOST_TIMES = 5
"""A model that never acknowledges does not announce one task for ever: from then on it is counted,
and get_updates has it.
"""
COUNTED_UP_TO = 1_000
"""A count that stops there costs the same however much was never acknowledged."""
