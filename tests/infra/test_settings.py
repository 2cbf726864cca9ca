"""Each function gets exactly the environment that its settings model reads, and no secret in it."""

from __future__ import annotations

import importlib
import inspect
import json

import pytest

from aiwebhook.settings import Settings
from tests.infra.environment import ENVIRONMENT
from tests.infra.template import ROOT, Template, every_template

pytestmark = pytest.mark.req("O1")


def names_read_by(function: str) -> frozenset[str]:
    """The aliases of the function's settings model; the agreed names while there is none."""
    if not (ROOT / "functions" / function / "settings.py").is_file():
        return ENVIRONMENT[function]
    module = importlib.import_module(f"{function}.settings")
    (model,) = [
        value
        for _, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, Settings) and value.__module__ == module.__name__
    ]
    return frozenset(field.alias or name for name, field in model.model_fields.items())


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_the_template_supplies_exactly_what_the_settings_read(service: Template, name: str) -> None:
    supplied = service.functions()[name]["Environment"]["Variables"]
    assert supplied.keys() == names_read_by(name)


def test_only_known_functions_exist(service: Template) -> None:
    assert service.functions().keys() == ENVIRONMENT.keys()


def test_loopback_callbacks_are_off_unless_the_local_stack_asks(service: Template) -> None:
    parameter = service.body["Parameters"]["AllowLoopbackCallbacks"]
    assert parameter["Default"] == "false"
    for name in ("relay", "session_api", "notifier"):
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
        "DatabaseSecretArn",
        "AppSecretArn",
        "GithubSecretArn",
        "AgentSecretArn",
        "EventsTopicArn",
        "NotifierQueueUrl",
        "ClusterArn",
        "ArtifactBucketName",
        "AgentQueues",
    }
