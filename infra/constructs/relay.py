"""relay: receives webhooks and commands. Accepted means committed."""

from __future__ import annotations

import json

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.python_function import FunctionDefaults, PythonFunction
from infra.constructs.work_queue import AgentQueues


class Relay(Construct):
    """The function behind POST /webhook, its sources and POST /v1/commands."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        surroundings: FunctionDefaults,
        app_secret: secretsmanager.ISecret,
        github_secret: secretsmanager.Secret,
        agent_queues: AgentQueues,
        topic: sns.Topic,
        bucket: s3.Bucket,
        allow_loopback_callbacks: str,
        cors_origins: tuple[str, ...],
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Relay",
            name="relay",
            surroundings=surroundings,
            timeout_s=29,  # API Gateway gives up then
            memory_mib=1024,  # CPU grows with memory: this one pays for the cold start
            environment={
                "APP_SECRET_ARN": app_secret.secret_arn,
                "GITHUB_SECRET_ARN": github_secret.secret_arn,
                "AGENT_QUEUES": agent_queues.as_setting,
                "EVENTS_TOPIC_ARN": topic.topic_arn,
                "ARTIFACT_BUCKET": bucket.bucket_name,
                "ALLOW_LOOPBACK_CALLBACKS": allow_loopback_callbacks,
                "MAX_WAITS": surroundings.max_waits,
                "CORS_ORIGINS": json.dumps(cors_origins),
            },
        )
