"""session_api: the resources, the long polls, the Runs API and the documents."""

from __future__ import annotations

import json

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.outbound import for_callers
from infra.constructs.python_function import FunctionDefaults, PythonFunction
from infra.constructs.work_queue import AgentQueues


class SessionApiFunction(Construct):
    """The function behind every path that is not relay's."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        surroundings: FunctionDefaults,
        app_secret: secretsmanager.ISecret,
        agent_queues: AgentQueues,
        topic: sns.Topic,
        notifier_queue: sqs.Queue,
        outbound: PythonFunction,
        bucket: s3.Bucket,
        allow_loopback_callbacks: str,
        cors_origins: tuple[str, ...],
        quiet_hosts: tuple[str, ...],
        events_codes: str,
        public_url: str,
    ) -> None:
        # reason: its resources, and their names in the environment
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "SessionApi",
            name="session_api",
            surroundings=surroundings,
            timeout_s=29,  # API Gateway gives up then
            memory_mib=1024,
            environment=for_callers(outbound)
            | {
                "APP_SECRET_ARN": app_secret.secret_arn,
                "AGENT_QUEUES": agent_queues.as_setting,
                "EVENTS_TOPIC_ARN": topic.topic_arn,
                "NOTIFIER_QUEUE_URL": notifier_queue.queue_url,
                "ARTIFACT_BUCKET": bucket.bucket_name,
                "ALLOW_LOOPBACK_CALLBACKS": allow_loopback_callbacks,
                "MAX_WAITS": surroundings.max_waits,
                "HOLDS_POLLS": "false",
                "CORS_ORIGINS": json.dumps(cors_origins),
                "QUIET_HOSTS": json.dumps(quiet_hosts),
                "EVENTS_CODES": events_codes,
                "PUBLIC_URL": public_url,
            },
        )
