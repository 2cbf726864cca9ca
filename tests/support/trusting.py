"""A running stack that trusts a test's certificate authority, as an operator would have it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from aiwebhook_local.deploy import Aws

_CALLERS = ("outbound", "notifier")
"""The functions that call addresses of others."""


class Deployed(Protocol):
    """What of a running stack is needed here."""

    @property
    def aws(self) -> Aws: ...


def trust(stack: Deployed, authority: Path) -> None:
    """Have the functions that call receivers accept its certificates. Where they may call is
    another setting: this machine only with AllowLoopbackCallbacks, which the local stack has.
    """
    client = stack.aws.client("lambda")
    for page in client.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            if function["Handler"].startswith(_CALLERS):
                variables = function.get("Environment", {}).get("Variables", {})
                changed = {**variables, "SSL_CERT_FILE": str(authority)}
                client.update_function_configuration(
                    FunctionName=function["FunctionName"], Environment={"Variables": changed}
                )
