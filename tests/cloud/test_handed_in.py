"""A snapshot or an AppSecret that will not do is one sentence, before anything is made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aiwebhook_cli.cloud import commands
from aiwebhook_cli.cloud.account import Account, open_account
from aiwebhook_cli.cloud.handed_in import handed_in_checks
from aiwebhook_cli.cloud.stage import StageDescription
from tests.cloud.conftest import REGION, Cloud, always, aws

pytestmark = pytest.mark.req("O2")
KEY = "k" * 32


def any_stage(**settings: Any) -> StageDescription:
    given = {"database_snapshot": None, "app_secret_arn": None} | settings
    return StageDescription(name="dev", database_major=18, max_waits=12, idle_costs=(), **given)


def said(stage: StageDescription) -> list[tuple[bool | None, str]]:
    return [(each.ok, each.found) for each in handed_in_checks(open_account(REGION), stage)]


@pytest.mark.parametrize(
    ("snapshot", "sentence"),
    [
        (None, "There is no snapshot before in eu-west-1."),
        ({"Status": "creating"}, "The snapshot before is not ready: creating."),
        ({"EngineVersion": "17.4"}, "is of postgres 17.4, and database_major is 18."),
        ({"Engine": "mysql", "EngineVersion": "8.0"}, "is of mysql 8.0, and database_major is 18."),
        ({}, "before is there"),
    ],
)
def test_a_snapshot_must_be_there_ready_and_of_the_stages_postgresql(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, snapshot: dict[str, str] | None, sentence: str
) -> None:
    assert cloud.folder
    usual = {"Status": "available", "Engine": "postgres", "EngineVersion": "18.1"}
    answer = None if snapshot is None else usual | snapshot
    monkeypatch.setattr(Account, "snapshot", always(answer))
    ((ok, found),) = said(any_stage(database_snapshot="before"))
    assert sentence in found
    assert ok is (snapshot == {})


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
