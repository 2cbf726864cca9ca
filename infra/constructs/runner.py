"""runner: the cluster and one Fargate task definition per agent type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from aws_cdk import Duration, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from aiwebhook.domain.compute import LEAST_EPHEMERAL_GIB
from aiwebhook.domain.provider import GITHUB_TOKEN
from infra import interfaces
from infra.agents import AgentType
from infra.constructs.gateway import GatewayContainer, add_gateway
from infra.constructs.python_function import expiring_log_group
from infra.justify import justify
from infra.stages import Stage

CONTAINER = "runner"
_MEANT = {
    "ECS2": "Addresses on loopback and names only; what is secret comes from Secrets Manager.",
    "ECS4": "It is the setting container_insights: it costs by the run.",
    "IAM5 Resource::[*]": "ecr:GetAuthorizationToken, the registry's login, knows no resource.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerContainer:
    """What the runner's container does: `words` are its arguments; `suffix` ends the names of
    its task definition."""

    words: Sequence[str]
    suffix: str = ""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: Mapping[str, ecs.Secret] = field(default_factory=dict[str, ecs.Secret])

    @property
    def family_ending(self) -> str:
        """The suffix of the task definition's family."""
        return f"-{self.suffix.lower()}" if self.suffix else ""

    def serving(self, agent_name: str) -> RunnerContainer:
        """The same container, with the agent as its last argument."""
        return replace(self, words=[*self.words, agent_name])


_RUN = RunnerContainer(words=["run"])


class Runner(Construct):
    """Where runs happen. A run's own role is empty: it speaks to the Runs API, not to AWS.

    An agent that talks to a model gets a second container, its gateway, which alone sees the key.
    The images are not built here, so that synthesis needs no Docker: `aiwebhook cloud images` puts
    them into the repository of the data stack as `<image>-<version>`, and then gives the version as
    the parameter RunnerImageTag. Until then runs use those of the version before.
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
        agent_secrets: Mapping[str, secretsmanager.Secret],
    ) -> None:
        super().__init__(scope, construct_id)
        self.cluster = ecs.Cluster(
            self,
            "Cluster",
            vpc=vpc,
            container_insights_v2=ecs.ContainerInsights[stage.container_insights.upper()],
        )
        self.spare_capacity = self._offer_spot() if any(agent.spot for agent in agents) else None
        """What a service on spare capacity has to wait for; CDK's own it could not name."""
        self.spot_agents = ",".join(agent.name for agent in agents if agent.spot)
        ecs_tasks = interfaces.service_principal("ecs-tasks.amazonaws.com")
        self.execution_role = iam.Role(self, "ExecutionRole", assumed_by=ecs_tasks)
        self.task_role = iam.Role(self, "TaskRole", assumed_by=ecs_tasks)
        self.families = {agent.name: f"aiwebhook-{stage.name}-{agent.name}" for agent in agents}
        self.images = {agent.name: agent.image for agent in agents}
        """Agent name → the name of its image."""
        self._repository, self.image_tag = repository, image_tag
        self._secrets = {
            name: ecs.Secret.from_secrets_manager(interfaces.secret(secret))
            for name, secret in agent_secrets.items()
        }
        self._log_group = expiring_log_group(self, "Logs", days=stage.log_days)
        for agent in agents:
            self.definition(agent, _RUN)
        justify(self, _MEANT)

    def _offer_spot(self) -> ecs.CfnClusterCapacityProviderAssociations:
        return ecs.CfnClusterCapacityProviderAssociations(
            self,
            "Capacity",
            cluster=self.cluster.cluster_name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategy=[],
        )

    @property
    def families_as_json(self) -> str:
        """{"agent_name": family} for TASK_DEFINITIONS.

        The family, not a revision: a revision named here would be inactive after a deployment.
        """
        return Stack.of(self).to_json_string(self.families)

    @property
    def family_arns(self) -> list[str]:
        """The resources for ecs:RunTask: each family, and each of its revisions."""
        arns = [
            Stack.of(self).format_arn(
                service="ecs", resource="task-definition", resource_name=family
            )
            for family in self.families.values()
        ]
        return [*arns, *(f"{arn}:*" for arn in arns)]

    def definition(self, agent: AgentType, container: RunnerContainer) -> ecs.FargateTaskDefinition:
        """A task of the agent's size and image, with its gateway if it talks to a model."""
        definition = ecs.FargateTaskDefinition(
            self,
            "".join(part.capitalize() for part in agent.name.split("_")) + container.suffix,
            family=self.families[agent.name] + container.family_ending,
            cpu=agent.cpu,
            memory_limit_mib=agent.memory_mib,
            # Fargate rejects its own default as an explicit value.
            ephemeral_storage_gib=(
                agent.ephemeral_gib if agent.ephemeral_gib > LEAST_EPHEMERAL_GIB else None
            ),
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.ARM64,
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
            execution_role=interfaces.role(self.execution_role),
            task_role=interfaces.role(self.task_role),
        )
        image = ecs.ContainerImage.from_ecr_repository(
            self._repository, f"{agent.image}-{self.image_tag}"
        )
        keys = {name: self._secrets[name] for name in agent.provider_keys}
        gateway = (
            add_gateway(definition, agent, image=image, keys=keys, logs=self._log_group)
            if keys
            else None
        )
        self._add_runner(definition, agent, container, image, gateway)
        return definition

    def _add_runner(
        self,
        definition: ecs.FargateTaskDefinition,
        agent: AgentType,
        wanted: RunnerContainer,
        image: ecs.EcrImage,
        gateway: GatewayContainer | None,
    ) -> None:
        """The container that the dispatcher's overrides name, with all that a gateway leaves."""
        to_gateway = {"AIWEBHOOK_GATEWAY_URL": gateway.url} if gateway else {}
        # The supervisor clones and pushes; it keeps the token from the agent.
        to_github = {GITHUB_TOKEN: self._secrets[GITHUB_TOKEN]} if gateway else {}
        container = definition.add_container(
            CONTAINER,
            container_name=CONTAINER,
            image=image,
            command=["python3.13", "-m", "aiwebhook_runner", *wanted.words],
            cpu=agent.cpu - (gateway.cpu if gateway else 0),
            memory_limit_mib=agent.memory_mib - (gateway.memory_mib if gateway else 0),
            environment={**to_gateway, **wanted.environment} or None,
            secrets={**to_github, **wanted.secrets} or None,
            logging=ecs.LogDrivers.aws_logs(stream_prefix=agent.name, log_group=self._log_group),
            # The most that Fargate gives: time to stop the agent and hand the task back.
            stop_timeout=Duration.seconds(120),
            linux_parameters=ecs.LinuxParameters(
                definition, "LinuxParameters", init_process_enabled=True
            ),
        )
        if gateway:
            # Started after it, and so stopped before it: a run's last words are still metered.
            container.add_container_dependencies(
                ecs.ContainerDependency(
                    container=gateway.container, condition=ecs.ContainerDependencyCondition.HEALTHY
                )
            )
