"""Makes a running stack trust one more certificate authority, as an operator would."""

from __future__ import annotations

from pathlib import Path

from aiwebhook_local.deploy import Aws

_CALLERS = ("outbound", "notifier")
"""The functions that call addresses of others: here the notifier sends callbacks itself."""


def trust(aws: Aws, authority: Path) -> None:
    """Have the functions that call others' servers accept its certificates. Where they may call is
    another setting: this machine only with AllowLoopbackCallbacks, which the local stack has.
    """
    client = aws.client("lambda")
    for page in client.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            if function["Handler"].startswith(_CALLERS):
                variables = function.get("Environment", {}).get("Variables", {})
                changed = {**variables, "SSL_CERT_FILE": str(authority)}
                client.update_function_configuration(
                    FunctionName=function["FunctionName"], Environment={"Variables": changed}
                )
