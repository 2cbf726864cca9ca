"""Failures between the agent and its provider, in our error classes."""

import re
from dataclasses import dataclass

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_gateway.jsons import JsonObject, as_object, objects, parse
from aiwebhook_gateway.metering.tally import ProviderFault, fault_of

_LONGEST_MESSAGE = 200
_CONTEXT = re.compile(
    r"prompt is too long|context_length_exceeded|context window|maximum number of tokens"
    r"|exceed\w* .{0,40}(context|token) ?limit",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"insufficient_quota|credit balance|billing|api key not valid|api_key_invalid|invalid_api_key"
    r"|authentication_error|permission_error",
    re.IGNORECASE,
)
_OVERLOADED = re.compile(r"overloaded|at capacity|unavailable", re.IGNORECASE)
_RATE = re.compile(r"rate_limit|resource_exhausted|too many requests", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelError:
    """An error that the run's provider returned, or that kept a request from reaching it."""

    status: int
    error_class: ErrorClass
    message: str

    def as_json(self) -> JsonObject:
        """The usage's `last_error`."""
        return {
            "status": self.status,
            "error_class": self.error_class.value,
            "message": self.message[:_LONGEST_MESSAGE],
        }


def read_error(status: int, body: bytes) -> ModelError:
    """Classify a response with an error status."""
    value = parse(body)
    [first, *_] = [*objects(value), as_object(value)]  # Google may send an array
    error = first.get("error")
    return _classified(
        status, ProviderFault(kind="", message=error) if isinstance(error, str) else fault_of(error)
    )


def read_fault(fault: ProviderFault) -> ModelError:
    """Classify an error inside a stream that began with status 200."""
    return _classified(200, fault)


def _classified(status: int, fault: ProviderFault) -> ModelError:
    return ModelError(
        status=status,
        error_class=_class_of(status, f"{fault.kind} {fault.message}"),
        message=fault.message or fault.kind or f"the provider answered {status}",
    )


def _class_of(status: int, words: str) -> ErrorClass:
    if _CONTEXT.search(words) or status == 413:
        return ErrorClass.CONTEXT
    if status in (401, 403) or _ACCOUNT.search(words):
        return ErrorClass.AUTH
    if status == 429 or _RATE.search(words):
        return ErrorClass.RATE_LIMIT
    if status in (503, 529) or _OVERLOADED.search(words):
        return ErrorClass.OVERLOADED
    if status >= 500 or "server_error" in words or "api_error" in words:
        return ErrorClass.SERVER
    return ErrorClass.MODEL
