"""Usage adds up, whatever a run reports."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiwebhook.domain.usage import Usage, recorded, total

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
)
NAMES = ("requests", "input_tokens", "output_tokens", "cost_usd", "models", "provider")


def any_usage(**changes: object) -> dict[str, Any]:
    """What the gateway reports of one request."""
    return {
        "provider": "anthropic",
        "requests": 1,
        "input_tokens": 1000,
        "cached_input_tokens": 200,
        "output_tokens": 50,
        "cost_usd": 0.1,
        **changes,
    }


@pytest.mark.req("T4")
def test_usages_of_attempts_add_up_without_losing_a_millionth_of_a_dollar() -> None:
    added = total([any_usage(cost_usd=0.1), any_usage(cost_usd=0.2), any_usage(cost_usd=0.000001)])
    assert (added.requests, added.input_tokens, added.output_tokens) == (3, 3000, 150)
    assert added.cost_usd == Decimal("0.300001")
    assert added.as_json()["cost_usd"] == 0.300001


@pytest.mark.req("T4")
def test_what_has_no_price_is_counted_as_unpriced() -> None:
    added = total([any_usage(cost_usd=None, requests=2), any_usage()])
    assert (added.unpriced_requests, added.cost_usd) == (2, Decimal("0.1"))
    assert total([any_usage(cost_usd=None)]).as_json()["cost_usd"] is None
    assert total([]).as_json()["cost_usd"] is None


@pytest.mark.req("T4")
def test_models_add_up_by_name() -> None:
    small, large = any_usage(cost_usd=0.1), any_usage(cost_usd=1.0)
    added = total([any_usage(models={"s": small}), any_usage(models={"s": small, "l": large})])
    assert {name: m.cost_usd for name, m in added.models.items()} == {
        "s": Decimal("0.2"),
        "l": Decimal("1.0"),
    }


@pytest.mark.req("T4")
def test_a_report_keeps_its_own_keys_beside_the_known_ones() -> None:
    kept = recorded(any_usage(budget_exceeded=True, input_tokens=-5, cost_usd=0.12345678))
    assert kept is not None
    assert (kept["provider"], kept["budget_exceeded"]) == ("anthropic", True)
    assert (kept["input_tokens"], kept["cost_usd"]) == (0, 0.123457)
    assert recorded({"pages": 3}) == {"pages": 3}
    assert recorded(None) is None


@pytest.mark.req("T4")
def test_a_report_too_large_keeps_the_known_figures() -> None:
    kept = recorded(any_usage(story="x" * 20_000))
    assert kept is not None
    assert "story" not in kept
    assert kept["input_tokens"] == 1000


@pytest.mark.req("T4")
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), ANY_JSON))
def test_no_report_is_an_error(report: dict[str, Any]) -> None:
    kept = recorded(report)
    assert kept is not None
    json.dumps(kept, allow_nan=False, ensure_ascii=False).encode()
    assert total([kept]) == Usage.from_json(kept)
