"""The database: PostgreSQL on RDS, reachable from the functions only, over TLS only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.justify import justify
from infra.stages import Stage

DATABASE_NAME = "aiwebhook"
_MEANT = {
    "RDS11": "Only the functions' group reaches it; another port would hide nothing.",
    "SMG4": "An operator changes the password: functions that are warm would lose the database.",
}
_ONE_ZONE = {"RDS3": "A second zone is the setting multi_az, at twice the price."}
_REMOVABLE = {"RDS10": "The stage is made to be removed with all it holds."}


class DatabaseInstance(Construct):
    """One instance; its generated password is in `secret`, with host, port and name."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        vpc: ec2.Vpc,
        security_group: ec2.SecurityGroup,
    ) -> None:
        # reason: the instance's properties, one after the other
        super().__init__(scope, construct_id)
        justify(self, _meant(stage))
        keep, engine = stage.keep_data, _engine(stage.database_major)
        common: dict[str, Any] = {
            "engine": engine,
            "instance_type": ec2.InstanceType(stage.database_instance),
            "vpc": vpc,
            "vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            "security_groups": [security_group],
            "publicly_accessible": False,
            "iam_authentication": True,
            "parameter_group": rds.ParameterGroup(
                self, "Parameters", engine=engine, parameters={"rds.force_ssl": "1"}
            ),
            "multi_az": stage.multi_az,
            "storage_type": rds.StorageType.GP3,
            "allocated_storage": stage.database_storage_gib,
            "max_allocated_storage": stage.most_storage_gib,
            "backup_retention": Duration.days(stage.backup_days),
            "copy_tags_to_snapshot": True,
            "delete_automated_backups": not keep,
            "deletion_protection": keep,
            "removal_policy": RemovalPolicy.SNAPSHOT if keep else RemovalPolicy.DESTROY,
            "auto_minor_version_upgrade": True,
            # When the stage names a later one; RDS refuses the deployment without it.
            "allow_major_version_upgrade": True,
        }
        self.instance = (
            self._empty(common)
            if stage.database_snapshot is None
            else self._restored(common, stage.database_snapshot)
        )

    def _empty(self, common: dict[str, Any]) -> rds.DatabaseInstance:
        return rds.DatabaseInstance(
            self,
            "Instance",
            database_name=DATABASE_NAME,
            credentials=rds.Credentials.from_generated_secret(DATABASE_NAME),
            storage_encrypted=True,
            **common,
        )

    def _restored(self, common: dict[str, Any], snapshot: str) -> rds.DatabaseInstanceFromSnapshot:
        """Encrypted as the snapshot is; the owner gets a new password."""
        return rds.DatabaseInstanceFromSnapshot(
            self,
            "Instance",
            snapshot_identifier=snapshot,
            credentials=rds.SnapshotCredentials.from_generated_secret(DATABASE_NAME),
            **common,
        )

    @property
    def secret(self) -> secretsmanager.ISecret:
        """JSON: host, port, username, password, dbname."""
        secret = self.instance.secret
        if secret is None:  # only for pyright: from_generated_secret always makes one
            raise LookupError("the database has no generated secret")
        return secret

    @property
    def resource_id(self) -> str:
        """What AWS IAM knows the instance by; a restored one has another."""
        found = self.instance.instance_resource_id
        if found is None:  # only for pyright: every instance has one
            raise LookupError("the database has no resource id")
        return found


def _engine(major: int) -> rds.IInstanceEngine:
    """By major version alone: RDS installs the newest minor that the Region sells, and later ones
    by itself. A minor named here would soon be older than the database's, which RDS refuses."""
    version = rds.PostgresEngineVersion.of(str(major), str(major))
    return rds.DatabaseInstanceEngine.postgres(version=version)


def _meant(stage: Stage) -> Mapping[str, str]:
    """Why cdk-nag's findings on the database of such a stage stay."""
    return _MEANT | ({} if stage.multi_az else _ONE_ZONE) | ({} if stage.keep_data else _REMOVABLE)
