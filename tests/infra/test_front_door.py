"""The REST API: where requests go, and what API Gateway says by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aiwebhook import errors, problem
from aiwebhook.security_headers import SECURITY_HEADERS
from aiwebhook_local import problems
from infra.constructs.front_door import PROBLEMS
from tests.infra.template import Template

pytestmark = pytest.mark.req("W1")


def path_of(service: Template, resource: dict[str, Any]) -> str:
    """The path of a method's ResourceId, walked up to the root."""
    if "Fn::GetAtt" in resource:
        return ""
    properties = service.resources[resource["Ref"]]["Properties"]
    return f"{path_of(service, properties['ParentId'])}/{properties['PathPart']}"


def target_of(service: Template, method: dict[str, Any]) -> str:
    uri = json.dumps(method["Integration"]["Uri"])
    names = [name for name in service.functions() if f'"{service.function_id(name)}"' in uri]
    return names[0]


def test_webhooks_and_commands_go_to_relay_and_the_rest_to_session_api(service: Template) -> None:
    routes = {
        (method["HttpMethod"], path_of(service, method["ResourceId"]) or "/"): target_of(
            service, method
        )
        for method in service.of_type("AWS::ApiGateway::Method").values()
    }
    assert routes == {
        ("ANY", "/webhook"): "relay",
        ("ANY", "/webhook/{proxy+}"): "relay",
        ("ANY", "/v1/commands"): "relay",
        ("GET", "/"): "session_api",
        ("ANY", "/{proxy+}"): "session_api",
    }


def test_bodies_arrive_byte_by_byte(service: Template) -> None:
    (api,) = service.of_type("AWS::ApiGateway::RestApi").values()
    assert api["BinaryMediaTypes"] == ["*/*"]
    assert "MinimumCompressionSize" not in api  # it would unpack bodies before the signature check
    assert api["EndpointConfiguration"]["Types"] == ["REGIONAL"]


def test_methods_hand_the_request_over_as_it_is(service: Template) -> None:
    for method in service.of_type("AWS::ApiGateway::Method").values():
        assert method["Integration"]["Type"] == "AWS_PROXY"
        assert method["AuthorizationType"] == "NONE"  # keys and signatures are the functions' work


@pytest.mark.req("W6")
def test_the_stage_limits_the_rate(service: Template) -> None:
    (stage,) = service.of_type("AWS::ApiGateway::Stage").values()
    (limits,) = stage["MethodSettings"]
    assert (limits["HttpMethod"], limits["ResourcePath"]) == ("*", "/*")
    assert 0 < limits["ThrottlingRateLimit"] <= limits["ThrottlingBurstLimit"]


def test_every_answer_of_the_gateway_is_a_problem_with_code_and_remedy(service: Template) -> None:
    answers = service.of_type("AWS::ApiGateway::GatewayResponse").values()
    kinds = {answer["ResponseType"] for answer in answers}
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "REQUEST_TOO_LARGE", "THROTTLED"} <= kinds
    for answer in answers:
        headers = answer["ResponseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == f"'{problem.MEDIA_TYPE}'"
        for name, value in SECURITY_HEADERS.items():
            policy = "sandbox" if name == "Content-Security-Policy" else value
            assert headers[f"gatewayresponse.header.{name}"] == f"'{policy}'"
            assert "'" not in policy, "API Gateway has no way to write a quote in a static value"
        (template,) = answer["ResponseTemplates"].values()
        body = json.loads(template.replace("$context.error.messageString", '"detail"'))
        assert str(body["status"]) == answer["StatusCode"]
        assert body["type"] == problem.TYPE_BASE + body["code"]
        assert body["remedy"]
        assert body["title"]
        assert body["request_id"] == "$context.requestId"
        retry_after = "gatewayresponse.header.Retry-After" in headers
        assert body["retryable"] is retry_after


def test_a_body_too_large_is_told_the_remedy(service: Template) -> None:
    answers = service.of_type("AWS::ApiGateway::GatewayResponse").values()
    (answer,) = [a for a in answers if a["ResponseType"] == "REQUEST_TOO_LARGE"]
    assert answer["StatusCode"] == "413"
    assert "chunks" in str(answer["ResponseTemplates"])


@pytest.mark.req("D1")
def test_the_same_refusal_has_the_same_code_at_every_door() -> None:
    """A function, API Gateway, the local stack's front: 413, 429, 500, 404."""
    gateway = {problem.kind.response_type: problem.code for problem in PROBLEMS}
    speaks = {"content-type": "application/json"}
    local = {
        status: problems.of_gateway(status, headers, b'{"message": "x"}')
        for status, headers in (
            (429, speaks),
            (502, speaks),
            (403, speaks | {"x-amzn-errortype": "x"}),
        )
    }
    codes = {status: problem.code for status, problem in local.items() if problem}

    too_large = errors.TooLarge("Too large.").code
    front = {problems.too_large_for_gateway().code, problems.too_large_for_lambda(1).code}
    assert {gateway["REQUEST_TOO_LARGE"], *front} == {too_large}
    assert gateway["THROTTLED"] == codes[429] == errors.RateLimited("Wait.").code
    assert gateway["DEFAULT_5XX"] == codes[502] == errors.AiWebhookError("Failed.").code
    assert gateway["MISSING_AUTHENTICATION_TOKEN"] == codes[403] == "route_not_found"
