"""Anthropic Messages. The figures of message_delta are cumulative, and not all of them are there:
docs "Streaming messages" (message_delta.usage) and the SDK's MessageDeltaUsage."""

from aiwebhook_gateway.jsons import JsonObject, as_object, as_text
from aiwebhook_gateway.metering.tally import (
    Stop,
    Tally,
    TokenCounts,
    fault_of,
    number,
    take_model_name,
)

_STOPS = {
    "end_turn": Stop.END,
    "stop_sequence": Stop.END,
    "tool_use": Stop.TOOL_USE,
    "max_tokens": Stop.MAX_TOKENS,
    "model_context_window_exceeded": Stop.MAX_TOKENS,
    "refusal": Stop.REFUSAL,
}
_TEXTS = ("text", "thinking", "partial_json")


def count(tally: Tally, event: JsonObject) -> None:
    """message_start has the input, message_delta the output; a `message` has everything at once."""
    match event.get("type"):
        case "message_start":
            message = as_object(event.get("message"))
            take_model_name(tally, message)
            _used(tally, as_object(message.get("usage")))
        case "content_block_delta":
            delta = as_object(event.get("delta"))
            tally.characters += sum(len(as_text(delta.get(name))) for name in _TEXTS)
        case "message_delta":
            _used(tally, as_object(event.get("usage")))
            _stopped(tally, as_object(event.get("delta")))
        case "message":
            take_model_name(tally, event)
            _used(tally, as_object(event.get("usage")))
            _stopped(tally, event)
        case "error":
            tally.fault = fault_of(event.get("error"))
        case _:
            pass


def _stopped(tally: Tally, holder: JsonObject) -> None:
    reason = as_text(holder.get("stop_reason"))
    if reason:
        tally.stop = _STOPS.get(reason, Stop.OTHER)
        tally.complete = True


def _used(tally: Tally, usage: JsonObject) -> None:
    """Anthropic's input excludes cached and written tokens; ours includes them."""
    known = tally.tokens
    fresh = number(usage, "input_tokens", known.input - known.cached - known.cache_write)
    cached = number(usage, "cache_read_input_tokens", known.cached)
    written = number(usage, "cache_creation_input_tokens", known.cache_write)
    split = as_object(usage.get("cache_creation"))
    tally.tokens = TokenCounts(
        input=fresh + cached + written,
        cached=cached,
        cache_write=written,
        cache_write_1h=min(
            written, number(split, "ephemeral_1h_input_tokens", known.cache_write_1h)
        ),
        output=number(usage, "output_tokens", known.output),
    )
