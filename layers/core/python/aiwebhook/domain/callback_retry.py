"""When a callback is tried again: Svix's ladder, 75 hours and 35 minutes in ten attempts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LADDER = (
    0,
    5,
    300,
    1_800,
    7_200,
    18_000,
    36_000,
    50_400,
    72_000,
    86_400,
)  # seconds before attempt n
JITTER = 0.2  # of the step, both ways: receivers that fell together do not come back together
SLOW_FLOOR_S = 60.0  # after 429 or a timeout: an overloaded receiver needs more than five seconds
BREAKER_AFTER = 5  # failures in a row
_BREAKER_S = (30, 60, 300, 900, 1_800)
_SECONDS = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """Retry after this many seconds, counted from now."""

    delay_s: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """There is no further step."""

    reason: str


def after_failure(
    attempts: int, *, random: float, retry_after_s: float | None = None, slow: bool = False
) -> TryAgain | GiveUp:
    """What follows the failure of attempt number `attempts` (from 1).

    `random` is in [0, 1). `slow`: the receiver said 429, or did not answer in time.
    Retry-After counts between one and two steps: less would hammer the receiver, more would
    let it switch us off.
    """
    if attempts >= len(LADDER):
        return GiveUp(reason=f"attempt {attempts} of {len(LADDER)} failed")
    step = float(LADDER[attempts])
    if slow:
        step = max(step, SLOW_FLOOR_S)
    if retry_after_s is not None:
        delay = min(max(retry_after_s, step), 2 * step)
        return TryAgain(delay_s=delay, reason=f"Retry-After within {step:g}–{2 * step:g} s")
    delay = step * (1 - JITTER + 2 * JITTER * random)
    if slow:
        delay = max(delay, SLOW_FLOOR_S)
    return TryAgain(delay_s=delay, reason=f"step {attempts} of the ladder, {step:g} s ± 20 %")


def breaker_pause_s(failures: int) -> float | None:
    """How long an endpoint rests after so many failures in a row; None while it need not."""
    if failures < BREAKER_AFTER:
        return None
    return float(_BREAKER_S[min(failures - BREAKER_AFTER, len(_BREAKER_S) - 1)])


def parse_retry_after(header: str | None, *, now: datetime) -> float | None:
    """Seconds of a Retry-After header, in either form of RFC 9110; None when it makes no sense."""
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
