"""Bodies and answers as OAuth has them: forms in, JSON with `error` out."""

from __future__ import annotations

from urllib.parse import parse_qsl

from aiwebhook.domain.oauth import OAuthError, OAuthRefusal
from aiwebhook.http import Request, Response

_MAX_FORM = 16 * 1024
_MAX_FIELDS = 30
_STATUS = {OAuthError.TEMPORARILY_UNAVAILABLE: 429, OAuthError.INVALID_CLIENT: 401}


def read_form(request: Request) -> dict[str, str] | OAuthRefusal:
    """The fields of application/x-www-form-urlencoded; none may be there twice (RFC 6749 §3.1)."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/x-www-form-urlencoded":
        return _bad("The Content-Type must be application/x-www-form-urlencoded.")
    if len(request.body) > _MAX_FORM:
        return _bad(f"The form is larger than {_MAX_FORM // 1024} KiB.")
    try:
        pairs = parse_qsl(
            request.body.decode(),
            keep_blank_values=True,
            max_num_fields=_MAX_FIELDS,
            errors="strict",
        )
    except ValueError:
        return _bad("The form is not UTF-8, or has too many fields.")
    fields = dict(pairs)
    if len(fields) != len(pairs):
        return _bad("A field is there twice.")
    return fields


def refusal(refused: OAuthRefusal) -> Response:
    """The answer of RFC 6749 §5.2."""
    return Response(
        status=_STATUS.get(refused.error, 400),
        body={"error": str(refused.error), "error_description": refused.description},
        headers={"Retry-After": "3600"}
        if refused.error is OAuthError.TEMPORARILY_UNAVAILABLE
        else {},
    )


def _bad(description: str) -> OAuthRefusal:
    return OAuthRefusal(error=OAuthError.INVALID_REQUEST, description=description)
