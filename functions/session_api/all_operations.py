"""All operations, for the documents and the tests. A request imports its own (late_paths.py)."""

from __future__ import annotations

from session_api.operation import Operation
from session_api.routes import (
    artifact_content,
    callback_secret,
    channels,
    claims,
    conversation,
    documents,
    endpoints,
    inbound,
    keys,
    observation,
    people,
    projects,
    reconciliations,
    retention,
    rules,
    runs,
    sources,
    subscriptions,
    system,
)

OPERATIONS: tuple[Operation, ...] = (
    *conversation.OPERATIONS,
    *artifact_content.OPERATIONS,
    *observation.OPERATIONS,
    *endpoints.OPERATIONS,
    *callback_secret.OPERATIONS,
    *inbound.OPERATIONS,
    *sources.OPERATIONS,
    *reconciliations.OPERATIONS,
    *rules.OPERATIONS,
    *channels.OPERATIONS,
    *keys.OPERATIONS,
    *people.OPERATIONS,
    *projects.OPERATIONS,
    *subscriptions.OPERATIONS,
    *retention.OPERATIONS,
    *claims.OPERATIONS,
    *runs.OPERATIONS,
    *system.OPERATIONS,
    *documents.OPERATIONS,
)
