"""migration: brings the schema to the code's version before any new code runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

from aws_cdk import CfnResource, Duration, RemovalPolicy, Stack, triggers
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import interfaces
from infra.constructs.python_function import FunctionDefaults, PythonFunction
from infra.stages import LoginKind

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
        logins = surroundings.logins
        self.function = PythonFunction(
            self,
            "Migrate",
            name="migrate",
            surroundings=surroundings,
            timeout_s=600,
            memory_mib=512,
            environment={
                "DATABASE_SECRET_ARN": logins.database.secret.secret_arn,
                "DATABASE_LOGINS": logins.place,
                "DATABASE_CONNECTIONS": json.dumps(surroundings.stage.connection_limits),
            },
        )
        self.trigger = triggers.Trigger(
            self,
            "Trigger",
            handler=self.function.function,
            timeout=Duration.minutes(10),
            execute_before=list(before),
        )
        self._keep_provider_logs_for_a_month()
        if surroundings.stage.database_login is LoginKind.PASSWORD:
            self._rotate_every_month()

    def _rotate_every_month(self) -> None:
        events.Rule(
            self,
            "Rotation",
            schedule=events.Schedule.rate(Duration.days(30)),
            targets=[
                interfaces.rule_target(
                    targets.LambdaFunction(
                        interfaces.function(self.function.function),
                        event=events.RuleTargetInput.from_object({"rotate": True}),
                        retry_attempts=20,
                    )
                )
            ],
        )

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
