"""What one answer has reported so far; each dialect fills it in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from aiwebhook_gateway.jsons import JsonObject, as_count, as_object, as_text


class Stop(StrEnum):
    """Why the model stopped."""

    END = "end"
    """It finished."""
    TOOL_USE = "tool_use"
    """It waits for a tool's result."""
    MAX_TOKENS = "max_tokens"
    """The answer was cut off at its limit."""
    REFUSAL = "refusal"
    """It declined, or a filter did."""
    OTHER = "other"
    """An unknown reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCounts:
    """Counts of one or more answers. Input counts everything: fresh, cached and written."""

    input: int = 0
    cached: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    """The part of cache_write that is kept for an hour, which costs more."""
    output: int = 0
    """Reasoning included."""

    def __add__(self, other: "TokenCounts") -> "TokenCounts":
        return TokenCounts(
            input=self.input + other.input,
            cached=self.cached + other.cached,
            cache_write=self.cache_write + other.cache_write,
            cache_write_1h=self.cache_write_1h + other.cache_write_1h,
            output=self.output + other.output,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFault:
    """An error that the provider reports inside an answer that began normally."""

    kind: str
    message: str


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one answer has reported so far; mutable, one per exchange."""

    model: str = ""
    tokens: TokenCounts = field(default_factory=TokenCounts)
    characters: int = 0
    """Length of the text, reasoning and tool arguments seen so far; the output is estimated from
    it if the answer is cut off.
    """
    complete: bool = False
    """The provider has reported the final usage."""
    stop: Stop | None = None
    fault: ProviderFault | None = None


Count: TypeAlias = Callable[[Tally, JsonObject], None]
"""Takes in one event of a stream, or the one object of an answer in one piece."""


def take_model_name(tally: Tally, holder: JsonObject, field_name: str = "model") -> None:
    """Take the model's name, if present."""
    tally.model = as_text(holder.get(field_name)) or tally.model


def number(holder: JsonObject, name: str, default: int = 0) -> int:
    """The count of that name, or `default` where this event has none."""
    found = as_count(holder.get(name))
    return default if found is None else found


def fault_of(value: object) -> ProviderFault:
    """Read an error object of any provider."""
    error = as_object(value)
    kind = (error.get(name) for name in ("code", "status", "type"))
    words = " ".join(str(word) for word in kind if word)
    return ProviderFault(kind=words, message=as_text(error.get("message")))
