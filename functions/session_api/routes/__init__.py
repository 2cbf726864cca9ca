"""Operations, one module per resource, and which modules a path may lead to."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from session_api.operation import Operation

MODULES_OF: Mapping[str, tuple[str, ...]] = {
    "agents": ("observation", "claims"),
    "artifacts": ("conversation", "artifact_content"),
    "audit": ("projects",),
    "callback-secret": ("callback_secret",),
    "channels": ("channels",),
    "connections": ("people",),
    "deliveries": ("endpoints",),
    "docs": ("documents",),
    "endpoints": ("endpoints",),
    "events": ("observation",),
    "health": ("system",),
    "healthz": ("system",),
    "help": ("conversation",),
    "inbound": ("inbound",),
    "keys": ("keys",),
    "memories": ("conversation",),
    "openapi-actions.json": ("documents",),
    "openapi.json": ("documents",),
    "people": ("people",),
    "projects": ("projects",),
    "readyz": ("system",),
    "retention": ("retention",),
    "rule-tests": ("rules",),
    "rules": ("rules",),
    "runs": ("claims", "runs"),
    "search": ("projects",),
    "sessions": ("conversation", "observation"),
    "sources": ("sources", "reconciliations"),
    "subscriptions": ("subscriptions",),
    "tasks": ("conversation",),
    "updates": ("conversation",),
    "usage": ("projects",),
    "workers": ("observation",),
}
"""By the first segment of a path after /v1: the modules to look in, and in which order."""


def operations_in(module: str) -> tuple[Operation, ...]:
    """The operations of a module, which is imported when it is first asked for."""
    return import_module(f"session_api.routes.{module}").OPERATIONS
