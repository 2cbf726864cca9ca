"""The public REST API: two paths to relay, the rest to session_api; errors as problem+json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from aiwebhook.error_codes import CODES, MEDIA_TYPE, TYPE_BASE
from aiwebhook.security_headers import SECURITY_HEADERS
from infra import interfaces
from infra.constructs.access_log import GatewayLogRole, rest_access_log
from infra.constructs.firewall import Firewall
from infra.constructs.python_function import PythonFunction, expiring_log_group
from infra.justify import justify
from infra.stages import Stage

STAGE_NAME = "live"
# A static value stands in single quotes, and no rule says how to write one within: this policy has
# none, and keeps a browser from running anything all the same.
_SECURITY_HEADERS = SECURITY_HEADERS | {"Content-Security-Policy": "sandbox"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayProblem:
    """API Gateway's response when it called no function, or got no response from one. Status, title
    and remedy are those of the code; `remedy` is set where this case has a better one.
    """

    kind: apigateway.ResponseType
    code: str
    remedy: str = ""
    retry_after_s: int | None = None


FUNCTION_BODY_MB = 4.4
"""What a function can be called with: base64 makes 6 MB of it."""
_MEANT = {
    "APIG2": "The functions check every field, and say what to do about it.",
    "APIG4": "Keys, tokens and signatures are the functions' work.",
    "APIG6": "Execution logs would hold headers and bodies; the access log does not.",
    "COG4": "Its users are programs with keys, and people with sign-in codes.",
}
_WITHOUT_WAF = {"APIG3": "It is the setting waf: it costs $9 a month and needs a domain."}
_ALLOWED = "Call from an allowed address."
_WAIT = "Try again in a few seconds, with the same Idempotency-Key."

# The two defaults catch every kind that is not named.
PROBLEMS = (
    GatewayProblem(kind=apigateway.ResponseType.DEFAULT_4_XX, code="bad_request"),
    GatewayProblem(kind=apigateway.ResponseType.DEFAULT_5_XX, code="internal", remedy=_WAIT),
    GatewayProblem(
        kind=apigateway.ResponseType.ACCESS_DENIED, code="address_not_allowed", remedy=_ALLOWED
    ),
    GatewayProblem(
        kind=apigateway.ResponseType.WAF_FILTERED, code="address_not_allowed", remedy=_ALLOWED
    ),
    # API Gateway's words for "no such method here". With an Authorization header it even tries to
    # read an AWS signature out of it, and complains about that.
    GatewayProblem(
        kind=apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN, code="route_not_found"
    ),
    GatewayProblem(kind=apigateway.ResponseType.INVALID_SIGNATURE, code="route_not_found"),
    GatewayProblem(kind=apigateway.ResponseType.REQUEST_TOO_LARGE, code="body_too_large"),
    GatewayProblem(
        kind=apigateway.ResponseType.UNSUPPORTED_MEDIA_TYPE, code="unsupported_media_type"
    ),
    GatewayProblem(kind=apigateway.ResponseType.THROTTLED, code="rate_limited", retry_after_s=1),
    # A function that does not answer, or a body that fits API Gateway but, in base64, no function:
    # it cannot tell them apart.
    GatewayProblem(
        kind=apigateway.ResponseType.INTEGRATION_FAILURE,
        code="unavailable",
        remedy=f"With a body above {FUNCTION_BODY_MB} MB: send it in parts. Otherwise: {_WAIT}",
        retry_after_s=5,
    ),
    GatewayProblem(
        kind=apigateway.ResponseType.INTEGRATION_TIMEOUT, code="timeout", retry_after_s=5
    ),
)


class FrontDoor(Construct):
    """A Regional REST API: the only kind with WAF and a resource policy."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._allowed = stage.allowed_cidrs
        log = rest_access_log(expiring_log_group(self, "AccessLog", days=stage.log_days))
        self.api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=f"aiwebhook-{stage.name}",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            # Everything is binary: a signature covers the bytes as they were sent.
            binary_media_types=["*/*"],
            cloud_watch_role=False,
            policy=_policy(stage.allowed_cidrs) if stage.allowed_cidrs else None,
            deploy_options=apigateway.StageOptions(
                stage_name=STAGE_NAME,
                throttling_rate_limit=stage.throttle_rate,
                throttling_burst_limit=stage.throttle_burst,
                access_log_destination=log.access_log_destination,
                access_log_format=log.access_log_format,
            ),
        )
        self.api.deployment_stage.node.add_dependency(GatewayLogRole(self, "LogRole"))
        if stage.waf:
            Firewall(
                self,
                "Firewall",
                stage_arn=self.api.deployment_stage.stage_arn,
                rate_per_address=stage.waf_rate_per_address,
            )
        self.api.node.try_remove_child("Endpoint")  # CDK's own output; ours is ApiUrl
        justify(self.api, _MEANT if stage.waf else _MEANT | _WITHOUT_WAF)
        for problem in PROBLEMS:
            self._answer(problem, cors=bool(stage.cors_origins))

    @property
    def url(self) -> str:
        """Where clients and runs reach the API; without a trailing slash."""
        stack = Stack.of(self)
        host = f"{self.api.rest_api_id}.execute-api.{stack.region}.{stack.url_suffix}"
        return f"https://{host}/{STAGE_NAME}"

    def route(self, *, relay: PythonFunction, session_api: PythonFunction) -> None:
        """Connect the paths. The functions come later than the API, which they may name."""
        to_relay, to_session_api = _proxy(relay), _proxy(session_api)
        root = self.api.root
        # All methods: whoever looks in with a browser learns from relay what is to be sent.
        webhook = root.add_resource("webhook")
        webhook.add_method("ANY", to_relay)
        webhook.add_resource("{proxy+}").add_method("ANY", to_relay)
        v1 = root.add_resource("v1")
        v1.add_resource("commands").add_method("ANY", to_relay)
        if self._allowed:  # a path of their own, which the policy names
            runs = v1.add_resource("runs").add_resource("{proxy+}")
            runs.add_method("ANY", to_session_api)
        root.add_method("GET", to_session_api)
        root.add_resource("{proxy+}").add_method("ANY", to_session_api)

    def answer_at(self, domain: apigateway.CfnDomainName) -> None:
        """Serve the API at the root of a domain, which lives in a stack of its own."""
        mapping = apigateway.CfnBasePathMapping(
            self,
            "AtDomain",
            domain_name=domain.ref,
            rest_api_id=self.api.rest_api_id,
            stage=self.api.deployment_stage.stage_name,
        )
        mapping.node.add_dependency(self.api.deployment_stage)

    def _answer(self, problem: GatewayProblem, *, cors: bool) -> None:
        kind = problem.kind.response_type
        headers = {"Content-Type": f"'{MEDIA_TYPE}'"}
        headers |= {name: f"'{value}'" for name, value in _SECURITY_HEADERS.items()}
        if cors:  # no function is asked that knows the origin; and a problem holds nothing secret
            headers["Access-Control-Allow-Origin"] = "'*'"
        if problem.retry_after_s is not None:
            headers["Retry-After"] = f"'{problem.retry_after_s}'"
        self.api.add_gateway_response(
            "".join(part.capitalize() for part in kind.split("_")),
            type=problem.kind,
            status_code=str(CODES[problem.code].status),
            response_headers=headers,
            # The key must be the type of the request's Accept or this default; the header above
            # decides what the answer calls itself.
            templates={"application/json": _template(problem)},
        )


