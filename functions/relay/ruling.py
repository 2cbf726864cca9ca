"""Evaluates the rules of a delivery right after it was stored. The reaper does what is left."""

from __future__ import annotations

import time

from aiwebhook import observability
from aiwebhook.domain.inbound_payload import read_payload
from aiwebhook.domain.rule_decision import Occurrence
from aiwebhook.errors import AiWebhookError
from aiwebhook.http import Request
from aiwebhook.ports.inbound import Acceptance
from aiwebhook.ports.rules import DueEvaluation
from aiwebhook.usecases.start_by_rules import start_by_rules
from aiwebhook.wiring.relay_parts import RelayParts

WITHIN_S = 4.0
"""GitHub gives up after 10 s."""


def start_kept(parts: RelayParts, request: Request, accepted: Acceptance, source: str) -> None:
    """Evaluate the rules of a delivery that was just stored. Never raises: the sender has
    done its part.
    """
    project_id = accepted.project_id
    due = DueEvaluation(
        project_id=project_id,
        delivery_id=accepted.delivery_id,
        round=0,
        correlation_id=request.correlation_id,
    )
    payload = read_payload(request.body, request.headers.get("content-type"))
    came = Occurrence(source=source, event=accepted.event_type, payload=payload)
    until = time.monotonic() + WITHIN_S
    try:
        start_by_rules(parts.rules(), due, came, has_time=lambda: time.monotonic() < until)
    except AiWebhookError as error:
        observability.warning("rules left to the reaper", code=error.code)
