"""notifier: the topic of all events, and the function that has callbacks sent, in two lanes."""

from __future__ import annotations

from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.constructs.outbound import for_callers
from infra.constructs.python_function import FunctionDefaults, PythonFunction
from infra.constructs.work_queue import WorkQueue

_TIMEOUT_S = 60


class Notifier(Construct):
    """Events go from the topic through the queue of first tries to the function; retries go through
    a queue of their own, so that silent receivers delay no first try (ADR 0008). People may
    subscribe to the topic.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        surroundings: FunctionDefaults,
        app_secret: secretsmanager.ISecret,
        outbound: PythonFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Events", enforce_ssl=True)
        self.first_tries = WorkQueue(self, "Deliveries", consumer_timeout_s=_TIMEOUT_S)
        self.retries = WorkQueue(self, "Retries", consumer_timeout_s=_TIMEOUT_S)
        self.topic.add_subscription(
            subscriptions.SqsSubscription(self.first_tries.queue, raw_message_delivery=True)
        )
        self.function = PythonFunction(
            self,
            "Notifier",
            name="notifier",
            surroundings=surroundings,
            timeout_s=_TIMEOUT_S,
            memory_mib=512,
            environment=for_callers(outbound)
            | {
                "APP_SECRET_ARN": app_secret.secret_arn,
                "NOTIFIER_QUEUE_URL": self.retries.queue.queue_url,
                "CALLBACK_SHARE": str(surroundings.stage.callback_share),
            },
        )
        for lane in (self.first_tries, self.retries):
            lane.feed(self.function, max_concurrency=surroundings.stage.callback_concurrency)
