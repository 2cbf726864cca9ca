"""The figures of both OpenAI APIs: cached and written tokens are part of the input. Since GPT-5.6,
writing costs extra and is reported (guide "Prompt caching", cache_write_tokens).
"""

from aiwebhook_gateway.jsons import JsonObject, as_object
from aiwebhook_gateway.metering.tally import TokenCounts, number


def tokens(usage: JsonObject, input_name: str, output_name: str) -> TokenCounts:
    """The counts in a usage object whose fields this API calls `input_name` and `output_name`."""
    details = as_object(usage.get(f"{input_name}_details"))
    total = number(usage, input_name)
    cached = min(total, number(details, "cached_tokens"))
    return TokenCounts(
        input=total,
        cached=cached,
        cache_write=min(total - cached, number(details, "cache_write_tokens")),
        output=number(usage, output_name),
    )
