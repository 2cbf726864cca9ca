"""`aiwebhook cloud deploy --database-from`: a stage begins with the data of one that runs."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.errors import Invalid, Unavailable
from aiwebhook_cli.cloud.account import Account, open_account
from aiwebhook_cli.cloud.earlier_database import (
    DatabaseSnapshot,
    find_earlier_database,
    take_content_over,
)
from tests.cloud.conftest import REGION, Cloud, always, aws

pytestmark = pytest.mark.req("O2")
NEW = "[new]\nlike = 'dev'\n"
PLACE = {"LocationConstraint": REGION}


def earlier(cloud: Cloud, **properties: Any) -> str:
    """The stage dev with a database and a bucket; the name of the database."""
    cloud.deploy("dev")
    client = aws("rds")
    tags = {"aiwebhook:stage": "dev", "aws:cloudformation:stack-name": "AiWebhook-dev-data"}
    given = {
        "DBInstanceIdentifier": "dev-database",
        "Engine": "postgres",
        "EngineVersion": "18.1",
        "DBInstanceClass": "db.t4g.micro",
        "AllocatedStorage": 20,
        "MasterUsername": "aiwebhook",
        "MasterUserPassword": "p" * 12,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    } | properties
    client.create_db_instance(**given)
    aws("s3").create_bucket(Bucket="artifacts-dev", CreateBucketConfiguration=PLACE)
    return "dev-database"


@pytest.fixture
def secret(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> str:
    """The AppSecret of dev, which the service stack names."""
    value = json.dumps({"master_key": "k" * 40})
    arn = str(aws("secretsmanager").create_secret(Name="app", SecretString=value)["ARN"])
    true, status = Account.outputs, Account.stack_status

    def stack_status(self: Account, name: str) -> str | None:
        return "CREATE_COMPLETE" if name == "AiWebhook-new-service" else status(self, name)

    def outputs(self: Account, name: str) -> Mapping[str, str]:
        found = true(self, name)
        if name == "AiWebhook-dev-service" and found:
            return {**found, "AppSecretArn": arn}
        if name == "AiWebhook-new-service":
            return {"PublicUrl": "https://new.example", "AgentSecrets": "{}"}
        return found

    def tags(_self: Account, name: str) -> Mapping[str, str]:
        return {"aiwebhook:stage": name.split("-")[1]}

    assert cloud.folder
    monkeypatch.setattr(Account, "outputs", outputs)
    monkeypatch.setattr(Account, "stack_status", stack_status)
    monkeypatch.setattr(Account, "tags", tags)
    monkeypatch.setattr(Account, "function", always("the-migrate"))
    monkeypatch.setattr(Account, "invoke", always({"admin_key": "aiw_made"}))
    return arn


def snapshots() -> list[dict[str, Any]]:
    """Those that somebody took; RDS takes one of its own at the beginning."""
    found: list[dict[str, Any]] = aws("rds").describe_db_snapshots(SnapshotType="manual")[
        "DBSnapshots"
    ]
    return found


def settings(clone: Path) -> dict[str, Any]:
    return tomllib.loads((clone / "stages.toml").read_text("utf-8"))["new"]


def test_a_snapshot_is_taken_and_named_in_the_settings_before_the_deployment(
    cloud: Cloud, secret: str
) -> None:
    clone, instance = cloud.clone(NEW), earlier(cloud)
    outcome = cloud("deploy", "--stage", "new", "--database-from", instance, "--yes")
    assert outcome.code == 0, outcome.err
    found = settings(clone)
    assert found["app_secret_arn"] == secret
    (snapshot,) = snapshots()
    assert snapshot["DBSnapshotIdentifier"] == found["database_snapshot"]
    assert snapshot["DBInstanceIdentifier"] == instance
    assert "deploy -c stage=new AiWebhook-new-*" in cloud.calls[-1]
    said = " ".join(outcome.err.split())
    assert "what it accepts after the snapshot is not in it, and both run the tasks" in said

    # Again, as after a failure: the same snapshot.
    again = cloud("deploy", "--stage", "new", "--database-from", instance, "--yes")
    assert again.code == 0, again.err
    assert len(snapshots()) == 1
    assert settings(clone) == found


def test_one_that_was_stopped_before_its_snapshot_takes_it_when_it_is_started_again(
    cloud: Cloud, secret: str
) -> None:
    text = f"[new]\ndatabase_snapshot = 'planned'\napp_secret_arn = '{secret}'\n"
    cloud.clone(text)
    instance = earlier(cloud)
    outcome = cloud("deploy", "--stage", "new", "--database-from", instance, "--yes")
    assert outcome.code == 0, outcome.err
    (snapshot,) = snapshots()
    assert snapshot["DBSnapshotIdentifier"] == "planned"


def test_a_dry_run_takes_no_snapshot_and_changes_no_file(cloud: Cloud, secret: str) -> None:
    clone, instance = cloud.clone(NEW), earlier(cloud)
    outcome = cloud("deploy", "--stage", "new", "--database-from", instance, "--dry-run")
    assert outcome.code == 0, outcome.err
    assert f"aws rds create-db-snapshot --db-instance-identifier {instance}" in outcome.err
    assert f"stages.toml, [new]: app_secret_arn = {secret}" in outcome.err
    assert (clone / "stages.toml").read_text("utf-8") == NEW
    assert snapshots() == []
    assert cloud.calls == []


@pytest.mark.usefixtures("secret")
def test_without_a_yes_nothing_is_made_while_the_earlier_stage_goes_on(cloud: Cloud) -> None:
    clone, instance = cloud.clone(NEW), earlier(cloud)
    outcome = cloud("deploy", "--stage", "new", "--database-from", instance)
    assert outcome.code != 0
    assert "AiWebhook-dev-service" in outcome.err
    assert (clone / "stages.toml").read_text("utf-8") == NEW
    assert snapshots() == []
    assert cloud.calls == []


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize(
    ("properties", "stage", "instance", "sentence"),
    [
        ({}, "new", "nobodys", "There is no database nobodys in eu-west-1."),
        ({}, "dev", "dev-database", "The stage dev has a database, which dev-database's would"),
        ({"EngineVersion": "17.4"}, "new", "dev-database", "is of postgres 17.4, and database_ma"),
        ({"AllocatedStorage": 90}, "new", "dev-database", "has 90 GiB, and database_storage_gib"),
        ({"Tags": []}, "new", "dev-database", "not known which AppSecret dev-database was used"),
    ],
)
def test_a_database_that_will_not_do_is_told_before_anything_is_made(
    cloud: Cloud, properties: dict[str, Any], stage: str, instance: str, sentence: str
) -> None:
    clone = cloud.clone(NEW)
    earlier(cloud, **properties)
    outcome = cloud("deploy", "--stage", stage, "--database-from", instance, "--yes", "--json")
    problem = json.loads(outcome.err)
    assert outcome.code == 1
    assert sentence in problem["detail"]
    assert problem["remedy"]
    assert (clone / "stages.toml").read_text("utf-8") == NEW
    assert snapshots() == []
    assert cloud.calls == []


def test_content_is_copied_to_the_stages_own_bucket_and_only_what_is_not_there(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    instance, s3 = earlier(cloud), aws("s3")
    for key in ("content/p/1", "content/p/2", "checkpoints/p/3", "image-sources/4"):
        s3.put_object(Bucket="artifacts-dev", Key=key, Body=key.encode())
    s3.create_bucket(Bucket="artifacts-new", CreateBucketConfiguration=PLACE)
    s3.put_object(Bucket="artifacts-new", Key="content/p/1", Body=b"content/p/1")
    account = open_account(REGION, {})
    found = find_earlier_database(account, instance)
    monkeypatch.setattr(Account, "outputs", always({"ArtifactBucketName": "artifacts-new"}))
    take_content_over(account, "new", found)
    assert "  2 objects copied" in capsys.readouterr().err
    listed = s3.list_objects_v2(Bucket="artifacts-new")["Contents"]
    assert {each["Key"] for each in listed} == {"content/p/1", "content/p/2", "checkpoints/p/3"}
    monkeypatch.setattr(Account, "outputs", always({}))
    take_content_over(account, "new", found)
    assert "docs/deploy.md has the command" in " ".join(capsys.readouterr().err.split())


def made(monkeypatch: pytest.MonkeyPatch, *found: dict[str, Any]) -> list[str]:
    """What is said while AWS answers so, one after the other."""
    usual = {"DBInstanceIdentifier": "i", "PercentProgress": 7}
    asked, said = iter([usual | each for each in found]), list[str]()

    def snapshot(_self: object, _name: str) -> dict[str, Any]:
        return next(asked)

    monkeypatch.setattr(Account, "snapshot", snapshot)
    account = open_account(REGION, {})
    DatabaseSnapshot(
        account=account, name="s", instance="i", show=said.append, pause=always(None)
    ).make()
    return said


def test_progress_is_shown_once_each_until_the_snapshot_is_ready(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cloud.folder
    creating = {"Status": "creating"}
    ready = {"Status": "available", "SnapshotCreateTime": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)}
    said = made(monkeypatch, creating, creating, creating | {"PercentProgress": 80}, ready)
    assert said == ["  s: 7 %", "  s: 80 %", "The snapshot s is of 2026-01-02 03:04:05 UTC."]


def test_a_snapshot_that_fails_or_is_of_another_database_ends_the_command(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cloud.folder
    with pytest.raises(Unavailable, match="The snapshot s is failed"):
        made(monkeypatch, {"Status": "failed"})
    with pytest.raises(Invalid, match=r"which stages\.toml names, is of other"):
        made(monkeypatch, {"Status": "available", "DBInstanceIdentifier": "other"})
