"""The functions behind the deployment's own URL."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from aiwebhook.door_paths import API_ROUTES, DOOR_PATHS, RELAY_ROUTES, WELL_KNOWN
from infra.constructs.python_function import PythonFunction
from infra.justify import justify

_TIMEOUT_MS = 29_000  # as the function's own, and as the REST API gives up


class PublicDoor(Construct):
    """Connects session_api and relay to the paths of the HTTP API, and to no others."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api: apigatewayv2.CfnApi,
        session_api: PythonFunction,
        relay: PythonFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self._api = api
        paths = (*DOOR_PATHS, f"{WELL_KNOWN}{{proxy+}}", *API_ROUTES)
        justify(self, {"APIG4": "Keys, tokens and signatures are the functions' work."})
        self._connect("", session_api, paths)
        self._connect("Relay", relay, RELAY_ROUTES)

    def _connect(self, name: str, function: PythonFunction, paths: tuple[str, ...]) -> None:
        arn = function.callee.function_arn
        integration = apigatewayv2.CfnIntegration(
            self,
            f"{name}Integration",
            api_id=self._api.ref,
            integration_type="AWS_PROXY",
            integration_uri=arn,
            integration_method="POST",
            # The events of a REST API: the same handler answers both.
            payload_format_version="1.0",
            timeout_in_millis=_TIMEOUT_MS,
        )
        for number, path in enumerate(paths):
            apigatewayv2.CfnRoute(
                self,
                f"{name}Route{number}",
                api_id=self._api.ref,
                route_key=f"ANY {path}",
                target=f"integrations/{integration.ref}",
            )
        stack = Stack.of(self)
        source = f"arn:{stack.partition}:execute-api:{stack.region}:{stack.account}"
        lambda_.CfnPermission(
            self,
            f"{name}Permission",
            action="lambda:InvokeFunction",
            function_name=arn,
            principal="apigateway.amazonaws.com",
            source_arn=f"{source}:{self._api.ref}/*",
        )
