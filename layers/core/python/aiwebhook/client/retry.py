"""When to try again, and how long to wait before: a decision without I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import random

# 502 and 504 come from the gateway, 429 and 503 from us; none means that the request is wrong.
RETRIED = frozenset({429, 502, 503, 504})
# With these, the function certainly did not act on the request.
NEVER_STARTED = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """At most `attempts` tries. The pause doubles from `base_s` up to `cap_s`; up to half of
    it is jitter.

    A Retry-After of the server is honoured up to `patience_s`; if it asks for more, the call
    fails at once.
    """

    attempts: int = 5
    base_s: float = 0.2
    cap_s: float = 5.0
    patience_s: float = 30.0

    def pause(
        self, attempt: int, *, retry_after_s: float | None, rng: Callable[[], float] = random
    ) -> float | None:
        """Seconds to wait after failed try number `attempt` (from 1); None means give up."""
        if attempt >= self.attempts:
            return None
        if retry_after_s is not None and retry_after_s > self.patience_s:
            return None
        backoff = min(self.cap_s, self.base_s * 2 ** (attempt - 1))
        jittered = backoff * (0.5 + rng() / 2)
        return max(jittered, retry_after_s or 0.0)


DEFAULT_RETRY = RetryPolicy()
NO_RETRY = RetryPolicy(attempts=1)
