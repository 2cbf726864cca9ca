"""Paths that speak a protocol of their own: the request reaches them as it came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiwebhook.errors import MethodNotAllowed
from aiwebhook.http import Request, Response

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


class RawRoutes:
    """Raw routes by path and method. They are no operations: the OpenAPI does not list them."""

    def __init__(self, routes: tuple[RawRoute, ...]) -> None:
        self._routes: dict[str, dict[str, RawHandle]] = {}
        for route in routes:
            self._routes.setdefault(route.path, {})[route.method] = route.handle

    def find(self, method: str, path: str) -> RawHandle | None:
        """None where no raw route has this path. Raises MethodNotAllowed."""
        methods: Mapping[str, RawHandle] | None = self._routes.get(path)
        if methods is None:
            return None
        handle = methods.get(method)
        if handle is None:
            error = MethodNotAllowed(f"{method} is not possible here.")
            also = ("HEAD",) if "GET" in methods else ()
            error.allow = tuple(sorted((*methods, *also)))
            raise error
        return handle
