"""OpenAI Responses: the usage comes with the last event only."""

from aiwebhook_gateway.jsons import JsonObject, as_object, as_text, objects
from aiwebhook_gateway.metering import openai_usage
from aiwebhook_gateway.metering.tally import Stop, Tally, TokenCounts, fault_of, take_model_name

_ENDS = ("response.completed", "response.incomplete", "response.failed")
_CALLS = ("function_call", "custom_tool_call", "local_shell_call", "shell_call", "apply_patch_call")
"""Calls that wait for the agent; a web_search_call is executed by the provider."""
_IN_BACKGROUND = 128_000
"""The longest answer of today's models. An answer moved to the background continues at the provider
and never reports its usage to us: it is charged as the longest.
"""


def count(tally: Tally, event: JsonObject) -> None:
    """The relevant kinds of events, and the `response` of an answer in one piece."""
    kind = as_text(event.get("type"))
    if event.get("object") in ("response", "response.compaction"):
        _ended(tally, event)
    elif kind in _ENDS:
        _ended(tally, as_object(event.get("response")))
    elif kind == "response.created":
        take_model_name(tally, as_object(event.get("response")))
    elif kind.endswith(".delta"):
        tally.characters += len(as_text(event.get("delta")))
    elif kind == "error":
        tally.fault = fault_of(event.get("error") or event)


def _ended(tally: Tally, response: JsonObject) -> None:
    take_model_name(tally, response)
    usage = as_object(response.get("usage"))
    if usage:
        tally.tokens = openai_usage.tokens(usage, "input_tokens", "output_tokens")
        tally.complete = True
    elif response.get("status") in ("queued", "in_progress"):
        tally.tokens = TokenCounts(output=_IN_BACKGROUND)
    if response.get("error"):
        tally.fault = fault_of(response.get("error"))
    tally.stop = _stop(response)


def _stop(response: JsonObject) -> Stop:
    kinds = {as_text(item.get("type")) for item in objects(response.get("output"))}
    reason = as_object(response.get("incomplete_details")).get("reason")
    if reason == "max_output_tokens":
        return Stop.MAX_TOKENS
    if reason == "content_filter":
        return Stop.REFUSAL
    if response.get("status", "completed") != "completed":
        return Stop.OTHER
    return Stop.TOOL_USE if kinds.intersection(_CALLS) else Stop.END
