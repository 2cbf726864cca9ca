from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwebhook.domain.delivery import (
    Answered,
    Decision,
    DeliveryAction,
    DeliveryUnanswered,
    SendFailure,
    SendOutcome,
    Standing,
    decide_delivery,
    log_entry,
)

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def decision(
    outcome: SendOutcome, *, attempts: int = 1, endpoint: bool = True, failures: int = 0
) -> Decision:
    standing = Standing(attempts=attempts, has_endpoint=endpoint, failures=failures)
    return decide_delivery(outcome, standing, now=NOW, random=0.5)


@pytest.mark.req("N3")
@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_delivered(status: int) -> None:
    done = decision(Answered(status=status))
    assert (done.action, done.healthy, done.pause_s) == (DeliveryAction.DELIVERED, True, None)


@pytest.mark.req("N3")
@pytest.mark.parametrize(
    "status", [101, 199, 300, 301, 302, 307, 400, 401, 404, 415, 500, 503, 999]
)
def test_any_other_status_is_tried_again(status: int) -> None:
    again = decision(Answered(status=status))
    assert (again.action, again.delay_s, again.healthy) == (DeliveryAction.RETRY, 5, False)


@pytest.mark.req("N3")
def test_410_disables_the_endpoint() -> None:
    assert decision(Answered(status=410)).action is DeliveryAction.DISABLE
    assert decision(Answered(status=410), endpoint=False).action is DeliveryAction.DEAD


@pytest.mark.req("N3")
def test_429_waits_a_minute_or_what_it_asks_for() -> None:
    assert decision(Answered(status=429)).delay_s == 60
    assert decision(Answered(status=429, retry_after="100")).delay_s == 100
    assert decision(Answered(status=429, retry_after="1000000000")).delay_s == 120
    assert decision(Answered(status=503, retry_after="7")).delay_s == 7


@pytest.mark.req("N3")
@pytest.mark.parametrize(
    "fault", [SendFailure.TIMEOUT, SendFailure.CONNECT, SendFailure.TLS, SendFailure.PROTOCOL]
)
def test_silence_is_tried_again(fault: SendFailure) -> None:
    again = decision(DeliveryUnanswered(fault=fault, detail="x"))
    assert again.action is DeliveryAction.RETRY
    assert again.delay_s == (60 if fault is SendFailure.TIMEOUT else 5)


@pytest.mark.req("N3")
@pytest.mark.parametrize("fault", [SendFailure.REFUSED, SendFailure.BODY])
def test_what_cannot_change_is_not_tried_again(fault: SendFailure) -> None:
    done = decision(DeliveryUnanswered(fault=fault, detail="10.0.0.1 is private"))
    assert (done.action, done.healthy) == (DeliveryAction.DEAD, None)
    assert "10.0.0.1 is private" in done.reason


@pytest.mark.req("N3")
def test_the_tenth_failure_is_the_last() -> None:
    assert decision(Answered(status=500), attempts=9).action is DeliveryAction.RETRY
    dead = decision(Answered(status=500), attempts=10)
    assert (dead.action, dead.healthy) == (DeliveryAction.DEAD, False)
    assert "HTTP 500" in dead.reason


@pytest.mark.req("N3")
def test_the_fifth_failure_in_a_row_makes_the_receiver_rest() -> None:
    assert decision(Answered(status=500), failures=3).pause_s is None
    assert decision(Answered(status=500), failures=4).pause_s == 30
    assert decision(Answered(status=500), failures=4, endpoint=False).pause_s == 30


@pytest.mark.req("N3")
@given(text=st.text(), status=st.integers(100, 999), fault=st.sampled_from(SendFailure))
def test_the_log_is_bounded_and_storable(text: str, status: int, fault: SendFailure) -> None:
    for outcome in (
        Answered(status=status, snippet=text * 50),
        DeliveryUnanswered(fault=fault, detail=text * 50),
    ):
        entry = log_entry(outcome, at=NOW, ms=3)
        assert len(entry.snippet) <= 1024
        assert len(entry.error or "") <= 300
        stored = json.dumps([entry.snippet, entry.error])
        assert "\\u0000" not in stored
        (entry.snippet + (entry.error or "")).encode()
