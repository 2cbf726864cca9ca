"""What a stage begins with of an earlier deployment: a snapshot of its database, its AppSecret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from aiwebhook.errors import ConfigurationError
from aiwebhook_cli.checks import Check
from aiwebhook_cli.cloud.account import Account
from aiwebhook_cli.cloud.stage import StageDescription

_LEAST_KEY = 32
"""Characters of the master key; shorter ones are refused by the functions."""
_SNAPSHOTS = "Name one of 'aws rds describe-db-snapshots' in database_snapshot of stages.toml."
_SECRETS = "Give the whole ARN (output AppSecretArn of the earlier stack) in app_secret_arn."


def handed_in_checks(account: Account, stage: StageDescription) -> Iterator[Check]:
    """Of what the stage's settings name; nothing where they name none."""
    if stage.database_snapshot is not None:
        fault = _fault_of_snapshot(account, stage.database_snapshot, stage.database_major)
        said = fault or f"{stage.database_snapshot} is there"
        yield Check(name="snapshot", ok=fault is None, found=said, remedy=_SNAPSHOTS)
    if stage.app_secret_arn is not None:
        fault = _fault_of_secret(account.secret_if_there(stage.app_secret_arn))
        said = fault or "the earlier one is there"
        yield Check(name="app secret", ok=fault is None, found=said, remedy=_SECRETS)


def require_handed_in(account: Account, stage: StageDescription) -> None:
    """Raise ConfigurationError for the first thing that will not do, before anything is made."""
    for check in handed_in_checks(account, stage):
        if not check.ok:
            raise ConfigurationError(check.found, code="stage_settings", remedy=check.remedy)


def _fault_of_snapshot(account: Account, name: str, major: int) -> str | None:
    found = account.snapshot(name)
    if found is None:
        return f"There is no snapshot {name} in {account.region}."
    if found["Status"] != "available":
        return f"The snapshot {name} is not ready: {found['Status']}."
    of = f"{found['Engine']} {found['EngineVersion']}"
    if found["Engine"] != "postgres" or int(str(found["EngineVersion"]).partition(".")[0]) != major:
        return f"The snapshot {name} is of {of}, and database_major is {major}."
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
