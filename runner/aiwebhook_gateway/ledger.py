"""Usage and cost of a run: of completed responses, and of those under way."""

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal

from aiwebhook_gateway.faults import ModelError
from aiwebhook_gateway.jsons import JsonObject
from aiwebhook_gateway.metering.meter import Meter
from aiwebhook_gateway.metering.tally import Stop, TokenCounts
from aiwebhook_gateway.prices import PriceTable

_UNKNOWN_MODEL = "unknown"
_MOST_MODELS = 32
"""Distinct names; an agent may ask for any number of models that do not exist."""
_NO_COST = Decimal(0)


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request under way. `cost` is the least it has cost by now."""

    meter: Meter
    cost: Decimal = _NO_COST


@dataclass(slots=True, kw_only=True)
class _Use:
    """Usage of one model. A cost of None: at least one response had no price."""

    requests: int = 0
    tokens: TokenCounts = field(default_factory=TokenCounts)
    cost: Decimal | None = _NO_COST

    def add(self, tokens: TokenCounts, cost: Decimal | None, requests: int = 1) -> None:
        self.requests += requests
        self.tokens += tokens
        self.cost = None if self.cost is None or cost is None else self.cost + cost

    def as_json(self) -> JsonObject:
        return {
            "requests": self.requests,
            "input_tokens": self.tokens.input,
            "cached_input_tokens": self.tokens.cached,
            "cache_write_tokens": self.tokens.cache_write,
            "output_tokens": self.tokens.output,
            "cost_usd": None if self.cost is None else float(round(self.cost, 9)),
        }


@dataclass(slots=True, kw_only=True)
class UsageLedger:
    """The ledger of one run. With a budget, a model without a listed price costs as much as its
    provider's dearest one; otherwise it would evade the budget.
    """

    provider: str
    prices: PriceTable
    has_budget: bool
    spent: Decimal = _NO_COST
    """US dollars, requests under way included; unlisted models are charged as the dearest."""
    last_error: ModelError | None = None
    last_stop: Stop | None = None
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while nothing is under way."""
    _models: dict[str, _Use] = field(default_factory=dict[str, _Use])
    _open: list[Exchange] = field(default_factory=list[Exchange])
    _estimated: bool = False
    _last_model: str = _UNKNOWN_MODEL

    def __post_init__(self) -> None:
        self.idle.set()

    def opened(self, meter: Meter) -> Exchange:
        """Record that a request goes to the provider."""
        exchange = Exchange(meter=meter)
        self._open.append(exchange)
        self.idle.clear()
        return exchange

    def moved(self, exchange: Exchange) -> None:
        """Charge for what has arrived of the response by now."""
        self._charge(exchange, exchange.meter.estimate)

    def closed(self, exchange: Exchange, *, answered: bool) -> None:
        """Settle an exchange. `answered` is False if the provider refused it, which is free."""
        meter = exchange.meter
        tokens = meter.estimate if answered else TokenCounts()
        self._open.remove(exchange)
        self._charge(exchange, tokens)
        name = self._name(meter)
        cost, guessed = self._cost(name, tokens)
        self._models.setdefault(name, _Use()).add(tokens, cost)
        if answered:
            self._last_model = name
            self._estimated = self._estimated or guessed or meter.is_estimated
            self.last_stop = meter.tally.stop or self.last_stop
        if not self._open:
            self.idle.set()

    def as_json(self) -> JsonObject:
        """The usage, including what providers have reported of responses still under way."""
        models = {
            name: _Use(requests=use.requests, tokens=use.tokens, cost=use.cost)
            for name, use in self._models.items()
        }
        for exchange in self._open:
            name, tokens = self._name(exchange.meter), exchange.meter.tokens
            models.setdefault(name, _Use()).add(tokens, self._cost(name, tokens)[0])
        total = _Use()
        for use in models.values():
            total.add(use.tokens, use.cost, use.requests)
        return {
            "provider": self.provider,
            **total.as_json(),
            "price_table": self.prices.date,
            "models": {name: use.as_json() for name, use in models.items()},
            "estimated": self._estimated,
            "last_error": self.last_error.as_json() if self.last_error else None,
            "last_stop": self.last_stop.value if self.last_stop else None,
        }

    def _name(self, meter: Meter) -> str:
        name = meter.model or self._last_model
        full = name not in self._models and len(self._models) >= _MOST_MODELS
        return _UNKNOWN_MODEL if full else name

    def _charge(self, exchange: Exchange, tokens: TokenCounts) -> None:
        price = self.prices.find(self.provider, self._name(exchange.meter))
        cost = (price or self.prices.dearest(self.provider)).cost(tokens)
        self.spent += cost - exchange.cost
        exchange.cost = cost

    def _cost(self, model: str, tokens: TokenCounts) -> tuple[Decimal | None, bool]:
        """The cost to report, and whether it is estimated."""
        if tokens == TokenCounts():
            return _NO_COST, False
        price = self.prices.find(self.provider, model)
        if price is None and not self.has_budget:
            return None, False
        return (price or self.prices.dearest(self.provider)).cost(tokens), price is None
