"""The values of the deployed stack's secrets on this machine."""

import json
from collections.abc import Mapping
from typing import Any

from aiwebhook.domain.database_role import DATABASE_FUNCTIONS
from aiwebhook.domain.provider import NO_KEY
from aiwebhook_local import database


def own_secrets(
    outputs: Mapping[str, str], coordinates: database.Coordinates, secrets: Mapping[str, str]
) -> dict[str, str]:
    """ARN → value of the secrets that the functions read, as far as the stack has them."""
    github = {"project_id": database.PROJECT, "secrets": [secrets["github_secret"]]}
    values: dict[str, dict[str, Any]] = {
        "DatabaseSecretArn": coordinates.as_secret(),
        "AppSecretArn": {"master_key": secrets["master_key"]},
        "GithubSecretArn": github,
    }
    return {outputs[name]: json.dumps(value) for name, value in values.items() if name in outputs}


def agent_secrets(outputs: Mapping[str, str], keys: Mapping[str, str]) -> dict[str, str]:
    """ARN → value of each secret that a run may be given."""
    arns: dict[str, str] = json.loads(outputs["AgentSecrets"])
    return {arn: keys.get(name, NO_KEY) for name, arn in arns.items()}


def database_logins(
    outputs: Mapping[str, str], coordinates: database.Coordinates
) -> dict[str, str]:
    """Name → value of the parameters with which the functions log in to the database."""
    prefix = outputs.get("DatabaseLogins")
    if prefix is None:
        return {}
    return {
        f"{prefix}/{function}": json.dumps(coordinates.as_parameter(function))
        for function in DATABASE_FUNCTIONS
    }
