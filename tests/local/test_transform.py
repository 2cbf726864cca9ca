"""The transform: pure, and no more of a change than its docstrings say."""

import copy
from typing import Any

import pytest

from aiwebhook_local.transform import (
    ARTIFACT_BUCKET,
    LocalNames,
    NotLocalisable,
    deployment_order,
    localise,
)
from tests.local.conftest import template_of_toy

_NAMES = LocalNames(url="http://127.0.0.1:8787", public_url="https://tunnel.example.com")


def any_template(**resources: Any) -> dict[str, Any]:
    """A template of these resources."""
    return {"Resources": resources}


@pytest.mark.req("O5")
@pytest.mark.parametrize("name", ["data", "service"])
def test_the_given_template_is_left_untouched(name: str) -> None:
    template = template_of_toy(name)
    before = copy.deepcopy(template)

    assert localise(template, _NAMES) != before
    assert template == before


@pytest.mark.req("O5")
@pytest.mark.parametrize("name", ["data", "service"])
def test_a_localised_template_is_not_changed_again(name: str) -> None:
    once = localise(template_of_toy(name), _NAMES)

    assert localise(once, _NAMES) == once


@pytest.mark.req("O5")
def test_only_what_cannot_run_here_is_dropped() -> None:
    dropped = {
        name: template_of_toy(name)["Resources"].keys()
        - localise(template_of_toy(name), _NAMES)["Resources"].keys()
        for name in ("data", "service")
    }

    machines = {"Address", "Nat", "NatRoute", "Database", "Attachment"}
    assert dropped["data"] == {*machines, "Artifacts"}
    assert dropped["service"] == {"MigrationTrigger"}


@pytest.mark.req("O5")
def test_most_resources_are_deployed_as_they_will_be_on_aws() -> None:
    original = template_of_toy("service")["Resources"]
    local = localise(template_of_toy("service"), _NAMES)["Resources"]

    changed = {original[name]["Type"] for name in local if local[name] != original[name]}

    assert changed == {
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGateway::Stage",
        "AWS::ECS::TaskDefinition",
        "AWS::Lambda::EventSourceMapping",  # DependsOn the dropped migration
        "AWS::Lambda::Function",
        "AWS::Lambda::LayerVersion",
    }


@pytest.mark.req("O5")
def test_runners_are_told_the_address_of_the_front() -> None:
    dispatcher = localise(template_of_toy("service"), _NAMES)["Resources"]["Dispatcher"]

    assert dispatcher["Properties"]["Environment"]["Variables"]["API_URL"] == _NAMES.url


@pytest.mark.req("O5")
def test_names_of_dropped_things_are_replaced_in_outputs() -> None:
    outputs = localise(template_of_toy("data"), _NAMES)["Outputs"]

    assert outputs["ArtifactBucketName"]["Value"] == ARTIFACT_BUCKET
    assert outputs["Secret"]["Value"] == {"Ref": "Secret"}


@pytest.mark.req("O5")
def test_a_resource_that_needs_a_dropped_one_is_named() -> None:
    nat: dict[str, Any] = {"Type": "AWS::EC2::NatGateway", "Properties": {}}
    rule = {"Type": "AWS::Events::Rule", "Properties": {"Value": {"Ref": "Nat"}}}

    with pytest.raises(NotLocalisable, match="Rule"):
        localise(any_template(Nat=nat, Rule=rule), _NAMES)


@pytest.mark.req("O5")
def test_stacks_are_deployed_after_those_they_import_from() -> None:
    templates = {name: template_of_toy(name) for name in ("service", "data")}

    assert deployment_order(templates) == ["data", "service"]


@pytest.mark.req("O5")
def test_the_functions_are_told_the_address_of_the_tunnel() -> None:
    template = any_template(
        SessionApi={
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Handler": "session_api.handler.lambda_handler",
                "Environment": {"Variables": {"PUBLIC_URL": "https://x.execute-api.aws"}},
            },
        },
        PublicDoorRoute={"Type": "AWS::ApiGatewayV2::Route", "Properties": {}},
        PublicDoorPermission={"Type": "AWS::Lambda::Permission", "Properties": {}},
    )
    local = localise(template, _NAMES)["Resources"]
    assert local.keys() == {"SessionApi"}, "the front serves those paths itself"
    variables = local["SessionApi"]["Properties"]["Environment"]["Variables"]
    assert variables == {"PUBLIC_URL": _NAMES.public_url}


@pytest.mark.req("O5")
def test_the_notifier_sends_callbacks_itself() -> None:
    template = any_template(
        Notifier={
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Handler": "notifier.handler.lambda_handler",
                "Environment": {"Variables": {"OUTBOUND_FUNCTION": {"Ref": "Outbound"}}},
            },
        },
        Outbound={
            "Type": "AWS::Lambda::Function",
            "Properties": {"Handler": "outbound.handler.lambda_handler"},
        },
    )
    local = localise(template, _NAMES)["Resources"]
    variables = local["Notifier"]["Properties"]["Environment"]["Variables"]
    assert variables == {"OUTBOUND_FUNCTION": "", "ALLOW_LOOPBACK_CALLBACKS": "true"}
