"""A project with the agents that come with AI Webhook."""

from __future__ import annotations

from aiwebhook.agents import built_in_manifests
from aiwebhook.ports.access import AccessStore


def ensure_project(store: AccessStore, project_id: str, *, name: str | None = None) -> bool:
    """Make it if it is missing, and bring its built-in agents up to date; True when it is new."""
    manifests = [manifest.as_json() for manifest in built_in_manifests().values()]
    return store.ensure_project(project_id=project_id, name=name or project_id, manifests=manifests)
