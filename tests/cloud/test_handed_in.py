"""A snapshot or an AppSecret that will not do is one sentence, before anything is made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aiwebhook_cli.cloud import commands
from aiwebhook_cli.cloud.account import Account, open_account
from aiwebhook_cli.cloud.handed_in import handed_in_checks, require_same_data
from aiwebhook_cli.cloud.stage import StageDescription
from tests.cloud.conftest import REGION, Cloud, always, aws

pytestmark = pytest.mark.req("O2")
KEY = "k" * 32
ARN = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:earlier-abcdef"
BEGAN = {"DBSnapshotIdentifier": "before"}
INSTANCE = {
    "Engine": "postgres",
    "EngineVersion": "18.1",
    "DBInstanceClass": "db.t4g.micro",
    "AllocatedStorage": "20",
    "MasterUsername": "aiwebhook",
    "MasterUserPassword": "p" * 12,
}


def any_stage(**settings: Any) -> StageDescription:
    names = ("database_snapshot", "app_secret_arn", "certificate_arn")
    given = dict.fromkeys(names) | settings
    return StageDescription(
        name="dev",
        database_instance="t4g.micro",
        database_major=18,
        database_storage_gib=20,
        max_waits=12,
        elastic_addresses=1,
        idle_costs=(),
        **given,
    )


def said(stage: StageDescription) -> list[tuple[bool | None, str]]:
    return [(each.ok, each.found) for each in handed_in_checks(open_account(REGION, {}), stage)]


@pytest.mark.parametrize(
    ("snapshot", "sentence"),
    [
        (None, "There is no snapshot before in eu-west-1."),
        ({"Status": "creating"}, "The snapshot before is not ready: creating."),
        ({"EngineVersion": "17.4"}, "is of postgres 17.4, and database_major is 18."),
        ({"Engine": "mysql", "EngineVersion": "8.0"}, "is of mysql 8.0, and database_major is 18."),
        ({"AllocatedStorage": 21}, "has 21 GiB, and database_storage_gib is 20: storage never"),
        ({"MasterUsername": "postgres"}, "belongs to postgres, not to aiwebhook: it is not ours."),
        ({}, "before is there"),
    ],
)
def test_a_snapshot_must_be_there_ready_and_of_the_stages_postgresql(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, snapshot: dict[str, Any] | None, sentence: str
) -> None:
    assert cloud.folder
    usual = {
        "Status": "available",
        "Engine": "postgres",
        "EngineVersion": "18.1",
        "AllocatedStorage": 20,
        "MasterUsername": "aiwebhook",
    }
    answer = None if snapshot is None else usual | snapshot
    monkeypatch.setattr(Account, "snapshot", always(answer))
    ((ok, found),) = said(any_stage(database_snapshot="before"))
    assert sentence in found
    assert ok is (snapshot == {})


@pytest.mark.parametrize(
    ("region", "ok", "sentence"),
    [
        (REGION, True, f"in {REGION}"),
        ("us-east-1", False, f"The certificate is in us-east-1, the stage in {REGION}."),
        ("", False, f"The certificate is in no Region, the stage in {REGION}."),
    ],
)
def test_a_certificate_must_be_in_the_stages_region(
    cloud: Cloud, region: str, ok: bool, sentence: str
) -> None:
    assert cloud.folder
    arn = f"arn:aws:acm:{region}:123456789012:certificate/c"
    assert said(any_stage(certificate_arn=arn)) == [(ok, sentence)]


def test_aws_is_asked_for_the_snapshot_by_its_name(cloud: Cloud) -> None:
    assert cloud.folder
    ((ok, found),) = said(any_stage(database_snapshot="never-made"))
    assert (ok, found) == (False, "There is no snapshot never-made in eu-west-1.")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("not json", "The AppSecret is no JSON."),
        ("[]", "The AppSecret has no master_key of at least 32 characters."),
        (json.dumps({"master_key": KEY[1:]}), "has no master_key of at least 32 characters."),
        (json.dumps({"master_key": KEY}), "the earlier one is there"),
    ],
)
def test_an_app_secret_must_hold_the_whole_master_key(
    cloud: Cloud, value: str, sentence: str
) -> None:
    assert cloud.folder
    arn = aws("secretsmanager").create_secret(Name="earlier", SecretString=value)["ARN"]
    ((ok, found),) = said(any_stage(app_secret_arn=arn))
    assert sentence in found
    assert ok is (KEY in value)
    assert KEY not in found


def test_a_secret_that_is_not_there_stops_the_deployment_before_anything_is_made(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:gone-abcdef"
    monkeypatch.setattr(commands, "describe_stage", always(any_stage(app_secret_arn=arn)))
    outcome = cloud("deploy", "--json")
    problem = json.loads(outcome.err)
    assert outcome.code == 1
    assert problem["detail"] == "There is no such secret in this Region."
    assert "AppSecretArn" in problem["remedy"]
    assert cloud.calls == []


def deployed(**properties: str) -> None:
    """The data stack of dev, with a database of these properties, and an AppSecret of its own."""
    template: dict[str, Any] = {
        "Resources": {
            "Database": {"Type": "AWS::RDS::DBInstance", "Properties": INSTANCE | properties},
            "AppSecret": {"Type": "AWS::SecretsManager::Secret", "Properties": {}},
        },
        "Outputs": {"ArtifactBucketName": {"Value": "artifacts-dev"}},
    }
    if "DBSnapshotIdentifier" in properties:
        del template["Resources"]["AppSecret"]
    aws("cloudformation").create_stack(
        StackName="AiWebhook-dev-data",
        TemplateBody=json.dumps(template),
        Tags=[{"Key": "aiwebhook:stage", "Value": "dev"}],
    )


@pytest.mark.filterwarnings("ignore:Tried to parse AWS..SecretsManager:UserWarning")  # moto's
@pytest.mark.parametrize(
    ("began", "changed", "remedy"),
    [
        ({}, {"database_snapshot": "other"}, "Take database_snapshot out of stages.toml"),
        (BEGAN, {"database_snapshot": None}, 'database_snapshot = "before" under [dev]'),
        (BEGAN, {"database_snapshot": "b"}, 'database_snapshot = "before" under [dev]'),
        ({}, {"app_secret_arn": ARN}, "Take app_secret_arn out of stages.toml"),
        (BEGAN, {"app_secret_arn": None}, "Set app_secret_arn = "),
    ],
)
def test_settings_that_would_replace_what_a_stage_has_stop_its_deployment(
    cloud: Cloud,
    monkeypatch: pytest.MonkeyPatch,
    began: dict[str, str],
    changed: dict[str, str | None],
    remedy: str,
) -> None:
    deployed(**began)
    same = {
        "database_snapshot": began.get("DBSnapshotIdentifier"),
        "app_secret_arn": ARN if began else None,
    }
    require_same_data(open_account(REGION, {}), any_stage(**same))
    monkeypatch.setattr(commands, "describe_stage", always(any_stage(**same | changed)))
    outcome = cloud("deploy", "--json")
    problem = json.loads(outcome.err)
    assert (outcome.code, problem["code"]) == (1, "data_replaced")
    assert remedy in problem["remedy"]
    assert cloud.calls == []
