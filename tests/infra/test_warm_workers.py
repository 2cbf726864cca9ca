"""Containers that wait for an agent's tasks: a service of their own, and a head start."""

from __future__ import annotations

from typing import Any

import pytest

from infra.costs import idle_costs
from infra.stages import DEV, AgentSettings, Stage
from tests.infra.synthesised import synthesise
from tests.infra.template import Template, load

pytestmark = [pytest.mark.req("O1"), pytest.mark.synth]
WARM = DEV.model_copy(
    update={
        "agents": {
            "codex": AgentSettings(warm_workers=2),
            "researcher": AgentSettings(warm_workers=1, spot=True),
        }
    }
)


@pytest.fixture(scope="module")
def templates() -> tuple[Template, Template]:
    found = synthesise(WARM)
    return found["dev", "data"], found["dev", "service"]


@pytest.fixture(scope="module")
def data(templates: tuple[Template, Template]) -> Template:
    return templates[0]


@pytest.fixture(scope="module")
def service(templates: tuple[Template, Template]) -> Template:
    return templates[1]


def services(service: Template) -> dict[str, Any]:
    """Agent's name → properties of its service."""
    definitions = service.of_type("AWS::ECS::TaskDefinition")
    return {
        definitions[each["TaskDefinition"]["Ref"]]["Family"]: each
        for each in service.of_type("AWS::ECS::Service").values()
    }


def test_an_agent_without_warm_workers_has_no_service(service: Template) -> None:
    wanted = {"aiwebhook-dev-codex-warm", "aiwebhook-dev-researcher-warm"}
    assert services(service).keys() == wanted
    plain = load("dev", "service")
    assert not plain.of_type("AWS::ECS::Service")
    assert "WorkerKeyArn" not in plain.body["Outputs"]


def test_none_is_started_before_there_are_images(service: Template) -> None:
    """ECS would try for hours, and CloudFormation wait for it."""
    for family, number in (("codex", 2), ("researcher", 1)):
        made = services(service)[f"aiwebhook-dev-{family}-warm"]
        condition, with_images, without = made["DesiredCount"]["Fn::If"]
        assert (with_images, without) == (number, 0)
        no_images = {"Fn::Equals": [{"Ref": "RunnerImageTag"}, "none"]}
        assert service.body["Conditions"][condition] == {"Fn::Not": [no_images]}
        breaker = made["DeploymentConfiguration"]["DeploymentCircuitBreaker"]
        assert breaker == {"Enable": True, "Rollback": True}


def test_they_stand_where_runs_stand_and_take_spare_capacity_as_runs_do(service: Template) -> None:
    made = services(service)
    for each in made.values():
        network = each["NetworkConfiguration"]["AwsvpcConfiguration"]
        assert "RunsSecurityGroup" in str(network["SecurityGroups"])
        assert str(network["Subnets"]).count("VpcPublicSubnet") == 2
    assert made["aiwebhook-dev-codex-warm"]["LaunchType"] == "FARGATE"
    (capacity,) = made["aiwebhook-dev-researcher-warm"]["CapacityProviderStrategy"]
    assert capacity["CapacityProvider"] == "FARGATE_SPOT"
    (offered,) = service.of_type("AWS::ECS::ClusterCapacityProviderAssociations")
    (spot,) = [
        resource
        for resource in service.resources.values()
        if resource["Type"] == "AWS::ECS::Service"
        and "CapacityProviderStrategy" in resource["Properties"]
    ]
    assert offered in spot["DependsOn"], "a service may name only what the cluster offers"


def test_a_warm_worker_is_the_runs_container_with_a_key_of_its_own(
    data: Template, service: Template
) -> None:
    by_family = {
        each["Family"]: {c["Name"]: c for c in each["ContainerDefinitions"]}
        for each in service.of_type("AWS::ECS::TaskDefinition").values()
    }
    run, warm = by_family["aiwebhook-dev-codex"], by_family["aiwebhook-dev-codex-warm"]
    assert warm.keys() == run.keys() == {"runner", "gateway"}
    assert warm["gateway"] == run["gateway"]
    changed = {"Command", "Environment", "Secrets"}
    rest = {key: value for key, value in warm["runner"].items() if key not in changed}
    assert rest == {key: value for key, value in run["runner"].items() if key not in changed}
    assert warm["runner"]["Command"][-2:] == ["worker", "codex"]
    assert {each["Name"] for each in warm["runner"]["Secrets"]} == {
        "AIWEBHOOK_API_KEY",
        "GITHUB_TOKEN",
    }
    (key,) = [name for name in data.of_type("AWS::SecretsManager::Secret") if "Worker" in name]
    assert data.of_type("AWS::SecretsManager::Secret")[key]["SecretString"] == "-"


def test_the_dispatcher_hears_of_their_tasks_later_and_launches_what_they_leave(
    service: Template,
) -> None:
    delays = {
        queue["QueueName"].rpartition("-")[2]: queue.get("DelaySeconds", 0)
        for queue in service.of_type("AWS::SQS::Queue").values()
        if "QueueName" in queue
    }
    assert {agent: delay for agent, delay in delays.items() if delay} == {
        "codex": 10,
        "researcher": 10,
    }
    families = service.functions()["dispatcher"]["Environment"]["Variables"]["TASK_DEFINITIONS"]
    assert "warm" not in str(families)


def test_what_they_cost_is_in_the_check() -> None:
    costs = {item.name: item.dollars for item in idle_costs(WARM)}
    assert costs["2 warm codex"] > costs["1 warm researcher"] > 10


def test_a_stage_takes_a_sensible_number() -> None:
    with pytest.raises(ValueError, match="less than or equal to 50"):
        Stage.model_validate(DEV.model_dump() | {"agents": {"codex": {"warm_workers": 51}}})