def _policy(allowed_cidrs: Sequence[str]) -> iam.PolicyDocument:
    """Addresses that may call. Runs call from addresses that cannot be known in advance: they are
    admitted by their lease token.
    """
    anyone = interfaces.anyone()
    return iam.PolicyDocument(
        statements=[
            iam.PolicyStatement(
                principals=[anyone],
                actions=["execute-api:Invoke"],
                resources=["execute-api:/*"],
                conditions={"IpAddress": {"aws:SourceIp": list(allowed_cidrs)}},
            ),
            iam.PolicyStatement(
                principals=[anyone],
                actions=["execute-api:Invoke"],
                resources=["execute-api:/*/*/v1/runs/*"],
            ),
        ]
    )


def _template(problem: GatewayProblem) -> str:
    """Write the body. messageString comes with its own quotes, so it stands bare."""
    known = CODES[problem.code]
    body = json.dumps(
        {
            "type": TYPE_BASE + problem.code,
            "title": known.title,
            "status": known.status,
            "detail": "$detail",
            "code": problem.code,
            "retryable": problem.retry_after_s is not None,
            "remedy": problem.remedy or known.remedy,
            "request_id": "$context.requestId",
        }
    )
    return body.replace('"$detail"', "$context.error.messageString")


def _proxy(function: PythonFunction) -> apigateway.LambdaIntegration:
    return apigateway.LambdaIntegration(
        interfaces.function(function.callee), allow_test_invoke=False
    )
