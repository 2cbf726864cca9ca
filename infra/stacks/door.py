"""door: the deployment's own URL, in a stack of its own, so that the URL outlives the service."""

from __future__ import annotations

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.constructs.access_log import HTTP_LINE
from infra.stages import Stage


class DoorStack(Stack):
    """The user's own domain, or else an HTTP API at the host's root. What answers is connected
    by the service.

    A REST API's stage is a path, and clients look for the documents of RFC 8414 and RFC 9728 at the
    root; at a domain of one's own it stands at the root, too, with its WAF and its policy.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id, termination_protection=stage.keep_data)
        self.api: apigatewayv2.CfnApi | None = None
        self.domain: apigateway.CfnDomainName | None = None
        if stage.domain_name is None:
            self.api = self._http_api(stage)
        else:
            self.domain = self._own_domain(stage.domain_name, stage.certificate_arn)
        self._host = self._host_name(stage)
        CfnOutput(self, "PublicUrl", value=self.url)

    @property
    def url(self) -> str:
        """Where people and clients find the deployment; no slash at the end."""
        return f"https://{self._host}"

    def _host_name(self, stage: Stage) -> str:
        if self.api is None:
            return str(stage.domain_name)
        return f"{self.api.ref}.execute-api.{self.region}.{self.url_suffix}"

    def _http_api(self, stage: Stage) -> apigatewayv2.CfnApi:
        api = apigatewayv2.CfnApi(
            self, "Api", name=f"aiwebhook-{stage.name}-door", protocol_type="HTTP"
        )
        log = logs.CfnLogGroup(
            self,
            "AccessLog",
            # The prefix spares the resource policy of the account's logs a line per group.
            log_group_name=f"/aws/vendedlogs/aiwebhook-{stage.name}-door",
            retention_in_days=stage.log_days,
        )
        log.apply_removal_policy(RemovalPolicy.DESTROY)
        apigatewayv2.CfnStage(
            self,
            "Stage",
            api_id=api.ref,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=apigatewayv2.CfnStage.AccessLogSettingsProperty(
                destination_arn=log.attr_arn, format=HTTP_LINE
            ),
            default_route_settings=apigatewayv2.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=stage.throttle_rate,
                throttling_burst_limit=stage.throttle_burst,
            ),
        )
        return api

    def _own_domain(self, name: str, certificate_arn: str | None) -> apigateway.CfnDomainName:
        domain = apigateway.CfnDomainName(
            self,
            "Domain",
            domain_name=name,
            regional_certificate_arn=certificate_arn,
            endpoint_configuration=apigateway.CfnDomainName.EndpointConfigurationProperty(
                types=["REGIONAL"]
            ),
            security_policy="TLS_1_2",
        )
        # A CNAME or an alias record of the domain points there.
        CfnOutput(self, "DomainTarget", value=domain.attr_regional_domain_name)
        return domain
