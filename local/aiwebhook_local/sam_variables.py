"""The variables of a running stack's functions, for SAM's tools (`aiwebhook_local.sam`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial

from aiwebhook.private_file import write_private
from aiwebhook_local.deploy import Aws
from aiwebhook_local.home import Home

OF_AWS = (
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)


def keep_variables(home: Home, aws: Aws, functions: Mapping[str, str]) -> Callable[[], None]:
    """Write the variables of each function, and the emulator's address with its session token, to a
    file that only its owner can read. Returns a function that removes it when the stack stops.
    """
    client = aws.client("lambda")
    of_aws = (aws.url, "us-east-1", "000000000000", "local", aws.session_token)
    found: dict[str, dict[str, str]] = {}
    for name, deployed in functions.items():
        configuration = client.get_function_configuration(FunctionName=deployed)
        own = configuration.get("Environment", {}).get("Variables", {})
        found[name] = {**own, **dict(zip(OF_AWS, of_aws, strict=True))}
    write_private(home.sam_variables, json.dumps(found))
    return partial(home.sam_variables.unlink, missing_ok=True)
