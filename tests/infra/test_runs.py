"""The containers of a run: who holds which secret, who waits for whom, what each may do."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from aws_cdk import App, Stack, assertions
from aws_cdk import aws_ecr as ecr

from aiwebhook.agents import load_manifests
from aiwebhook.domain.agent_kind import ON_A_MODEL
from aiwebhook.domain.compute import LEAST_EPHEMERAL_GIB
from aiwebhook.domain.run_image import image_of
from infra.agents import AgentType
from infra.constructs.runner import Runner
from infra.stacks.network import NetworkStack
from infra.stages import DEV
from tests.infra.template import ROOT, Template

pytestmark = pytest.mark.req("T4", "T5")

PROVIDER_KEYS = {"ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"}
MANIFESTS_OF = "layers/core/python/aiwebhook/agents"
MANIFESTS = {
    path.stem: tomllib.loads(path.read_text("utf-8"))
    for path in (ROOT / MANIFESTS_OF).glob("*.toml")
}


def definitions(service: Template) -> dict[str, dict[str, Any]]:
    """Agent name → properties of its task definition."""
    return {
        definition["Family"].removeprefix(f"aiwebhook-{service.stage}-"): definition
        for definition in service.of_type("AWS::ECS::TaskDefinition").values()
    }


def containers(definition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Name → container."""
    return {container["Name"]: container for container in definition["ContainerDefinitions"]}


def on_a_model(service: Template) -> dict[str, dict[str, Any]]:
    """Agent name → containers, of agents that talk to a model."""
    return {
        name: containers(definition)
        for name, definition in definitions(service).items()
        if MANIFESTS[name]["kind"] in ON_A_MODEL
    }


def secrets_of(container: dict[str, Any]) -> dict[str, str]:
    """Variable → the export of the data stack that is its secret's ARN."""
    return {s["Name"]: s["ValueFrom"]["Fn::ImportValue"] for s in container.get("Secrets", [])}


def named_after(variable: str) -> str:
    """What the secret of this variable is called in the data stack's exports."""
    return "AgentSecret" + "".join(part.capitalize() for part in variable.split("_"))


def test_an_agent_on_a_model_has_a_gateway_and_the_others_have_none(service: Template) -> None:
    for name, definition in definitions(service).items():
        wanted = {"runner", "gateway"} if name in on_a_model(service) else {"runner"}
        assert containers(definition).keys() == wanted, name


def test_no_container_but_the_gateway_is_given_a_provider_key(service: Template) -> None:
    for definition in definitions(service).values():
        runner = containers(definition)["runner"]
        variables = {item["Name"] for item in runner.get("Environment", [])}
        assert not (secrets_of(runner).keys() | variables) & PROVIDER_KEYS
        assert variables <= {"AIWEBHOOK_GATEWAY_URL"}


def test_each_variable_comes_from_the_secret_of_its_name(service: Template) -> None:
    for name, both in on_a_model(service).items():
        keys = secrets_of(both["gateway"])
        assert keys, name
        assert keys.keys() <= PROVIDER_KEYS
        assert secrets_of(both["runner"]).keys() == {"GITHUB_TOKEN"}
        for variable, export in {**keys, **secrets_of(both["runner"])}.items():
            assert named_after(variable) in export


def test_the_runner_starts_when_its_gateway_is_healthy_and_knows_where_it_is(
    service: Template,
) -> None:
    for both in on_a_model(service).values():
        gateway, runner = both["gateway"], both["runner"]
        assert runner["DependsOn"] == [{"ContainerName": "gateway", "Condition": "HEALTHY"}]
        assert gateway["HealthCheck"]["Interval"] == 5
        (port,) = [
            item["Value"]
            for item in gateway["Environment"]
            if item["Name"] == "AIWEBHOOK_GATEWAY_PORT"
        ]
        assert runner["Environment"] == [
            {"Name": "AIWEBHOOK_GATEWAY_URL", "Value": f"http://127.0.0.1:{port}"}
        ]
        assert [item["ContainerPort"] for item in gateway["PortMappings"]] == [int(port)]


