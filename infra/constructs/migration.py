"""migration: brings the schema to the code's version before any new code runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from aws_cdk import CfnResource, Duration, RemovalPolicy, Stack, triggers
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.constructs.python_function import FunctionDefaults, PythonFunction

_PROVIDER = "AWSCDK.TriggerCustomResourceProviderCustomResourceProvider"


class MigrationTrigger(Construct):
    """The function migrate, run when it or a layer changed; a failure rolls the deployment back.

    The local stack runs the migrations itself and drops this construct: every resource whose
    logical id starts with "Migration" or "AWSCDKTrigger".
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        surroundings: FunctionDefaults,
        before: Sequence[PythonFunction],
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Migrate",
            name="migrate",
            surroundings=surroundings,
            timeout_s=600,
            memory_mib=512,
            environment={},
        )
        self.trigger = triggers.Trigger(
            self,
            "Trigger",
            handler=self.function.function,
            timeout=Duration.minutes(10),
            execute_before=list(before),
        )
        self._keep_provider_logs_for_a_month()

    def _keep_provider_logs_for_a_month(self) -> None:
        """CDK's own helper function would leave a log group that never expires."""
        provider = Stack.of(self).node.find_child(_PROVIDER)
        function = cast(CfnResource, provider.node.find_child("Handler"))
        log_group = logs.LogGroup(
            self,
            "ProviderLogs",
            log_group_name=f"/aws/lambda/{function.ref}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.trigger.node.add_dependency(log_group)
