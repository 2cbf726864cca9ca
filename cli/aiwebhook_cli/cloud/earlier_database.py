"""`aiwebhook cloud deploy --database-from INSTANCE`: a stage that begins with the database of a
deployment that still runs, as a snapshot of it (docs/adr/0038).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from aiwebhook.clock import utc_now
from aiwebhook.errors import ConfigurationError, Invalid, NotFound, Unavailable
from aiwebhook_cli.cloud.account import Account, Json
from aiwebhook_cli.cloud.handed_in import fault_of_database, own_app_secret, require_app_secret
from aiwebhook_cli.cloud.refusals import aws_errors
from aiwebhook_cli.cloud.stage import StageDescription, describe_stage, stack
from aiwebhook_cli.cloud.toolchain import CDK, Toolchain
from aiwebhook_cli.printing import print_hint

_POLL_S = 10.0
_READY = frozenset({"available", "storage-optimization"})
"""In which states RDS takes a snapshot of an instance."""
_STACK_TAG = "aws:cloudformation:stack-name"
_FOLDERS = ("content/", "checkpoints/")
"""Of the bucket: what rows of the database refer to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierDatabase:
    """An RDS instance, and what the deployment that made it has beside it."""

    instance: str
    about: Json = field(repr=False)
    """As RDS describes it."""
    stage: str | None
    """Which deployment made it; None where no stack of ours did."""
    app_secret_arn: str | None
    bucket: str | None
    serving: bool
    """Whether that deployment's functions are still there."""

    @property
    def warning(self) -> str:
        """What happens while both deployments run; empty where only one does."""
        if not self.serving:
            return ""
        return (
            f"The stage {self.stage} goes on: what it accepts after the snapshot is not in it, and"
            " both run the tasks and send the callbacks that are due in it. To lose and repeat"
            f" nothing, remove its service first: npx {CDK} destroy -c stage={self.stage}"
            f" {stack(str(self.stage), 'service')}"
        )


def begin_with(
    account: Account,
    tools: Toolchain,
    stage: StageDescription,
    earlier: EarlierDatabase,
    agree: Callable[[str], object],
) -> StageDescription:
    """Take a snapshot and have stages.toml name it, and the AppSecret; the stage as it is then.
    `agree` is asked once before anything is made, where both deployments would run. Stopped half
    way, the same call goes on with the snapshot that the file names.
    """
    wanted = settings_to_begin_with(account, stage, earlier, utc_now())
    if earlier.warning:
        agree(earlier.warning)
    for name, value in wanted.items():
        print_hint(f"stages.toml, [{stage.name}]: {name} = {value}")
    name = wanted.get("database_snapshot") or str(stage.database_snapshot)
    print_hint(
        f"$ aws rds create-db-snapshot --db-instance-identifier {earlier.instance}"
        f" --db-snapshot-identifier {name}"
    )
    if tools.dry_run:
        return replace(
            stage,
            database_snapshot=name,
            app_secret_arn=wanted.get("app_secret_arn", stage.app_secret_arn),
        )
    described = describe_stage(tools, stage.name, wanted)
    DatabaseSnapshot(account=account, name=name, instance=earlier.instance, show=print_hint).make()
    return described


def take_content_over(account: Account, stage: str, earlier: EarlierDatabase) -> None:
    """Of the earlier deployment's bucket, after this one has its own."""
    target = account.outputs(stack(stage, "data")).get("ArtifactBucketName")
    if earlier.bucket is None or target is None:
        print_hint(
            "Content above 256 KB lies in the earlier deployment's bucket, which is not known:"
            " docs/deploy.md has the command that copies it."
        )
        return
    for folder in _FOLDERS:
        print_hint(f"$ aws s3 sync s3://{earlier.bucket}/{folder} s3://{target}/{folder}")
    print_hint(f"  {copy_content(account, earlier.bucket, target)} objects copied")


def find_earlier_database(account: Account, instance: str) -> EarlierDatabase:
    """Raises NotFound."""
    client = account.client("rds")
    with aws_errors("rds:DescribeDBInstances"):
        try:
            about = client.describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"][0]
        except client.exceptions.DBInstanceNotFoundFault as exc:
            raise NotFound(
                f"There is no database {instance} in {account.region}.",
                code="database_from",
                remedy="'aws rds describe-db-instances' lists them; one that is deleted has left a"
                " snapshot, which the setting database_snapshot takes.",
            ) from exc
    tags = {each["Key"]: each["Value"] for each in about.get("TagList", [])}
    data = tags.get(_STACK_TAG)
    stage = tags.get("aiwebhook:stage")
    if data is None or stage is None or data != stack(stage, "data"):
        return EarlierDatabase(
            instance=instance,
            about=about,
            stage=None,
            app_secret_arn=None,
            bucket=None,
            serving=False,
        )
    service = account.outputs(stack(stage, "service"))
    return EarlierDatabase(
        instance=instance,
        about=about,
        stage=stage,
        app_secret_arn=service.get("AppSecretArn") or own_app_secret(account, stage),
        bucket=account.outputs(data).get("ArtifactBucketName"),
        serving=account.stack_status(stack(stage, "service")) is not None,
    )


