from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwebhook.domain.callback_retry import (
    LADDER,
    GiveUp,
    TryAgain,
    after_failure,
    breaker_pause_s,
    parse_retry_after,
)

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
randoms = st.floats(0, 1, exclude_max=True)


def delay(attempts: int, **more: object) -> float:
    step = after_failure(attempts, **{"random": 0.5, **more})  # pyright: ignore[reportArgumentType]  # a test's shorthand
    assert isinstance(step, TryAgain)
    return step.delay_s


@pytest.mark.req("N3")
def test_the_ladder_has_ten_attempts_in_75_hours_35_minutes_and_5_seconds() -> None:
    waits = [delay(attempts) for attempts in range(1, 10)]
    assert waits == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert sum(LADDER) == 75.5 * 3600 + 305
    assert isinstance(after_failure(10, random=0.5), GiveUp)
    assert isinstance(after_failure(11, random=0.5), GiveUp)


@pytest.mark.req("N3")
@given(attempts=st.integers(1, 9), random=randoms)
def test_jitter_stays_within_a_fifth(attempts: int, random: float) -> None:
    step = LADDER[attempts]
    assert 0.8 * step <= delay(attempts, random=random) <= 1.2 * step


@pytest.mark.req("N3")
@given(attempts=st.integers(1, 9), random=randoms, retry_after=st.floats(0, 1e9))
def test_retry_after_counts_between_one_and_two_steps(
    attempts: int, random: float, retry_after: float
) -> None:
    step = LADDER[attempts]
    assert step <= delay(attempts, random=random, retry_after_s=retry_after) <= 2 * step
    if step <= retry_after <= 2 * step:
        assert delay(attempts, random=random, retry_after_s=retry_after) == retry_after


@pytest.mark.req("N3")
@given(
    attempts=st.integers(1, 9),
    random=randoms,
    retry_after=st.none() | st.floats(0, 1e9),
)
def test_after_429_or_a_timeout_a_minute_passes_at_least(
    attempts: int, random: float, retry_after: float | None
) -> None:
    assert delay(attempts, random=random, retry_after_s=retry_after, slow=True) >= 60


@pytest.mark.req("N3")
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 120 ", 120),
        ("1000000000", 1e9),
        ("Sun, 22 Nov 2026 10:31:00 GMT", 60),
        ("Sun, 22 Nov 2026 10:00:00 GMT", 0),
        ("Sunday, 22-Nov-26 10:31:00 GMT", 60),
        ("Sun, 22 Nov 2026 10:31:00", 60),
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("99999999999", None),
        ("١٢", None),
        ("Sun, 99 Nov 2026 99:99:99 GMT", None),
        ("\x00", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, now=NOW) == seconds


@pytest.mark.req("N3")
@given(header=st.text())
def test_no_retry_after_raises(header: str) -> None:
    seconds = parse_retry_after(header, now=NOW)
    assert seconds is None or seconds >= 0


@pytest.mark.req("N3")
def test_the_breaker_opens_at_five_failures_in_a_row_and_rests_longer_each_time() -> None:
    pauses = [breaker_pause_s(failures) for failures in range(12)]
    assert pauses == [None] * 5 + [30, 60, 300, 900, 1800, 1800, 1800]


@pytest.mark.req("N3")
def test_the_whole_ladder_ends_about_three_days_later() -> None:
    moment, attempts = NOW, 1
    while isinstance(step := after_failure(attempts, random=0.0), TryAgain):
        moment += timedelta(seconds=step.delay_s)
        attempts += 1
    assert attempts == 10
    assert timedelta(hours=60) < moment - NOW < timedelta(hours=61)
