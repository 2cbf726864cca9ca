"""Outbound: one exchange with a stranger's server, for those inside the VPC (ADR 0033)."""

from __future__ import annotations

import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from aiwebhook import cold_start, observability
from aiwebhook.settings.outbound import OutboundSettings
from aiwebhook.wiring.outbound import wire_outbound

services = wire_outbound(OutboundSettings.from_env())
cold_start.imported()


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Make the exchange and return its outcome. Neither address, headers nor body is logged:
    they hold secrets.
    """
    observability.begin(function_request_id=context.aws_request_id)
    began = time.monotonic()
    answer = services.exchange(event)
    observability.info(
        "exchange ended",
        kind=str(event["kind"]),
        status=answer.get("status"),
        fault=answer.get("fault"),
        ms=round(1000 * (time.monotonic() - began)),
    )
    return answer
