"""The price table is dated, knows the models we use, and is never too cheap."""

from __future__ import annotations

from decimal import Decimal

import pytest

from aiwebhook_gateway.metering.tally import TokenCounts
from aiwebhook_gateway.prices import PriceTable, price_table

pytestmark = pytest.mark.req("T4")

MILLION = 1_000_000


def cost(provider: str, model: str, tokens: TokenCounts) -> Decimal:
    price = price_table().find(provider, model)
    assert price is not None
    return price.cost(tokens)


@pytest.mark.parametrize(
    ("provider", "model", "million_in", "million_out"),
    [
        ("anthropic", "claude-sonnet-4-5", 3, 15),
        ("anthropic", "claude-sonnet-4-5-20250929", 3, 15),
        ("anthropic", "claude-haiku-4-5@20251001", 1, 5),
        ("anthropic", "claude-opus-4-5-latest", 5, 25),
        ("openai", "gpt-5.4-mini-2026-03-05", Decimal("0.75"), Decimal("4.5")),
        ("google", "models/gemini-2.5-flash", Decimal("0.3"), Decimal("2.5")),
        ("google", "gemini-2.5-flash-preview-09-2026", Decimal("0.3"), Decimal("2.5")),
    ],
)
def test_a_model_is_found_by_name_and_by_snapshot(
    provider: str, model: str, million_in: Decimal, million_out: Decimal
) -> None:
    assert cost(provider, model, TokenCounts(input=MILLION)) == million_in
    assert cost(provider, model, TokenCounts(output=MILLION)) == million_out


@pytest.mark.parametrize("model", ["gpt-5.5-ultra", "gpt-99", "claude-sonnet-4-5", ""])
def test_another_model_is_not_found(model: str) -> None:
    assert price_table().find("openai", model) is None


def test_a_long_input_pays_the_long_tariff_for_all_of_it() -> None:
    assert cost("openai", "gpt-5.5", TokenCounts(input=272_000, output=1000)) == Decimal("1.39")
    assert cost("openai", "gpt-5.5", TokenCounts(input=272_001, output=1000)) == Decimal("2.76501")


def test_cached_and_written_tokens_have_prices_of_their_own() -> None:
    tokens = TokenCounts(
        input=4 * MILLION,
        cached=MILLION,
        cache_write=2 * MILLION,
        cache_write_1h=MILLION,
    )
    assert cost("anthropic", "claude-sonnet-4-5", tokens) == Decimal(3) + Decimal("0.30") + (
        Decimal("3.75") + Decimal(6)
    )


def test_a_price_that_is_not_told_is_that_of_the_input() -> None:
    table = PriceTable.parse('date = "2026-01-01"\n[openai]\nm = { input = 2, output = 3 }')
    price = table.find("openai", "m")
    assert price is not None
    assert price.cost(TokenCounts(input=MILLION, cached=MILLION)) == 2


def test_the_table_is_dated_and_every_price_is_sensible() -> None:
    assert price_table().date == "2026-11-01"
    for provider in ("anthropic", "openai", "google"):
        dearest = price_table().dearest(provider).short
        assert Decimal(1) <= dearest.input < dearest.output <= Decimal(200)
