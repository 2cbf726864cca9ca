"""How long journeys wait for what happens elsewhere."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(kw_only=True)
class Patience:
    """`within_s` for everything; once `refused` says that a role was refused what it needs, only
    `after_refusal_s` more: the same right is refused each time that somebody tries again.
    """

    within_s: float = 60.0
    after_refusal_s: float = math.inf
    refused: Callable[[], bool] = lambda: False

    def eventually(
        self, probe: Callable[[], T | None], *, within_s: float = math.inf, every_s: float = 0.05
    ) -> T:
        """The first result of `probe` that is neither None, False nor empty.

        Raises AssertionError when there is none in time; `within_s` only shortens it.
        """
        deadline = time.monotonic() + min(self.within_s, within_s)
        refused = False
        pause = threading.Event()
        while True:
            result = probe()
            if result:
                return result
            if not refused and self.refused():
                refused = True
                deadline = min(deadline, time.monotonic() + self.after_refusal_s)
            assert time.monotonic() < deadline, "what the journey waits for did not happen"
            pause.wait(every_s)
