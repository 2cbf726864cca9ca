"""The database of a function: its coordinates come from a secret, read late and kept
for five minutes.
"""

from __future__ import annotations

from aiwebhook.aws.secrets import SecretsReader
from aiwebhook.errors import ConfigurationError
from aiwebhook.postgres.credentials import Credentials
from aiwebhook.postgres.database import Database


def database_credentials(secrets: SecretsReader, arn: str) -> Credentials:
    """The secret as RDS writes it: JSON host, port, username, password, dbname.

    Raises Unavailable while Secrets Manager is away, ConfigurationError naming fields
    that are missing.
    """
    value = secrets.read(arn)
    names = ("host", "port", "username", "password", "dbname")
    missing = [name for name in names if value.get(name) in (None, "")]
    if missing:
        raise ConfigurationError(f"The database secret lacks: {', '.join(missing)}.")
    return Credentials(
        host=str(value["host"]),
        port=int(value["port"]),
        username=str(value["username"]),
        password=str(value["password"]),
        dbname=str(value["dbname"]),
    )


def open_database(secrets: SecretsReader, arn: str) -> Database:
    """The process's database. Nothing is read or opened before the first statement."""
    return Database(lambda: database_credentials(secrets, arn))
