"""How many updates a reply carries."""

from __future__ import annotations

UPDATES_PER_REPLY = 20
"""The oldest ones; the rest is counted, and follows as these are acknowledged."""
ELSEWHERE_PER_REPLY = 3
"""News of other sessions is a hint beside the answer, not a list."""
MOST_TIMES = 5
"""A model that never acknowledges does not announce one task for ever: from then on it is counted,
and get_updates has it.
"""
NEWS_COUNTED_UP_TO = 1_000
"""A count that stops there costs the same however much was never acknowledged."""