def test_a_gateway_may_do_less_than_a_runner(service: Template) -> None:
    for both in on_a_model(service).values():
        gateway = both["gateway"]
        assert gateway["Essential"] is True
        assert gateway["ReadonlyRootFilesystem"] is True
        assert gateway["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
        assert int(gateway["User"].partition(":")[0]) >= 1000
        assert gateway["StopTimeout"] < both["runner"]["StopTimeout"]


def test_no_container_is_given_a_capability(service: Template) -> None:
    for definition in definitions(service).values():
        for container in containers(definition).values():
            assert "Add" not in container["LinuxParameters"]["Capabilities"]
            assert not container.get("Privileged")


def test_the_containers_share_the_size_of_the_task(service: Template) -> None:
    for definition in definitions(service).values():
        parts = containers(definition).values()
        assert sum(part["Cpu"] for part in parts) == int(definition["Cpu"])
        assert sum(part["Memory"] for part in parts) == int(definition["Memory"])


def test_each_container_logs_under_a_name_of_its_own(service: Template) -> None:
    prefixes = [
        container["LogConfiguration"]["Options"]["awslogs-stream-prefix"]
        for definition in definitions(service).values()
        for container in containers(definition).values()
    ]
    assert len(set(prefixes)) == len(prefixes)


def test_agents_on_the_same_program_share_an_image_of_the_one_repository(
    service: Template,
) -> None:
    for name, definition in definitions(service).items():
        for container in containers(definition).values():
            *_, tag, parameter = container["Image"]["Fn::Join"][1]
            assert (tag, parameter) == (f":{image(name)}-", {"Ref": "RunnerImageTag"})
    assert image("researcher") == image("claude_code") == "claude_code"
    assert image("memory_keeper") == image("conversation_processor") == "python"


def image(agent: str) -> str:
    """The name of the image that the manifest asks for."""
    return image_of(load_manifests(ROOT / MANIFESTS_OF)[agent]).name


def test_a_run_has_the_disk_and_the_image_that_its_manifest_asks_for(service: Template) -> None:
    """Fargate takes no value below 21: what it gives unasked may not be named."""
    for name, definition in definitions(service).items():
        asked = load_manifests(ROOT / MANIFESTS_OF)[name].compute
        given = definition.get("EphemeralStorage", {}).get("SizeInGiB", LEAST_EPHEMERAL_GIB)
        assert given == asked.ephemeral_gib
    (cluster,) = service.of_type("AWS::ECS::Cluster").values()
    assert cluster["ClusterSettings"] == [{"Name": "containerInsights", "Value": "disabled"}]


@pytest.mark.synth
def test_an_agent_on_spot_has_the_cluster_offer_it_and_the_dispatcher_know_it() -> None:
    """Of a stack as it would be made for such an agent: no built-in one is bought so."""
    app = App()
    network = NetworkStack(app, "network", stage=DEV)
    agent = AgentType(
        name="builder", cpu=1024, memory_mib=4096, ephemeral_gib=50, spot=True, image="codex-dev"
    )
    stack = Stack(app, "stack")
    runner = Runner(
        stack,
        "Runner",
        stage=DEV.model_copy(update={"container_insights": "enhanced"}),
        vpc=network.vpc,
        repository=ecr.Repository(stack, "Images"),
        image_tag="v1",
        agents=[agent],
        agent_secrets={},
    )
    body = Template(stage="dev", part="stack", body=stack_template(stack))
    assert runner.spot_agents == "builder"
    (offered,) = body.of_type("AWS::ECS::ClusterCapacityProviderAssociations").values()
    assert "FARGATE_SPOT" in offered["CapacityProviders"]
    (definition,) = body.of_type("AWS::ECS::TaskDefinition").values()
    assert definition["EphemeralStorage"] == {"SizeInGiB": 50}
    assert definition["ContainerDefinitions"][0]["Image"]["Fn::Join"][1][-1] == ":codex-dev-v1"
    (cluster,) = body.of_type("AWS::ECS::Cluster").values()
    assert cluster["ClusterSettings"] == [{"Name": "containerInsights", "Value": "enhanced"}]


def stack_template(stack: Stack) -> dict[str, Any]:
    """What it is synthesised to."""
    return dict(assertions.Template.from_stack(stack).to_json())
