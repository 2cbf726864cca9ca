"""Database and AppSecret can come from an earlier deployment, or from a backup."""

from __future__ import annotations

import json

import pytest

from infra.stages import PROD
from tests.infra.synthesised import synthesise
from tests.infra.template import load

pytestmark = [pytest.mark.req("O2"), pytest.mark.synth]
SECRET = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:AppSecret-abcdef"


def test_a_deployment_begins_with_what_it_is_handed() -> None:
    changes = {"database_snapshot": "rds:before", "app_secret_arn": SECRET}
    found = synthesise(PROD.model_copy(update=changes))
    data, service = found["prod", "data"], found["prod", "service"]
    (database,) = data.of_type("AWS::RDS::DBInstance").values()
    assert database["DBSnapshotIdentifier"] == "rds:before"
    assert database["DeletionProtection"] is True
    (usual,) = load("prod", "data").of_type("AWS::RDS::DBInstance").values()
    # A snapshot brings its name, owner and encryption along.
    gone = {"DBName", "MasterUsername", "StorageEncrypted"}
    assert usual.keys() - database.keys() == gone
    assert not [name for name in data.of_type("AWS::SecretsManager::Secret") if "App" in name]
    for name in ("relay", "session_api", "dispatcher", "notifier"):
        variables = service.functions()[name]["Environment"]["Variables"]
        assert variables["APP_SECRET_ARN"] == SECRET
    assert SECRET in json.dumps(service.body["Resources"])


def test_the_tasks_of_a_snapshot_wait_for_the_first_images() -> None:
    """Elsewhere a task without an image fails at once, and says so."""
    changes = {"database_snapshot": "rds:before", "app_secret_arn": SECRET}
    service = synthesise(PROD.model_copy(update=changes))["prod", "service"]
    mappings = service.of_type("AWS::Lambda::EventSourceMapping")
    waiting = {name: each["Enabled"] for name, each in mappings.items() if "Enabled" in each}
    conditions = {json.dumps(each) for each in waiting.values()}
    (condition,) = [name for name in service.body["Conditions"] if name.startswith("Dispatcher")]
    assert service.body["Conditions"][condition] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "RunnerImageTag"}, "none"]}]
    }
    assert conditions == {json.dumps({"Fn::If": [condition, True, False]})}
    assert waiting.keys() == {name for name in mappings if name.startswith("Dispatcher")}
    assert waiting
    usual = load("prod", "service").of_type("AWS::Lambda::EventSourceMapping")
    assert usual.keys() == mappings.keys()
    assert not any("Enabled" in each for each in usual.values())
