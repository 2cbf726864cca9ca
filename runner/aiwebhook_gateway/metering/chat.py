"""OpenAI chat completions: the usage comes in a last chunk, and only if the request asks for it."""

from aiwebhook_gateway.jsons import JsonObject, as_object, as_text, objects
from aiwebhook_gateway.metering import openai_usage
from aiwebhook_gateway.metering.tally import Stop, Tally, fault_of, take_model_name

_STOPS = {
    "stop": Stop.END,
    "tool_calls": Stop.TOOL_USE,
    "function_call": Stop.TOOL_USE,
    "length": Stop.MAX_TOKENS,
    "content_filter": Stop.REFUSAL,
}


def count(tally: Tally, event: JsonObject) -> None:
    """One chunk, or the whole completion."""
    if event.get("error"):
        tally.fault = fault_of(event.get("error"))
    take_model_name(tally, event)
    for choice in objects(event.get("choices")):
        delta = as_object(choice.get("delta"))
        texts = [as_text(delta.get(name)) for name in ("content", "refusal", "reasoning_content")]
        functions = [as_object(call.get("function")) for call in objects(delta.get("tool_calls"))]
        texts += [as_text(function.get("arguments")) for function in functions]
        tally.characters += sum(map(len, texts))
        reason = as_text(choice.get("finish_reason"))
        if reason:
            tally.stop = _STOPS.get(reason, Stop.OTHER)
    usage = as_object(event.get("usage"))
    if usage:
        tally.tokens = openai_usage.tokens(usage, "prompt_tokens", "completion_tokens")
    tally.complete = bool(tally.stop and tally.tokens.input)
