"""The figures of both OpenAI APIs: cached and written tokens are part of the input. Since GPT-5.6,
writing costs extra and is reported (guide "Prompt caching", cache_write_tokens).
"""

from aiwebhook_gateway.jsons import JsonObject, as_object
from aiwebhook_gateway.metering.tally import TokenCounts, number


def tokens(usage: JsonObject, given: str, made: str) -> TokenCounts:
    """`given` and `made` are this API's names for the input and output counts."""
    details = as_object(usage.get(f"{given}_details"))
    total = number(usage, given)
    cached = min(total, number(details, "cached_tokens"))
    return TokenCounts(
        input=total,
        cached=cached,
        cache_write=min(total - cached, number(details, "cache_write_tokens")),
        output=number(usage, made),
    )
