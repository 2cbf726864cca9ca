"""Paths with a protocol of their own, which receive the request unparsed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from aiwebhook.http import Request, Response
from session_api.paths import not_allowed

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

RawHandle = Callable[["SessionApi", Request, dict[str, str]], Response]
"""The last argument collects headers that go on every answer, errors included: rate limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRoute:
    """One method of one exact path. Errors that it raises become problem+json."""

    method: str
    path: str
    handle: RawHandle
    module: str = ""
    """Where it is handled."""


def handler_in(module: str, name: str) -> RawHandle:
    """A handler that is imported at its first request, to spare other cold starts."""

    def handle(api: SessionApi, request: Request, limits: dict[str, str]) -> Response:
        return getattr(import_module(module), name)(api, request, limits)

    return handle


class RawRoutes:
    """Raw routes by path and method. They are no operations: the OpenAPI does not list them."""

    def __init__(self, routes: tuple[RawRoute, ...]) -> None:
        self._routes: dict[str, dict[str, RawHandle]] = {}
        for route in routes:
            self._routes.setdefault(route.path, {})[route.method] = route.handle

    def find(self, method: str, path: str) -> RawHandle | None:
        """The handler; None if no raw route has this path. Raises MethodNotAllowed."""
        methods: Mapping[str, RawHandle] | None = self._routes.get(path)
        if methods is None:
            return None
        handle = methods.get(method)
        if handle is None:
            raise not_allowed(method, methods)
        return handle
