"""Every error a caller may meet, as one tree; `aiwebhook.problem` maps it to HTTP (RFC 9457).

    AiWebhookError
    ├── NotJson              the body is no JSON object
    ├── Unauthorized         no key, an unknown, revoked or expired one
    ├── Forbidden            the scope is missing, the address not allowed, the signature wrong
    ├── NotFound             no such thing in this project
    ├── MethodNotAllowed     the path exists, but not with this HTTP method
    ├── Conflict             the state does not allow it, or the same idempotency key is in flight
    │   ├── MessagesWaiting  a follow-up came that the run has not seen; it goes on
    │   └── LeaseLost        the run's lease epoch is stale; it may change nothing any more
    ├── TooLarge             over a size limit
    ├── UnsupportedMedia     a content type we do not read
    ├── Invalid              well-formed, but breaks rules; carries one `FieldError` for each
    ├── RateLimited          the key's token bucket is empty
    ├── Unavailable          the database (or another part) is away; trying again helps
    └── ConfigurationError   the process itself is set up wrongly; never caused by a request
        └── ManifestInvalid  an agent's manifest breaks a rule (`aiwebhook.domain.agent`)

`detail` says rule and value ("priority must be 0–9, got 12"), `remedy` the next step.
Neither may hold a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One broken rule: `pointer` is a JSON pointer (RFC 6901) into the request body; `suggestion`
    what would be accepted there, where something can be suggested.
    """

    pointer: str
    message: str
    suggestion: Any = None


class AiWebhookError(Exception):
    """Root of the tree. `code` is a row of `aiwebhook.error_codes`, whose remedy counts where none
    that knows more is given; messages may change. `example` is a whole request that would be
    accepted, where the remedy shows one.
    """

    code = "internal"
    retryable = False
    challenge: str | None = None
    """How to get in: the value of WWW-Authenticate, where a door knows more than "Bearer"."""

    def __init__(  # noqa: PLR0913 — an error is all of these
        self,
        detail: str,
        *,
        code: str | None = None,
        remedy: str | None = None,
        errors: tuple[FieldError, ...] = (),
        retry_after_s: float | None = None,
        example: Mapping[str, Any] | None = None,
    ) -> None:
        from aiwebhook.error_codes import CODES  # noqa: PLC0415 4 ms of a command line that ends well

        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.remedy = remedy or (CODES.get(self.code) or CODES[type(self).code]).remedy
        self.errors = errors
        self.retry_after_s = retry_after_s
        self.example = example


class NotJson(AiWebhookError):
    """The body is no JSON object."""

    code = "not_json"


class Unauthorized(AiWebhookError):
    """No valid API key came with the request."""

    code = "unauthorized"


class Forbidden(AiWebhookError):
    """The caller is known, or claims to be, but may not do this."""

    code = "forbidden"


class NotFound(AiWebhookError):
    """Nothing of this name exists in the caller's project."""

    code = "not_found"


class MethodNotAllowed(AiWebhookError):
    """The path exists, but not with this HTTP method."""

    code = "method_not_allowed"

    allow: tuple[str, ...] = ()


class Conflict(AiWebhookError):
    """The state of the thing does not allow this now."""

    code = "conflict"


class MessagesWaiting(Conflict):
    """A run wants to complete a task for which a follow-up came that it has not seen."""

    code = "messages_waiting"


class LeaseLost(Conflict):
    """The run's lease went to another attempt, or ended; this run changes nothing any more."""

    code = "lease_lost"


class TooLarge(AiWebhookError):
    """A body or an answer exceeds its size limit (413)."""

    code = "body_too_large"


class UnsupportedMedia(AiWebhookError):
    """A content type or encoding we do not read."""

    code = "unsupported_media_type"


class Invalid(AiWebhookError):
    """The request breaks a rule of its schema."""

    code = "invalid"


class RateLimited(AiWebhookError):
    """The key's token bucket is empty."""

    code = "rate_limited"
    retryable = True


class Unavailable(AiWebhookError):
    """Something we stand on is away for the moment."""

    code = "unavailable"
    retryable = True


class ConfigurationError(AiWebhookError):
    """The process is set up wrongly: raised at start, names everything that is missing."""

    code = "configuration"
