"""reconciler: every minute, asks GitHub which deliveries never arrived."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra import interfaces
from infra.constructs.outbound import for_callers
from infra.constructs.python_function import FunctionDefaults, PythonFunction

_TIMEOUT_S = 120


class ReconcilerFunction(Construct):
    """The function behind the schedule. It looks for work itself: two queries when
    there is none.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        surroundings: FunctionDefaults,
        app_secret: secretsmanager.ISecret,
        bucket: s3.Bucket,
        outbound: PythonFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Reconciler",
            name="reconciler",
            surroundings=surroundings,
            timeout_s=_TIMEOUT_S,
            memory_mib=1024,  # a delivery of 25 MB, as text and as values
            environment=for_callers(outbound)
            | {
                "APP_SECRET_ARN": app_secret.secret_arn,
                "ARTIFACT_BUCKET": bucket.bucket_name,
            },
        )
        target = targets.LambdaFunction(
            interfaces.function(self.function.function),
            retry_attempts=0,
            max_event_age=Duration.minutes(1),
        )
        events.Rule(
            self,
            "EveryMinute",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[interfaces.rule_target(target)],
        )
        # The next tick does whatever this one did not.
        self.function.function.configure_async_invoke(
            max_event_age=Duration.minutes(1), retry_attempts=0
        )
