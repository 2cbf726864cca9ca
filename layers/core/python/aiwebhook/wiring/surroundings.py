"""The environment that every working function shares: its log, AWS and the database."""

from __future__ import annotations

from dataclasses import dataclass

from aiwebhook import observability
from aiwebhook.aws.secrets import SecretsReader
from aiwebhook.postgres.database import Database
from aiwebhook.settings import DatabaseSettings
from aiwebhook.snap_start import after_restore
from aiwebhook.wiring.cloud import Cloud, cloud
from aiwebhook.wiring.database import open_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What adapters are built from."""

    aws: Cloud
    secrets: SecretsReader
    database: Database


def surroundings(settings: DatabaseSettings) -> Surroundings:
    """Names this process in its log; nothing is connected, and no secret read, before it is needed.

    Raises ConfigurationError without a region.
    """
    observability.configure(
        service=settings.service, level=settings.log_level, namespace=settings.metrics_namespace
    )
    aws = cloud(observability.correlation_id)
    database = open_database(aws, settings.database_login)
    after_restore(database.close)
    return Surroundings(aws=aws, secrets=aws.secrets(), database=database)
