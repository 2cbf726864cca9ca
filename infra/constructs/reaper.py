"""reaper: every minute, and at once when a run's task stops, puts right what died."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import interfaces
from infra.constructs.python_function import FunctionDefaults, PythonFunction
from infra.constructs.work_queue import AgentQueues


class ReaperFunction(Construct):
    """The function behind the schedule and the rule on stopped ECS tasks of our cluster."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        surroundings: FunctionDefaults,
        agent_queues: AgentQueues,
        topic: sns.Topic,
        notifier_queue: sqs.Queue,
        cluster: ecs.Cluster,
        bucket: s3.Bucket,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Reaper",
            name="reaper",
            surroundings=surroundings,
            timeout_s=60,
            memory_mib=512,
            environment={
                "AGENT_QUEUES": agent_queues.as_json,
                "EVENTS_TOPIC_ARN": topic.topic_arn,
                "NOTIFIER_QUEUE_URL": notifier_queue.queue_url,
                "ARTIFACT_BUCKET": bucket.bucket_name,
            },
        )
        self._tick()
        self._listen(cluster)

    def _tick(self) -> None:
        events.Rule(
            self,
            "EveryMinute",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            # A late sweep helps nobody: the next one comes within the minute.
            targets=[self._target(retry_attempts=0)],
        )

    def _listen(self, cluster: ecs.Cluster) -> None:
        events.Rule(
            self,
            "RunStopped",
            event_pattern=events.EventPattern(
                source=["aws.ecs"],
                detail_type=["ECS Task State Change"],
                detail={"lastStatus": ["STOPPED"], "clusterArn": [cluster.cluster_arn]},
            ),
            # A lost event is found by the heartbeat a minute later; a day of retries, the default,
            # would only bring old news.
            targets=[self._target(retry_attempts=20)],
        )

    def _target(self, *, retry_attempts: int) -> events.IRuleTarget:
        """Name the reaper; retries are of the delivery to it, not of its own work."""
        function = interfaces.function(self.function.function)
        return interfaces.rule_target(
            targets.LambdaFunction(function, retry_attempts=retry_attempts)
        )
