"""migrate: run by CloudFormation before any other function of a release; if it fails, so
does the deployment.

What the old code still needs is removed later and by hand, once the release has proven itself:
invoke the function with {"phase": "post"}. {"admin_key": "name"} returns a new admin key of the
default project: the first one has to come from somewhere, and whoever may invoke this function
administers the deployment anyway. The first such call also returns the owner's sign-in code.
{"worker_key": "name"} returns a new key for workers. {"rotate": true} gives the functions' roles
new passwords, without interrupting any function. {"compare_rights": true} changes nothing: it
returns which roles have other rights than declared.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from aiwebhook.postgres.migrate import Phase
from aiwebhook.settings.migrate import MigrateSettings
from aiwebhook.wiring.cloud import cloud
from aiwebhook.wiring.database import credentials_in
from aiwebhook.wiring.database_logins import DatabaseLogins
from aiwebhook.wiring.reachable import once_reachable
from aiwebhook.wiring.setup import Setup

# A deployment, whose event is empty, replaces the NAT instance when there is a newer image, and the
# new one needs a minute or two: to fail meanwhile would roll the deployment back. It leaves more
# than half of the function's ten minutes to the migrations.
_NAT_STARTS_WITHIN_S = 240.0


def lambda_handler(event: dict[str, Any] | None, _context: LambdaContext) -> dict[str, Any]:
    """Apply the missing migrations of the phase (default "pre"). Running it again does nothing."""
    settings = MigrateSettings.from_env()
    aws, order = cloud(), event or {}
    secret = partial(aws.secrets().read, settings.database_secret_arn)
    owner = credentials_in(once_reachable(secret, within_s=0 if order else _NAT_STARTS_WITHIN_S))
    logins = DatabaseLogins(
        store=aws.parameters(),
        place=settings.database_logins,
        owner=owner,
        connections=settings.database_connections,
    )
    if order.get("rotate") is True:
        return {"rotated": logins.rotate()}
    with Setup(owner) as setup:
        if "admin_key" in order:
            key = setup.admin_key(str(order["admin_key"]))
            code = setup.first_sign_in_code()
            return {"admin_key": key} | ({} if code is None else {"sign_in_code": code})
        if "worker_key" in order:
            return {"worker_key": setup.worker_key(str(order["worker_key"]))}
        if order.get("compare_rights") is True:
            found = setup.compare_rights().items()
            return {"differences": {function: asdict(each) for function, each in found}}
        phases = (Phase(order.get("phase", Phase.PRE)),)
        applied = setup.migrate(phases)
        rights = setup.make_roles(logins.prepare(), contract=Phase.POST in phases)
        return {"applied": list(applied), "rights": asdict(rights)}
