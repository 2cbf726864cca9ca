"""runner: the cluster and one Fargate task definition per agent type."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import interfaces
from infra.agents import AgentType
from infra.constructs.python_function import expiring_log_group
from infra.stages import Stage

CONTAINER = "runner"


class Runner(Construct):
    """Where runs happen. A run's own role is empty: it speaks to the Runs API, not to AWS.

    The image is not built here, so that synthesis needs no Docker: push runner/Dockerfile's image
    to the repository of the data stack (output RunnerRepositoryUri), and give its tag as the
    parameter RunnerImageTag. A tag that does not exist shows at the first run, not at deployment.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        vpc: ec2.Vpc,
        repository: ecr.Repository,
        image_tag: str,
        agents: Sequence[AgentType],
    ) -> None:
        super().__init__(scope, construct_id)
        self.cluster = ecs.Cluster(self, "Cluster", vpc=vpc)
        ecs_tasks = interfaces.service_principal("ecs-tasks.amazonaws.com")
        self.execution_role = iam.Role(self, "ExecutionRole", assumed_by=ecs_tasks)
        self.task_role = iam.Role(self, "TaskRole", assumed_by=ecs_tasks)
        self.families = {agent.name: f"aiwebhook-{stage.name}-{agent.name}" for agent in agents}
        self._image = ecs.ContainerImage.from_ecr_repository(repository, image_tag)
        self._log_group = expiring_log_group(self, "Logs", days=stage.log_days)
        for agent in agents:
            self._task_definition(agent)

    @property
    def families_as_json(self) -> str:
        """{"agent_name": family} for TASK_DEFINITIONS.

        The family, not a revision: a revision named here would be inactive after a deployment.
        """
        return Stack.of(self).to_json_string(self.families)

    @property
    def family_arns(self) -> list[str]:
        """What ecs:RunTask names: each family, and each of its revisions."""
        arns = [
            Stack.of(self).format_arn(
                service="ecs", resource="task-definition", resource_name=family
            )
            for family in self.families.values()
        ]
        return [*arns, *(f"{arn}:*" for arn in arns)]

    def _task_definition(self, agent: AgentType) -> None:
        definition = ecs.FargateTaskDefinition(
            self,
            "".join(part.capitalize() for part in agent.name.split("_")),
            family=self.families[agent.name],
            cpu=agent.cpu,
            memory_limit_mib=agent.memory_mib,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.ARM64,
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
            execution_role=interfaces.role(self.execution_role),
            task_role=interfaces.role(self.task_role),
        )
        definition.add_container(
            CONTAINER,
            container_name=CONTAINER,
            image=self._image,
            command=["python", "-m", "aiwebhook_runner", "run"],
            cpu=agent.cpu,
            memory_limit_mib=agent.memory_mib,
            logging=ecs.LogDrivers.aws_logs(stream_prefix=agent.name, log_group=self._log_group),
            # The most that Fargate gives: time to stop the agent and hand the task back.
            stop_timeout=Duration.seconds(120),
            linux_parameters=ecs.LinuxParameters(
                definition, "LinuxParameters", init_process_enabled=True
            ),
        )
