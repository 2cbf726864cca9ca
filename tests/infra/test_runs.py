"""The containers of a run: who holds which secret, who waits for whom, what each may do."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from aiwebhook.domain.agent_kind import ON_A_MODEL
from tests.infra.template import ROOT, Template

pytestmark = pytest.mark.req("T4", "T5")

PROVIDER_KEYS = {"ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"}
MANIFESTS = {
    path.stem: tomllib.loads(path.read_text("utf-8"))
    for path in (ROOT / "layers/core/python/aiwebhook/agents").glob("*.toml")
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


def test_each_agent_has_an_image_of_its_own_in_the_one_repository(service: Template) -> None:
    for name, definition in definitions(service).items():
        for container in containers(definition).values():
            *_, tag, parameter = container["Image"]["Fn::Join"][1]
            assert (tag, parameter) == (f":{name}-", {"Ref": "RunnerImageTag"})
