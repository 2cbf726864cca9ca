"""The environment of migrate: the database and nothing else."""

from __future__ import annotations

from aiwebhook.settings import Settings


class MigrateSettings(Settings):
    """What every function needs is all that migrate needs."""
