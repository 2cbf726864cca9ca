"""access_log: one line of JSON per request, of what API Gateway knows; no body, header or query."""

from __future__ import annotations

import json

from aws_cdk import RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import interfaces
from infra.justify import justify

# The key's id is not among them: API Gateway reads no key. The functions' lines have it, with the
# same gateway_request_id.
_COMMON = {
    "gateway_request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "status": "$context.status",
    "latency_ms": "$context.responseLatency",
    "function_latency_ms": "$context.integrationLatency",
    "function_status": "$context.integration.status",
    # A word such as THROTTLED; "-" where the function's own answer went out. Messages stay away:
    # they have quotes of their own, and repeat what callers sent.
    "gateway_error": "$context.error.responseType",
}
# API Gateway looks for exactly these when it is given the role, for all groups of all APIs.
GATEWAY_LOG_ACTIONS = [
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:PutLogEvents",
]
REST_LINE = json.dumps({**_COMMON, "route": "$context.resourcePath"})
HTTP_LINE = json.dumps({**_COMMON, "route": "$context.routeKey"})


def rest_access_log(group: logs.LogGroup) -> apigateway.StageOptions:
    """For `deploy_options` of a REST API."""
    return apigateway.StageOptions(
        access_log_destination=apigateway.LogGroupLogDestination(group),
        access_log_format=apigateway.AccessLogFormat.custom(REST_LINE),
    )


class GatewayLogRole(Construct):
    """What lets API Gateway write to CloudWatch: one role per account and Region.

    Every stage sets its own, and none takes it away: another stage may be writing under it.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=interfaces.service_principal("apigateway.amazonaws.com"),
            inline_policies={
                "Log": iam.PolicyDocument(
                    statements=[iam.PolicyStatement(actions=GATEWAY_LOG_ACTIONS, resources=["*"])]
                )
            },
        )
        every = "API Gateway asks for it on the groups of all its APIs."
        justify(self.role, {"IAM5 Resource::[*]": every})
        self.account = apigateway.CfnAccount(
            self, "Account", cloud_watch_role_arn=self.role.role_arn
        )
        self.role.apply_removal_policy(RemovalPolicy.RETAIN)
        self.account.apply_removal_policy(RemovalPolicy.RETAIN)
