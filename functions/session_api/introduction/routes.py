"""The paths of the introduction: public, and the same for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.http import Request, Response
from session_api.introduction.descriptor import descriptor, llms_txt
from session_api.media_range import prefers_json

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_CACHED = {"Cache-Control": "public, max-age=300"}
_HTML, _MARKDOWN = "text/html; charset=utf-8", "text/markdown; charset=utf-8"
_PLAIN = "text/plain; charset=utf-8"


def root(api: SessionApi, request: Request, _limits: dict[str, str]) -> Response:
    """The page for people, or the descriptor for clients that prefer JSON."""
    accept = request.headers.get("accept", "")
    varies = {**_CACHED, "Vary": "Accept"}
    if prefers_json(accept, "text/html"):
        return Response(status=200, body=descriptor(api.public_url), headers=varies)
    from session_api.introduction.page import page, policy  # noqa: PLC0415 — rarely asked for

    headers = {**varies, "Content-Type": _HTML, "Content-Security-Policy": policy()}
    return Response(status=200, body=page(api.public_url), headers=headers)


def instructions(api: SessionApi, _request: Request, _limits: dict[str, str]) -> Response:
    """The guide for models."""
    from session_api.introduction.guide import guide  # noqa: PLC0415 — reads every command's model

    return _text(guide(api.public_url), _MARKDOWN)


def examples_page(api: SessionApi, _request: Request, _limits: dict[str, str]) -> Response:
    """A request and its reply for every command."""
    from session_api.introduction.examples import examples  # noqa: PLC0415 — rarely asked for

    return _text(examples(api.public_url), _MARKDOWN)


def index(api: SessionApi, _request: Request, _limits: dict[str, str]) -> Response:
    return _text(llms_txt(api.public_url), _PLAIN)


def well_known(api: SessionApi, _request: Request, _limits: dict[str, str]) -> Response:
    return Response(status=200, body=descriptor(api.public_url), headers=dict(_CACHED))


def _text(text: str, content_type: str) -> Response:
    return Response(status=200, body=text, headers={**_CACHED, "Content-Type": content_type})
