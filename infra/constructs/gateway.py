"""gateway: the sidecar of an agent's run, which alone holds the keys of the model providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs

from infra.agents import AgentType

CONTAINER = "gateway"
PORT = 8788
# Neither root nor a user of the image: it needs no files, and owns none.
_USER = "65532:65532"
# Half of a runner's least; a pass-through proxy waits for the network and keeps nothing.
_CPU, _MEMORY_MIB = 64, 192
_ANSWERS = f"import socket; socket.create_connection(('127.0.0.1', {PORT}), 2).close()"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayContainer:
    """The container, where the runner finds it, and what it takes of the task's size."""

    container: ecs.ContainerDefinition
    url: str = f"http://127.0.0.1:{PORT}"
    cpu: int = _CPU
    memory_mib: int = _MEMORY_MIB


def add_gateway(
    definition: ecs.FargateTaskDefinition,
    agent: AgentType,
    *,
    image: ecs.EcrImage,
    keys: Mapping[str, ecs.Secret],
    logs: logs.LogGroup,
) -> GatewayContainer:
    """Add it to a run's task. The containers of a task share loopback and nothing else."""
    parameters = ecs.LinuxParameters(definition, "GatewayLinuxParameters")
    parameters.drop_capabilities(ecs.Capability.ALL)
    container = definition.add_container(
        CONTAINER,
        container_name=CONTAINER,
        image=image,
        command=["python3.13", "-m", "aiwebhook_gateway", "serve"],
        user=_USER,
        cpu=_CPU,
        memory_limit_mib=_MEMORY_MIB,
        essential=True,
        readonly_root_filesystem=True,
        environment={"AIWEBHOOK_GATEWAY_PORT": str(PORT)},
        secrets=keys,
        # It listens on loopback only. Named for the local stack, where tasks share one loopback
        # and each needs a port of its own.
        port_mappings=[ecs.PortMapping(container_port=PORT)],
        health_check=_health_check(),
        logging=ecs.LogDrivers.aws_logs(stream_prefix=f"{agent.name}-gateway", log_group=logs),
        # It has nothing to hand back, and is stopped after the runner.
        stop_timeout=Duration.seconds(10),
        linux_parameters=parameters,
    )
    return GatewayContainer(container=container)


def _health_check() -> ecs.HealthCheck:
    """The runner waits for the first success; ECS offers no shorter interval."""
    return ecs.HealthCheck(
        command=["CMD", "python3.13", "-c", _ANSWERS],
        interval=Duration.seconds(5),
        timeout=Duration.seconds(3),
        retries=3,
        start_period=Duration.seconds(10),
    )
