"""dispatcher: claims tasks when a queue rings and starts their runs."""

from __future__ import annotations

from aws_cdk import CfnCondition, Fn
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.python_function import FunctionDefaults, PythonFunction
from infra.constructs.runner import Runner
from infra.constructs.work_queue import AgentQueues

TIMEOUT_S = 60
# A claimed task whose run never started is taken back after this. Fargate's slow launches (a large
# image, a busy zone) take one to two minutes.
LAUNCH_TIMEOUT_S = 300


class Dispatcher(Construct):
    """The function fed by every agent queue."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        surroundings: FunctionDefaults,
        app_secret: secretsmanager.ISecret,
        agent_queues: AgentQueues,
        topic: sns.Topic,
        runner: Runner,
        run_security_group: ec2.SecurityGroup,
        api_url: str,
    ) -> None:
        super().__init__(scope, construct_id)
        public = surroundings.vpc.select_subnets(subnet_type=ec2.SubnetType.PUBLIC)
        self.function = PythonFunction(
            self,
            "Dispatcher",
            name="dispatcher",
            surroundings=surroundings,
            timeout_s=TIMEOUT_S,
            memory_mib=512,
            environment={
                "APP_SECRET_ARN": app_secret.secret_arn,
                "AGENT_QUEUES": agent_queues.as_setting,
                "EVENTS_TOPIC_ARN": topic.topic_arn,
                "CLUSTER_ARN": runner.cluster.cluster_arn,
                "TASK_DEFINITIONS": runner.families_as_json,
                "SPOT_AGENTS": runner.spot_agents,
                "SUBNET_IDS": ",".join(public.subnet_ids),
                "SECURITY_GROUP_ID": run_security_group.security_group_id,
                "API_URL": api_url,
                "LAUNCH_TIMEOUT_S": str(LAUNCH_TIMEOUT_S),
            },
        )
        for work in agent_queues.by_agent.values():
            # Two is the least that SQS offers; claims of one agent are serialised by a lock anyway.
            work.feed(self.function, max_concurrency=2)
        if surroundings.stage.database_snapshot is not None:
            self._wait_for_images(runner.image_tag)

    def _wait_for_images(self, image_tag: str) -> None:
        """Tasks waiting in a restored snapshot would start before `cloud images` has run for the
        first time, and fail for lack of an image; the queues keep their messages until then.
        """
        there = CfnCondition(
            self, "WithImages", expression=Fn.condition_not(Fn.condition_equals(image_tag, "none"))
        )
        enabled = Fn.condition_if(there.logical_id, True, False)
        for each in self.function.function.node.find_all():
            if isinstance(each, lambda_.CfnEventSourceMapping):
                each.add_property_override("Enabled", enabled)
