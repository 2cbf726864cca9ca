"""warm workers: containers of an agent that wait for its tasks, so that none has to be started."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from aws_cdk import CfnCondition, Fn, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from aiwebhook.domain.next_poll import IDLE_POLL_MS
from infra import interfaces
from infra.agents import AgentType
from infra.constructs.runner import Runner, RunnerContainer

HEAD_START_S = 2 * IDLE_POLL_MS // 1000
"""How much later the dispatcher hears of such an agent's tasks: twice the time after which an idle
worker asks again. What nobody has claimed by then gets a container of its own."""


_SPOT = ecs.CapacityProviderStrategy(capacity_provider="FARGATE_SPOT", weight=1)


class WarmWorkers(Construct):
    """An ECS service per agent that has some. Each task claims one task after the other, as a
    worker on a laptop does (ADR 0034), and hands a running one back when it is stopped.

    While the stage has no images there are none: ECS would wait for them, and CloudFormation for
    ECS, for hours.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        runner: Runner,
        agents: Sequence[AgentType],
        key: secretsmanager.Secret,
        api_url: str,
        image_tag: str,
        security_group: ec2.SecurityGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        self._runner, self._security_group = runner, security_group
        self._container = RunnerContainer(
            words=["worker"],
            suffix="Warm",
            environment={"AIWEBHOOK_URL": api_url},
            secrets={"AIWEBHOOK_API_KEY": ecs.Secret.from_secrets_manager(interfaces.secret(key))},
        )
        self._with_images = CfnCondition(
            self, "WithImages", expression=Fn.condition_not(Fn.condition_equals(image_tag, "none"))
        )
        for agent in agents:
            if agent.warm_workers:
                self._service(agent)

    def _service(self, agent: AgentType) -> None:
        service = ecs.FargateService(
            self,
            "".join(part.capitalize() for part in agent.name.split("_")),
            cluster=interfaces.cluster(self._runner.cluster),
            task_definition=self._runner.definition(agent, self._container.serving(agent.name)),
            desired_count=agent.warm_workers,
            # As runs have it: an address of their own, and nobody may call it.
            assign_public_ip=True,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
            security_groups=[self._security_group],
            capacity_provider_strategies=[_SPOT] if agent.spot else None,
            min_healthy_percent=0,
            max_healthy_percent=200,
            # A release whose workers do not stay up is rolled back instead of tried for hours.
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
        )
        if self._runner.spare_capacity is not None:
            service.node.add_dependency(self._runner.spare_capacity)
        number = Fn.condition_if(self._with_images.logical_id, agent.warm_workers, 0)
        resource = cast("ecs.CfnService", service.node.default_child)
        resource.desired_count = Token.as_number(number)
