"""What a stage is handed: an earlier deployment's snapshot and AppSecret, a certificate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from aiwebhook.errors import ConfigurationError
from aiwebhook_cli.checks import Check
from aiwebhook_cli.cloud.account import Account, Json
from aiwebhook_cli.cloud.refusals import aws_errors
from aiwebhook_cli.cloud.stage import StageDescription, stack

_LEAST_KEY = 32
"""Characters of the master key; shorter ones are refused by the functions."""
_OWNER = "aiwebhook"
"""Who owns the database, and for whom the stack makes a password."""
_DATABASE = "AWS::RDS::DBInstance"
_SNAPSHOTS = "Name one of 'aws rds describe-db-snapshots' in database_snapshot of stages.toml."
_SECRETS = "Give the whole ARN (output AppSecretArn of the earlier stack) in app_secret_arn."
_CERTIFICATES = "Request one in the stage's Region, and set it in certificate_arn of stages.toml."


def handed_in_checks(account: Account, stage: StageDescription) -> Iterator[Check]:
    """Of what the stage's settings name; nothing where they name none."""
    if stage.database_snapshot is not None:
        fault = _fault_of_snapshot(account, stage.database_snapshot, stage)
        said = fault or f"{stage.database_snapshot} is there"
        yield Check(name="snapshot", ok=fault is None, found=said, remedy=_SNAPSHOTS)
    if stage.app_secret_arn is not None:
        fault = _fault_of_secret(account.secret_if_there(stage.app_secret_arn))
        said = fault or "the earlier one is there"
        yield Check(name="app secret", ok=fault is None, found=said, remedy=_SECRETS)
    if stage.certificate_arn is not None:
        region = stage.certificate_arn.split(":")[3]
        there = region == account.region
        said = f"The certificate is in {region or 'no Region'}, the stage in {account.region}."
        found = f"in {region}" if there else said
        yield Check(name="certificate", ok=there, found=found, remedy=_CERTIFICATES)


def require_handed_in(account: Account, stage: StageDescription) -> None:
    """Raise ConfigurationError for the first thing that will not do, before anything is made."""
    for check in handed_in_checks(account, stage):
        if not check.ok:
            raise ConfigurationError(check.found, code="stage_settings", remedy=check.remedy)


def require_app_secret(account: Account, arn: str) -> None:
    """Raise ConfigurationError for a secret that is not there or only half."""
    fault = _fault_of_secret(account.secret_if_there(arn))
    if fault is not None:
        raise ConfigurationError(fault, code="stage_settings", remedy=_SECRETS)


def own_app_secret(account: Account, stage: str) -> str | None:
    """The AppSecret that the stage's data stack has made, which outlives the service; None where it
    was handed in. The stack must be there."""
    return account.resource(stack(stage, "data"), "AWS::SecretsManager::Secret", "AppSecret")


def require_same_data(account: Account, stage: StageDescription) -> None:
    """Raise ConfigurationError where the settings would have CloudFormation delete the database or
    the AppSecret that the stage has, and make another one."""
    deployed = _deployed_resources(account, stage.name)
    databases = [each for each in deployed.values() if each["Type"] == _DATABASE]
    if not databases:
        return
    began: str | None = databases[0].get("Properties", {}).get("DBSnapshotIdentifier")
    if began != stage.database_snapshot:
        raise ConfigurationError(
            f"The database of {stage.name} began {f'with {began}' if began else 'empty'}, and"
            f" database_snapshot is {stage.database_snapshot or 'not set'}: another one would take"
            " its place, and all it holds be lost.",
            code="data_replaced",
            remedy=_as_deployed("database_snapshot", began, stage.name),
        )
    owns = any(name.startswith("AppSecret") for name in deployed)
    if owns is not (stage.app_secret_arn is None):
        used = account.outputs(stack(stage.name, "service")).get("AppSecretArn")
        raise ConfigurationError(
            f"The stage {stage.name} {'made its AppSecret' if owns else 'was given its AppSecret'},"
            f" and app_secret_arn is {stage.app_secret_arn or 'not set'}: every callback's"
            " signature and every lease would change.",
            code="data_replaced",
            remedy=_as_deployed("app_secret_arn", None if owns else used or "…", stage.name),
        )


def _as_deployed(setting: str, value: str | None, stage: str) -> str:
    if value is None:
        return f"Take {setting} out of stages.toml; a new stage may begin with it."
    return f'Set {setting} = "{value}" under [{stage}] in stages.toml.'


def _deployed_resources(account: Account, stage: str) -> dict[str, Json]:
    """Of the data stack, by their logical ids, as they were deployed; nothing before that."""
    name = stack(stage, "data")
    if not account.outputs(name):
        return {}
    with aws_errors("cloudformation:GetTemplate"):
        body: object = account.client("cloudformation").get_template(
            StackName=name, TemplateStage="Original"
        )["TemplateBody"]
    template = cast("Json", json.loads(body) if isinstance(body, str) else body)
    return cast("dict[str, Json]", template["Resources"])


def _fault_of_snapshot(account: Account, name: str, stage: StageDescription) -> str | None:
    found = account.snapshot(name)
    if found is None:
        return f"There is no snapshot {name} in {account.region}."
    if found["Status"] != "available":
        return f"The snapshot {name} is not ready: {found['Status']}."
    return fault_of_database(f"The snapshot {name}", found, stage)


def fault_of_database(subject: str, about: Json, stage: StageDescription) -> str | None:
    """Why RDS, or migrate after it, would refuse what the stage makes of an instance or a snapshot;
    None where it would not. `about`: as RDS describes it."""
    engine, version = about["Engine"], str(about["EngineVersion"])
    if engine != "postgres" or version.partition(".")[0] != str(stage.database_major):
        return f"{subject} is of {engine} {version}, and database_major is {stage.database_major}."
    if about["AllocatedStorage"] > stage.database_storage_gib:
        return (
            f"{subject} has {about['AllocatedStorage']} GiB, and database_storage_gib is"
            f" {stage.database_storage_gib}: storage never shrinks."
        )
    if about["MasterUsername"] != _OWNER:
        return f"{subject} belongs to {about['MasterUsername']}, not to {_OWNER}: it is not ours."
    return None


def _fault_of_secret(value: str | None) -> str | None:
    """Never its value."""
    if value is None:
        return "There is no such secret in this Region."
    try:
        found: object = json.loads(value)
    except ValueError:
        return "The AppSecret is no JSON."
    key = cast("dict[str, object]", found).get("master_key") if isinstance(found, dict) else None
    if not isinstance(key, str) or len(key) < _LEAST_KEY:
        return f"The AppSecret has no master_key of at least {_LEAST_KEY} characters."
    return None