def settings_to_begin_with(
    account: Account, stage: StageDescription, earlier: EarlierDatabase, now: datetime
) -> dict[str, str]:
    """What stages.toml has to say from now on; nothing where it already says it, so that a second
    try takes no second snapshot. Raises ConfigurationError and Invalid where the database cannot be
    taken over, before anything is made.
    """
    wanted: dict[str, str] = {}
    if stage.database_snapshot is None:
        _require_no_database(account, stage, earlier)
        wanted["database_snapshot"] = f"{earlier.instance}-{now:%Y%m%d-%H%M%S}"
    secret = stage.app_secret_arn or earlier.app_secret_arn
    if secret is None:
        raise ConfigurationError(
            f"It is not known which AppSecret {earlier.instance} was used with.",
            code="database_from",
            remedy="Set app_secret_arn in stages.toml: callback secrets are derived from it.",
        )
    require_app_secret(account, secret)
    if stage.app_secret_arn is None:
        wanted["app_secret_arn"] = secret
    fault = fault_of_database(f"The database {earlier.instance}", earlier.about, stage)
    if fault is None and earlier.about["DBInstanceStatus"] not in _READY:
        fault = (
            f"The database {earlier.instance} is {earlier.about['DBInstanceStatus']}, not ready."
        )
    if fault is not None:
        raise ConfigurationError(
            fault, code="database_from", remedy="Change stages.toml, or wait until it is ready."
        )
    return wanted


def _require_no_database(
    account: Account, stage: StageDescription, earlier: EarlierDatabase
) -> None:
    """A stage that has a database would lose it."""
    if account.outputs(stack(stage.name, "data")):
        raise Invalid(
            f"The stage {stage.name} has a database, which {earlier.instance}'s would replace.",
            code="data_replaced",
            remedy="Describe a new stage in stages.toml, and deploy that one.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSnapshot:
    """One that is made of a database that runs, under a name that stages.toml holds already."""

    account: Account
    name: str
    instance: str
    show: Callable[[str], None] = field(repr=False)
    pause: Callable[[float], object] = threading.Event().wait

    def make(self) -> None:
        """Return when it is ready. One that is there, from a try before, is waited for only.
        Raises Invalid if it is of another database, Unavailable if it fails."""
        found, shown = self.account.snapshot(self.name) or self._create(), ""
        while True:
            of = found["DBInstanceIdentifier"]
            if of != self.instance:
                raise Invalid(
                    f"The snapshot {self.name}, which stages.toml names, is of {of}.",
                    code="database_from",
                )
            if found["Status"] == "available":
                made = found.get("OriginalSnapshotCreateTime") or found["SnapshotCreateTime"]
                self.show(f"The snapshot {self.name} is of {made:%Y-%m-%d %H:%M:%S %Z}.")
                return
            if found["Status"] != "creating":
                raise Unavailable(
                    f"The snapshot {self.name} is {found['Status']}.",
                    code="database_from",
                    remedy="Take its name out of stages.toml, then run the command again.",
                )
            progress = f"  {self.name}: {found.get('PercentProgress', 0)} %"
            if progress != shown:
                shown = progress
                self.show(shown)
            self.pause(_POLL_S)
            found = self.account.snapshot(self.name) or {**found, "Status": "gone"}

    def _create(self) -> Json:
        with aws_errors("rds:CreateDBSnapshot"):
            made = self.account.client("rds").create_db_snapshot(
                DBSnapshotIdentifier=self.name, DBInstanceIdentifier=self.instance
            )
        return cast("Json", made["DBSnapshot"])


def copy_content(account: Account, source: str, target: str) -> int:
    """What rows refer to and the target has not, from bucket to bucket; how many objects that were.
    Objects are named after their content, so that one that is there is the same."""
    client = account.client("s3")
    copied = 0
    with aws_errors("s3:ListBucket, s3:GetObject or s3:PutObject"):
        for folder in _FOLDERS:
            there = set(_keys(account, target, folder))
            for key in _keys(account, source, folder):
                if key not in there:
                    client.copy_object(
                        Bucket=target, Key=key, CopySource={"Bucket": source, "Key": key}
                    )
                    copied += 1
    return copied


def _keys(account: Account, bucket: str, folder: str) -> Iterator[str]:
    pages = account.client("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=bucket, Prefix=folder):
        yield from (str(each["Key"]) for each in page.get("Contents", []))
