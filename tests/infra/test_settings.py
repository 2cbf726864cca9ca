"""Each function gets exactly the environment that its settings model reads, and no secret in it."""

from __future__ import annotations

import json

import pytest

from aiwebhook.settings import Settings
from aiwebhook.settings.dispatcher import DispatcherSettings
from aiwebhook.settings.migrate import MigrateSettings
from aiwebhook.settings.notifier import NotifierSettings
from aiwebhook.settings.outbound import OutboundSettings
from aiwebhook.settings.reaper import ReaperSettings
from aiwebhook.settings.reconciler import ReconcilerSettings
from aiwebhook.settings.relay import RelaySettings
from aiwebhook.settings.session_api import SessionApiSettings
from tests.infra.template import Template, every_template

pytestmark = pytest.mark.req("O1")


MODELS: dict[str, type[Settings]] = {
    "relay": RelaySettings,
    "session_api": SessionApiSettings,
    "dispatcher": DispatcherSettings,
    "reaper": ReaperSettings,
    "notifier": NotifierSettings,
    "outbound": OutboundSettings,
    "reconciler": ReconcilerSettings,
    "migrate": MigrateSettings,
}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_template_supplies_exactly_what_the_settings_read(service: Template, name: str) -> None:
    fields = MODELS[name].model_fields.items()
    supplied = service.functions()[name]["Environment"]["Variables"]
    assert supplied.keys() == {field.alias or name for name, field in fields}


def test_only_known_functions_exist(service: Template) -> None:
    assert service.functions().keys() == MODELS.keys()


def test_loopback_callbacks_are_off_unless_the_local_stack_asks(service: Template) -> None:
    parameter = service.body["Parameters"]["AllowLoopbackCallbacks"]
    assert parameter["Default"] == "false"
    for name in ("relay", "session_api", "outbound"):
        variables = service.functions()[name]["Environment"]["Variables"]
        assert variables["ALLOW_LOOPBACK_CALLBACKS"] == {"Ref": "AllowLoopbackCallbacks"}


def test_no_secret_is_resolved_into_a_template() -> None:
    """Functions and runs read secrets at run time; a template shows their names only."""
    for template in every_template():
        for logical_id, resource in template.resources.items():
            if resource["Type"] != "AWS::RDS::DBInstance":
                assert "{{resolve:" not in json.dumps(resource), logical_id


def test_the_outputs_name_what_clients_need(service: Template) -> None:
    assert service.body["Outputs"].keys() == {
        "ApiUrl",
        "PublicUrl",
        "DatabaseSecretArn",
        "DatabaseLogins",
        "AppSecretArn",
        "GithubSecretArn",
        "AgentImages",
        "AgentSecrets",
        "EventsTopicArn",
        "NotifierQueueUrl",
        "ClusterArn",
        "ArtifactBucketName",
        "AgentQueues",
    }


def test_requests_are_held_unless_the_account_is_too_small(service: Template) -> None:
    parameter = service.body["Parameters"]["HoldsRequests"]
    assert (parameter["Default"], parameter["AllowedValues"]) == ("true", ["true", "false"])
    condition = service.body["Conditions"]["RequestsAreHeld"]
    assert condition == {"Fn::Equals": [{"Ref": "HoldsRequests"}, "true"]}
    most = {"dev": "12", "prod": "40"}[service.stage]
    for name in ("relay", "session_api"):
        variables = service.functions()[name]["Environment"]["Variables"]
        assert variables["MAX_WAITS"] == {"Fn::If": ["RequestsAreHeld", most, "0"]}
