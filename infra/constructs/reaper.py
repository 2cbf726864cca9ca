"""reaper: every minute, and at once when a run's task stops, recovers what was lost."""

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
from infra.constructs.work_queue import AgentQueues, WorkQueue

_TIMEOUT_S = 60


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
            timeout_s=_TIMEOUT_S,
            memory_mib=512,
            environment={
                "AGENT_QUEUES": agent_queues.as_setting,
                "EVENTS_TOPIC_ARN": topic.topic_arn,
                "NOTIFIER_QUEUE_URL": notifier_queue.queue_url,
                "ARTIFACT_BUCKET": bucket.bucket_name,
            },
        )
        self.stopped_runs = WorkQueue(self, "StoppedRuns", consumer_timeout_s=_TIMEOUT_S)
        self._tick()
        self._listen(cluster)

    def _tick(self) -> None:
        events.Rule(
            self,
            "EveryMinute",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            # A late tick is useless: the next one comes within a minute.
            targets=[self._target()],
        )
        self.function.function.configure_async_invoke(
            max_event_age=Duration.minutes(1), retry_attempts=0
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
            # By a queue, so that the function's own events, the ticks, may expire after a minute:
            # what the reaper cannot end now comes again, and in the end lies where people see it.
            targets=[interfaces.queue_target(targets.SqsQueue(self.stopped_runs.queue))],
        )
        self.stopped_runs.feed(self.function, max_concurrency=2)

    def _target(self) -> events.IRuleTarget:
        """The reaper as a target; retries and dead letters here concern the delivery to it, not
        its own work.
        """
        function = interfaces.function(self.function.function)
        target = targets.LambdaFunction(
            function, retry_attempts=0, max_event_age=Duration.minutes(1)
        )
        return interfaces.rule_target(target)
