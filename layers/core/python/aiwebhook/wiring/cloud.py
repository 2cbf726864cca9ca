"""The AWS side of a function: one place that knows which client serves which adapter.

Nothing here opens a connection; clients connect at their first request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiwebhook.aws.environment import AwsEnvironment, aws_environment
from aiwebhook.aws.parameters import ParameterStore
from aiwebhook.aws.secrets import SecretsReader
from aiwebhook.aws.signed_request import AwsClient
from aiwebhook.aws.sns import SnsPublisher
from aiwebhook.aws.sqs import CorrelationSource, SqsDeliveryRinger, SqsWaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """Makes adapters; SQS adapters share one connection."""

    environment: AwsEnvironment
    sqs: AwsClient
    correlation_id: CorrelationSource | None = None

    def secrets(self) -> SecretsReader:
        return SecretsReader(AwsClient("secretsmanager", self.environment))

    def parameters(self) -> ParameterStore:
        return ParameterStore(AwsClient("ssm", self.environment))

    def waker(self, queues: Mapping[str, str]) -> SqsWaker:
        """Agent queues; `queues` is agent name → queue URL."""
        return SqsWaker(self.sqs, queues, correlation_id=self.correlation_id)

    def ringer(self, queue_url: str) -> SqsDeliveryRinger:
        return SqsDeliveryRinger(self.sqs, queue_url, correlation_id=self.correlation_id)

    def publisher(self, topic_arn: str) -> SnsPublisher:
        return SnsPublisher(AwsClient("sns", self.environment), topic_arn)


def cloud(correlation_id: CorrelationSource | None = None) -> Cloud:
    """AWS as this process's environment names it. Raises ConfigurationError without a region."""
    environment = aws_environment()
    return Cloud(
        environment=environment,
        sqs=AwsClient("sqs", environment),
        correlation_id=correlation_id,
    )
