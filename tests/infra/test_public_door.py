"""The deployment's own URL: an HTTP API in a stack of its own, connected by the service."""

from __future__ import annotations

import pytest

from aiwebhook.door_paths import DOOR_PATHS
from tests.infra.template import Template

pytestmark = pytest.mark.req("D2")


def test_the_url_is_in_a_stack_that_nothing_else_changes(door: Template) -> None:
    kinds = {resource["Type"] for resource in door.resources.values()}
    assert kinds == {"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage", "AWS::Logs::LogGroup"}
    (stage,) = door.of_type("AWS::ApiGatewayV2::Stage").values()
    assert (stage["StageName"], stage["AutoDeploy"]) == ("$default", True)
    assert "PublicUrl" in door.body["Outputs"]


@pytest.mark.req("W6")
def test_the_rate_is_limited_there_too(door: Template) -> None:
    (stage,) = door.of_type("AWS::ApiGatewayV2::Stage").values()
    limits = stage["DefaultRouteSettings"]
    assert 0 < limits["ThrottlingRateLimit"] <= limits["ThrottlingBurstLimit"]


def test_the_events_are_those_of_the_rest_api(service: Template) -> None:
    for integration in service.of_type("AWS::ApiGatewayV2::Integration").values():
        assert integration["PayloadFormatVersion"] == "1.0"
        assert integration["IntegrationType"] == "AWS_PROXY"


def test_every_path_of_the_door_has_a_route(service: Template) -> None:
    keys = {route["RouteKey"] for route in service.of_type("AWS::ApiGatewayV2::Route").values()}
    assert {f"ANY {path}" for path in DOOR_PATHS} <= keys
    assert "ANY /.well-known/{proxy+}" in keys


@pytest.mark.req("O1")
def test_only_this_api_may_call_the_function_by_it(service: Template, door: Template) -> None:
    exported = [
        each["Export"]["Name"] for each in door.body["Outputs"].values() if "Export" in each
    ]
    permissions = [
        permission
        for name, permission in service.of_type("AWS::Lambda::Permission").items()
        if name.startswith("PublicDoor")
    ]
    assert permissions
    for permission in permissions:
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert any(name in str(permission["SourceArn"]) for name in exported)
