"""Gemini: every chunk has the usage so far, and the one with a finish reason has all of it. Cached
tokens are part of the prompt; thoughts and tool results are counted separately (UsageMetadata).
"""

from aiwebhook_gateway.jsons import JsonObject, as_object, as_text, objects
from aiwebhook_gateway.metering.tally import (
    Stop,
    Tally,
    TokenCounts,
    fault_of,
    number,
    take_model_name,
)

_STOPS = {"STOP": Stop.END, "MAX_TOKENS": Stop.MAX_TOKENS}
_REFUSALS = frozenset(
    "SAFETY RECITATION BLOCKLIST PROHIBITED_CONTENT SPII LANGUAGE IMAGE_SAFETY".split()
)


def count(tally: Tally, event: JsonObject) -> None:
    """One chunk, or the whole answer."""
    if event.get("error"):
        tally.fault = fault_of(event.get("error"))
    take_model_name(tally, event, "modelVersion")
    usage = as_object(event.get("usageMetadata"))
    if usage:
        tally.tokens = _tokens(usage)
    for candidate in objects(event.get("candidates")):
        parts = objects(as_object(candidate.get("content")).get("parts"))
        tally.characters += sum(len(as_text(part.get("text"))) for part in parts)
        calls = [part["functionCall"] for part in parts if "functionCall" in part]
        tally.characters += sum(len(str(call)) for call in calls)
        if calls:
            tally.stop = Stop.TOOL_USE
        _finished(tally, as_text(candidate.get("finishReason")))
    if as_object(event.get("promptFeedback")).get("blockReason"):
        _finished(tally, "SAFETY")


def _finished(tally: Tally, reason: str) -> None:
    if not reason:
        return
    tally.complete = tally.tokens.input > 0
    if reason in _REFUSALS:
        tally.stop = Stop.REFUSAL
    elif reason != "STOP" or tally.stop is None:
        tally.stop = _STOPS.get(reason, Stop.OTHER)


def _tokens(usage: JsonObject) -> TokenCounts:
    prompt = number(usage, "promptTokenCount") + number(usage, "toolUsePromptTokenCount")
    output = number(usage, "candidatesTokenCount") + number(usage, "thoughtsTokenCount")
    cached = min(prompt, number(usage, "cachedContentTokenCount"))
    return TokenCounts(input=prompt, cached=cached, output=output)
