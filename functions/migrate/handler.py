"""migrate: run by CloudFormation before any other function of a release; fails the deployment.

What the old code still needs is taken away later and by hand, when the release has proven itself:
invoke the function with {"phase": "post"}. {"admin_key": "name"} answers with a new admin key of
the default project: the first one has to come from somewhere, and who may invoke this function
administers the deployment anyway. The first such call also answers with the owner's sign-in code.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from aiwebhook.postgres.migrate import Phase
from aiwebhook.settings import Settings
from aiwebhook.wiring.cloud import cloud
from aiwebhook.wiring.database import database_credentials
from aiwebhook.wiring.setup import Setup


def lambda_handler(event: dict[str, Any] | None, _context: LambdaContext) -> dict[str, Any]:
    """Apply what is missing of the phase (default "pre"). Running it again does nothing."""
    settings = Settings.from_env()
    order = event or {}
    credentials = database_credentials(cloud().secrets(), settings.database_secret_arn)
    with Setup(credentials) as setup:
        if "admin_key" in order:
            key = setup.admin_key(str(order["admin_key"]))
            code = setup.first_sign_in_code()
            return {"admin_key": key} | ({} if code is None else {"sign_in_code": code})
        phase = Phase(order.get("phase", Phase.PRE))
        return {"applied": list(setup.migrate((phase,)))}
