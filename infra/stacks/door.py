"""door: the deployment's own URL, in a stack of its own, so that the URL outlives the service."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from constructs import Construct

from infra.stages import Stage


class DoorStack(Stack):
    """An HTTP API at the host's root. A REST API's stage is a path, and clients look for the
    documents of RFC 8414 and RFC 9728 at the root. What answers is connected by the service.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id, termination_protection=stage.keep_data)
        self.api = apigatewayv2.CfnApi(
            self, "Api", name=f"aiwebhook-{stage.name}-door", protocol_type="HTTP"
        )
        apigatewayv2.CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigatewayv2.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=stage.throttle_rate,
                throttling_burst_limit=stage.throttle_burst,
            ),
        )
        CfnOutput(self, "PublicUrl", value=self.url)

    @property
    def url(self) -> str:
        """Where people and clients find the deployment; no slash at the end."""
        return f"https://{self.api.ref}.execute-api.{self.region}.{self.url_suffix}"
