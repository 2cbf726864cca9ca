"""When to ask again if a request was not held."""

from __future__ import annotations

BUSY_POLL_MS, IDLE_POLL_MS = 2_000, 5_000
"""While something happens, and then."""
LATELY_S = 60.0
"""So long after an event of its project something is happening."""
NEXT_POLL_HEADER = "X-Next-Poll-Ms"
"""Of answers without a body."""
