"""OpenAI's error responses, which are the same in both of its APIs."""

from aiwebhook_local.scripted.dialect import ProviderRefusal
from aiwebhook_local.scripted.scenarios import ProviderFailure

_FAILURES = {
    ProviderFailure.BAD_REQUEST: (400, "invalid_request_error", "invalid_value", "scripted 400"),
    ProviderFailure.AUTH: (
        401,
        "invalid_request_error",
        "invalid_api_key",
        "Incorrect API key provided (scripted).",
    ),
    ProviderFailure.PERMISSION: (403, "permission_error", "permission_denied", "scripted 403"),
    ProviderFailure.NOT_FOUND: (
        404,
        "invalid_request_error",
        "model_not_found",
        "The model does not exist (scripted).",
    ),
    ProviderFailure.RATE_LIMIT: (
        429,
        "rate_limit_error",
        "rate_limit_exceeded",
        "Rate limit reached.",
    ),
    ProviderFailure.SERVER: (500, "server_error", "server_error", "scripted 500"),
    ProviderFailure.OVERLOADED: (
        503,
        "server_error",
        "server_is_overloaded",
        "Overloaded (scripted).",
    ),
    ProviderFailure.CONTEXT: (
        400,
        "invalid_request_error",
        "context_length_exceeded",
        "Your input exceeds the context window of this model.",
    ),
}


def refuse(failure: ProviderFailure) -> ProviderRefusal:
    status, kind, code, message = _FAILURES[failure]
    error = {"message": message, "type": kind, "param": None, "code": code}
    return ProviderRefusal(status=status, body={"error": error})
