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
