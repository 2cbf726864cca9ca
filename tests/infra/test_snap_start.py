"""Functions that start from a snapshot: callers name the newest version, and nothing else does."""

from __future__ import annotations

import json

import pytest

from infra.costs import idle_costs
from infra.stages import DEV, AgentSettings
from tests.infra.synthesised import synthesise
from tests.infra.template import Template, load

pytestmark = [pytest.mark.req("O1"), pytest.mark.synth]
BOTH = DEV.model_copy(
    update={
        "snap_start": ("relay", "session_api"),
        "agents": {"researcher": AgentSettings(spot=True)},
    }
)


@pytest.fixture(scope="module")
def service() -> Template:
    return synthesise(BOTH)["dev", "service"]


def test_only_the_named_functions_are_kept_as_snapshots(service: Template) -> None:
    kept = {name for name, function in service.functions().items() if "SnapStart" in function}
    assert kept == {"relay", "session_api"}
    for name in kept:
        assert service.functions()[name]["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert all("SnapStart" not in each for each in load("dev", "service").functions().values())


def test_the_apis_call_the_newest_version_and_may(service: Template) -> None:
    """One that names the function itself would call $LATEST, which no snapshot is kept of."""
    aliases = service.of_type("AWS::Lambda::Alias")
    assert {alias["Name"] for alias in aliases.values()} == {"live"}
    by_function = {alias["FunctionName"]["Ref"]: key for key, alias in aliases.items()}
    names = {service.function_id(name): name for name in service.functions()}
    assert {names[function] for function in by_function} == {"relay", "session_api"}
    integrations = [
        *service.of_type("AWS::ApiGateway::Method").values(),
        *service.of_type("AWS::ApiGatewayV2::Integration").values(),
    ]
    calls = [json.dumps(each) for each in integrations if "IntegrationUri" in json.dumps(each)]
    calls += [json.dumps(each) for each in integrations if '"Uri"' in json.dumps(each)]
    assert calls
    for call in calls:
        assert any(alias in call for alias in aliases), call
        assert not any(f'"{function}"' in call for function in by_function), call
    permitted = {
        json.dumps(each["FunctionName"])
        for each in service.of_type("AWS::Lambda::Permission").values()
        if each["Principal"] == "apigateway.amazonaws.com"
    }
    assert permitted == {json.dumps({"Ref": alias}) for alias in aliases}


def test_a_version_is_made_after_the_migration(service: Template) -> None:
    (trigger,) = service.of_type("Custom::Trigger")
    for name in ("relay", "session_api"):
        assert trigger in service.resources[service.function_id(name)]["DependsOn"]


def test_what_snapshots_cost_is_in_the_check() -> None:
    items = {item.name: item.dollars for item in idle_costs(BOTH)}
    assert 3.9 < items["SnapStart of relay"] < 4
    assert 3.9 < items["SnapStart of session_api"] < 4


def test_a_stage_overrides_whether_an_agents_runs_take_spare_capacity(service: Template) -> None:
    variables = service.functions()["dispatcher"]["Environment"]["Variables"]
    assert variables["SPOT_AGENTS"] == "researcher"
    (offered,) = service.of_type("AWS::ECS::ClusterCapacityProviderAssociations").values()
    assert "FARGATE_SPOT" in offered["CapacityProviders"]
    plain = load("dev", "service").functions()["dispatcher"]["Environment"]["Variables"]
    assert plain["SPOT_AGENTS"] == ""
