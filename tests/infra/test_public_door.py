"""The deployment's own URL on AWS: an HTTP API with routes for everything that GET / names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest

from session_api.introduction.descriptor import descriptor
from session_api.raw_routes import RAW_ROUTES
from tests.infra.template import Template

URL = "https://x.example"


def addresses(value: Any) -> Iterator[str]:
    """Every path below our URL in a JSON value."""
    if isinstance(value, dict):
        for inner in cast("dict[str, Any]", value).values():
            yield from addresses(inner)
    elif isinstance(value, str) and value.startswith(URL):
        yield value.removeprefix(URL) or "/"


@pytest.mark.req("D10", "O1")
def test_every_path_that_is_named_leads_to_its_function(service: Template) -> None:
    integrations = service.of_type("AWS::ApiGatewayV2::Integration")

    def function(target: Any) -> str:
        (found,) = (name for name in integrations if f'"{name}"' in json.dumps(target))
        uri = json.dumps(integrations[found]["IntegrationUri"])
        return next(n for n in service.functions() if f'"{service.function_id(n)}"' in uri)

    routes = {
        route["RouteKey"].removeprefix("ANY "): function(route["Target"])
        for route in service.of_type("AWS::ApiGatewayV2::Route").values()
    }
    paths = {*addresses(descriptor(URL)), *(route.path for route in RAW_ROUTES), "/v1/sessions"}
    for path in paths:
        named = [r for r in routes if re.fullmatch(r.replace("{proxy+}", ".+"), path)]
        best = max(named, key=lambda r: (r == path, len(r)), default=None)
        expected = "relay" if path in ("/webhook", "/v1/commands") else "session_api"
        assert routes.get(best or "") == expected, path
