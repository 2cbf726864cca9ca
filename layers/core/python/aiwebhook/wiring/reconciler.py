"""Wires the reconciler's use case to its adapters."""

from __future__ import annotations

from aiwebhook.aws.blobs import S3BlobStore
from aiwebhook.aws.outbound_function import InvokedApiExchange, OutboundFunction
from aiwebhook.clock import utc_now
from aiwebhook.domain.github_app import app_token
from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.postgres.inbound_store import PostgresInboundStore
from aiwebhook.postgres.reconciliation_store import PostgresReconciliationStore
from aiwebhook.settings.reconciler import ReconcilerSettings
from aiwebhook.usecases.reconcile import ReconcilerServices
from aiwebhook.wiring.surroundings import surroundings


def wire_reconciler(settings: ReconcilerSettings) -> ReconcilerServices:
    around = surroundings(settings)
    return ReconcilerServices(
        store=PostgresReconciliationStore(around.database),
        inbound=PostgresInboundStore(around.database),
        blobs=S3BlobStore(around.aws.environment, settings.artifact_bucket),
        exchange=InvokedApiExchange(
            OutboundFunction(around.aws.environment, settings.outbound_function)
        ),
        box=lambda: SecretBox(around.secrets.app_secret(settings.app_secret_arn).master_key),
        app_token=app_token,
        clock=utc_now,
    )
