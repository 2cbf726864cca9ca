"""Reconciler: every minute."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from aiwebhook import cold_start, observability
from aiwebhook.settings.reconciler import ReconcilerSettings
from aiwebhook.usecases.reconcile import reconcile_due
from aiwebhook.usecases.refresh_networks import refresh_networks
from aiwebhook.wiring.reconciler import wire_reconciler

services = wire_reconciler(ReconcilerSettings.from_env())
cold_start.imported()
MIN_LEFT_MS = 45_000
"""A request to GitHub may take half a minute, and its result must still be stored."""


def lambda_handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Returns counts of what was done; raises when the database is unavailable, and the
    next tick continues.
    """
    observability.begin(function_request_id=context.aws_request_id)
    refreshed = refresh_networks(services)
    reports = reconcile_due(
        services, has_time=lambda: context.get_remaining_time_in_millis() > MIN_LEFT_MS
    )
    counts = {"sources_reconciled": len(reports)}
    if refreshed is not None:
        counts["networks_refreshed"] = int(refreshed)
    for report in reports:
        for name, number in report.counts().items():
            counts[name] = counts.get(name, 0) + number
    if reports:
        observability.info("reconciled", **counts)
    observability.measure(counts)
    return counts
