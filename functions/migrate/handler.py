"""migrate: run by CloudFormation before any other function of a release; fails the deployment.

What the old code still needs is taken away later and by hand, when the release has proven itself:
invoke the function with {"phase": "post"}.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from aiwebhook.postgres.migrate import Phase, migrate
from aiwebhook.wiring.cloud import cloud
from aiwebhook.wiring.database import database_credentials
from migrate.settings import MigrateSettings


def lambda_handler(event: dict[str, Any] | None, _context: LambdaContext) -> dict[str, list[str]]:
    """Apply what is missing of the phase (default "pre"). Running it again does nothing."""
    settings = MigrateSettings.from_env()
    phase = Phase((event or {}).get("phase", Phase.PRE))
    credentials = database_credentials(cloud().secrets(), settings.database_secret_arn)
    return {"applied": list(migrate(credentials.conninfo(), phases=(phase,)))}
