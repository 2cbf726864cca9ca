"""What a run has used of a model: one shape, added up from attempts to tasks and sessions. Pure.

The figures come from the LLM gateway, or from what an agent says about itself; a figure that is no
proper number is left out, and keys that nobody here knows are kept beside the known ones.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import reduce
from itertools import islice
from typing import Any, cast

from aiwebhook.domain.storable import storable

_MICRO_DOLLAR = Decimal("0.000001")
_LARGEST = 2**53  # above it, JSON readers lose count
_MOST_MODELS = 50
_MOST_BYTES = 16 * 1024
_COUNTERS = (
    "requests",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "unpriced_requests",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Counted use of models; `usage + usage` adds it up."""

    requests: int = 0
    input_tokens: int = 0
    """All of the input, what came from the cache or went into it included."""
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    """What the model reasoned included."""
    unpriced_requests: int = 0
    """Requests to models without a known price: `cost_usd` lacks them."""
    cost_usd: Decimal | None = None
    """None: no price is known for any of it."""
    models: Mapping[str, Usage] = field(default_factory=dict[str, "Usage"])
    """The same figures by model, as far as runs tell them."""

    @classmethod
    def from_json(cls, value: object) -> Usage:
        """Whatever can be read of it; never an error."""
        fields = _object(value)
        models = {
            str(name)[:200]: _figures(_object(figures))
            for name, figures in islice(_object(fields.get("models")).items(), _MOST_MODELS)
        }
        return replace(_figures(fields), models=models)

    def __add__(self, other: Usage) -> Usage:
        names = dict.fromkeys((*self.models, *other.models))
        counted = {name: getattr(self, name) + getattr(other, name) for name in _COUNTERS}
        costs = [cost for cost in (self.cost_usd, other.cost_usd) if cost is not None]
        return Usage(
            **counted,
            cost_usd=sum(costs, Decimal(0)) if costs else None,
            models={
                name: self.models.get(name, _NONE) + other.models.get(name, _NONE) for name in names
            },
        )

    def as_json(self) -> dict[str, Any]:
        """Every counter, the cost with at most six decimals, and the models where there are any."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in _COUNTERS}
        cost = self.cost_usd
        plain["cost_usd"] = None if cost is None else float(cost.quantize(_MICRO_DOLLAR))
        if self.models:
            plain["models"] = {name: figures.as_json() for name, figures in self.models.items()}
        return plain


_NONE = Usage()


def total(usages: Iterable[object]) -> Usage:
    """The sum of usages as they were recorded (JSON)."""
    return reduce(Usage.__add__, map(Usage.from_json, usages), _NONE)


def recorded(usage: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What is stored of a run's report: its own keys, the known ones made proper numbers. A report
    of more than 16 KB keeps the known ones only: a result is not refused for its statistics.
    """
    if usage is None:
        return None
    counted: dict[str, Any] = storable(usage)
    known = Usage.from_json(counted).as_json()
    if not counted.keys() & {*_COUNTERS, "cost_usd"}:
        known = {}  # an agent without a model, that counts something of its own
    whole = {**counted, **known}
    return whole if len(json.dumps(whole)) <= _MOST_BYTES else known


def _object(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _figures(fields: Mapping[str, object]) -> Usage:
    counted = Usage(**{name: _count(fields.get(name)) for name in _COUNTERS})  # pyright: ignore[reportArgumentType] - all of these are counters
    cost = _cost(fields.get("cost_usd"))
    unpriced = counted.unpriced_requests or (counted.requests if cost is None else 0)
    return replace(counted, unpriced_requests=unpriced, cost_usd=cost)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return 0
    if not math.isfinite(value) or not 0 <= value <= _LARGEST:
        return 0
    return int(value)


def _cost(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if not math.isfinite(value) or not 0 <= value <= _LARGEST:
        return None
    return Decimal(str(value))
