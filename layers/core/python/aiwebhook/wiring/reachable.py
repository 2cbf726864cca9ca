"""Waiting until AWS can be reached from the VPC: a deployment may just have replaced its NAT."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from aiwebhook.aws.signed_request import AwsRefused
from aiwebhook.errors import Unavailable

Reached = TypeVar("Reached")
PAUSE_S = 2.0


def once_reachable(
    call: Callable[[], Reached],
    *,
    within_s: float,
    pause: Callable[[float], object] | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Reached:
    """What `call` returns, which may be repeated until AWS answers. Raises AwsRefused at once, for
    that is an answer; any other Unavailable after `within_s`.
    """
    wait = pause or threading.Event().wait
    until = monotonic() + within_s
    while True:
        try:
            return call()
        except AwsRefused:
            raise
        except Unavailable:
            if monotonic() >= until:
                raise
        wait(PAUSE_S)
