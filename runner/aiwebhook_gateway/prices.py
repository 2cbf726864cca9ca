"""The dated price table."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from aiwebhook_gateway.jsons import JsonObject, as_object
from aiwebhook_gateway.metering.tally import TokenCounts

_MILLION = Decimal(1_000_000)
_SNAPSHOT = re.compile(r"(?:[-@](?:\d{3,8}|\d{2}|latest|preview|exp))*")
"""Suffixes that still mean the same model; a `-mini` is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """US dollars per million tokens."""

    input: Decimal
    cached: Decimal
    cache_write: Decimal
    cache_write_1h: Decimal
    output: Decimal

    def cost(self, tokens: TokenCounts) -> Decimal:
        """The cost of a call, in US dollars."""
        fresh = tokens.input - tokens.cached - tokens.cache_write
        million_fold = (
            fresh * self.input
            + tokens.cached * self.cached
            + (tokens.cache_write - tokens.cache_write_1h) * self.cache_write
            + tokens.cache_write_1h * self.cache_write_1h
            + tokens.output * self.output
        )
        return million_fold / _MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One model's tariffs: requests with an input over `over` tokens pay `long` for all of it."""

    short: Tariff
    long: Tariff
    over: int

    def cost(self, tokens: TokenCounts) -> Decimal:
        """US dollars for one request."""
        return (self.long if tokens.input > self.over else self.short).cost(tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTable:
    """Prices by provider and model, as of `date`."""

    date: str
    _models: Mapping[str, Mapping[str, Price]]

    @classmethod
    def parse(cls, text: str) -> "PriceTable":
        """From TOML as in prices.toml. Raises KeyError or ValueError for an invalid table."""
        table = tomllib.loads(text, parse_float=Decimal)
        date = str(table.pop("date"))
        models = {
            provider: {name: _price(as_object(row)) for name, row in as_object(rows).items()}
            for provider, rows in table.items()
        }
        return cls(date=date, _models=models)

    def find(self, provider: str, model: str) -> Price | None:
        """The longest name that the model's begins with, if only a snapshot follows it."""
        model = model.removeprefix("models/").lower()
        fitting = [
            name
            for name in self._models.get(provider, {})
            if model.startswith(name) and _SNAPSHOT.fullmatch(model, len(name))
        ]
        return self._models[provider][max(fitting, key=len)] if fitting else None

    def dearest(self, provider: str) -> Price:
        """The price charged to a model without one when a budget is set."""
        return max(
            self._models[provider].values(),
            key=lambda price: (price.short.output, price.short.input),
        )


def _price(row: JsonObject) -> Price:
    long = as_object(row.get("long"))
    short = _tariff(row)
    over = int(str(long["over"])) if long else 0
    return Price(short=short, long=_tariff(long) if long else short, over=over)


def _tariff(row: JsonObject) -> Tariff:
    def price(name: str, fallback: str = "input") -> Decimal:
        return Decimal(str(row.get(name, row.get(fallback, row["input"]))))

    return Tariff(
        input=price("input"),
        cached=price("cached"),
        cache_write=price("cache_write"),
        cache_write_1h=price("cache_write_1h", "cache_write"),
        output=Decimal(str(row["output"])),
    )


@cache
def price_table() -> PriceTable:
    """The table that ships with the program."""
    text = files("aiwebhook_gateway").joinpath("prices.toml").read_text(encoding="utf-8")
    return PriceTable.parse(text)
