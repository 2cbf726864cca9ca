"""The environment of migrate."""

from __future__ import annotations

from pydantic import Field, Json

from aiwebhook.settings import Settings


class MigrateSettings(Settings):
    """What migrate needs beyond the common names."""

    database_secret_arn: str = Field(alias="DATABASE_SECRET_ARN", min_length=1)
    """Of the database's owner."""
    database_logins: str = Field(alias="DATABASE_LOGINS", min_length=1)
    """`iam`, or the prefix of the parameters that the functions' logins are kept in."""
    database_connections: Json[dict[str, int]] = Field(alias="DATABASE_CONNECTIONS")
    """How many connections each function may have at once, by its name."""
