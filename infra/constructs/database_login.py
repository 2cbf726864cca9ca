"""How each function logs in to the database: under a role of its own (ADR 0026)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import ArnFormat, Stack

from aiwebhook.domain.database_role import role_of
from infra.constructs.database import DATABASE_NAME, DatabaseInstance
from infra.stages import LoginKind, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLogins:
    """Of one stage: tokens of AWS IAM, which need no secret, or passwords that migrate makes and
    keeps as encrypted parameters, which cost nothing and which CloudFormation cannot make.
    """

    stage: Stage
    database: DatabaseInstance

    @property
    def functions(self) -> tuple[str, ...]:
        """Those that have a role."""
        return tuple(self.stage.connection_limits)

    @property
    def place(self) -> str:
        """Where the passwords are; "iam" where there is none."""
        by_iam = self.stage.database_login is LoginKind.IAM
        return "iam" if by_iam else f"/aiwebhook/{self.stage.name}/database"

    def environment(self, function: str) -> dict[str, str]:
        """What the function is told; nothing if it has no role."""
        if function not in self.stage.connection_limits:
            return {}
        if self.stage.database_login is LoginKind.PASSWORD:
            return {"DATABASE_LOGIN": f"{self.place}/{function}"}
        instance = self.database.instance
        address, port = instance.db_instance_endpoint_address, instance.db_instance_endpoint_port
        return {
            "DATABASE_LOGIN": f"postgresql://{role_of(function)}@{address}:{port}/{DATABASE_NAME}"
        }

    def permission(self, function: str, stack: Stack) -> tuple[list[str], list[str]]:
        """Actions and resources that logging in needs."""
        if self.stage.database_login is LoginKind.PASSWORD:
            return ["ssm:GetParameter"], [self._parameter(function, stack)]
        user = stack.format_arn(
            service="rds-db",
            resource="dbuser",
            resource_name=f"{self.database.resource_id}/{role_of(function)}",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        return ["rds-db:connect"], [user]

    def keeping(self, stack: Stack) -> tuple[list[str], Sequence[str]]:
        """What migrate needs to keep the passwords; nothing where there are none."""
        if self.stage.database_login is LoginKind.IAM:
            return [], []
        parameters = [self._parameter(function, stack) for function in self.stage.connection_limits]
        return ["ssm:GetParameter", "ssm:PutParameter"], parameters

    def _parameter(self, function: str, stack: Stack) -> str:
        return stack.format_arn(
            service="ssm",
            resource="parameter",
            resource_name=f"{self.place.removeprefix('/')}/{function}",
        )
