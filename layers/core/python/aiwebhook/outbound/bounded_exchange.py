"""One exchange with a stranger's server, of which either the result comes back or a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import httpcore

from aiwebhook.domain.egress import EgressRefused, EgressTarget, parse_target
from aiwebhook.outbound.guarded_network import FAULTS, ExchangeDeadline, GuardedNetwork

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class NoExchange:
    """Why there was none: a sentence without a full stop."""

    reason: str


def exchange_with(
    network: GuardedNetwork,
    url: str,
    within_s: float,
    use: Callable[[httpcore.HTTPConnection, EgressTarget], Result],
) -> Result | NoExchange:
    """What `use` makes of a connection to the URL's checked address; it may close it."""
    target = parse_target(url, allow_loopback=network.allow_loopback)
    if isinstance(target, EgressRefused):
        return NoExchange(target.reason)
    try:
        connection = network.connection(target, ExchangeDeadline(within_s))
        if isinstance(connection, EgressRefused):
            return NoExchange(connection.reason)
        with connection:
            return use(connection, target)
    except (TimeoutError, httpcore.TimeoutException):
        return NoExchange(f"{target.host} did not answer within {within_s:g} s")
    except FAULTS:
        return NoExchange(f"{target.host} could not be reached")


def body_within(response: httpcore.Response, limit: int) -> bytes | None:
    """The body; None when it has more bytes than that, of which no more are read."""
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
