"""Projects and the agents that come with AI Webhook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from aiwebhook.agents import built_in_manifests
from aiwebhook.domain.agent import AgentManifest, ManifestInvalid
from aiwebhook.domain.page import MAX_PAGE
from aiwebhook.domain.schema_faults import schema_problem
from aiwebhook.ports.command_rows import Page

if TYPE_CHECKING:
    from aiwebhook.postgres.access_store import PostgresAccessStore
    from aiwebhook.postgres.project_reads import PostgresProjectReads


def ensure_project(store: PostgresAccessStore, project_id: str, *, name: str | None = None) -> bool:
    """Create the project if it is missing and update its built-in agents; returns whether
    it is new.
    """
    manifests = [manifest.as_json() for manifest in built_in_manifests().values()]
    return store.ensure_project(project_id=project_id, name=name or project_id, manifests=manifests)


def ensure_other_projects(store: PostgresAccessStore, reads: PostgresProjectReads) -> None:
    """Update the built-in agents of every existing project."""
    after = None
    while True:
        found = reads.list_projects(Page(limit=MAX_PAGE, after=after))
        for project in found:
            ensure_project(store, project.project_id, name=project.name)
        if len(found) < MAX_PAGE:
            return
        after = (found[-1].created_at, found[-1].project_id)


def check_manifests(manifests: Iterable[AgentManifest]) -> None:
    """Checks across manifests: names and aliases that clash, invalid schemas. Done here because
    checking at every run would cost too much. Raises ManifestInvalid with all problems.
    """
    known = tuple(manifests)
    problems = (*_clashes(known), *_bad_schemas(known))
    if problems:
        raise ManifestInvalid("agents", problems)


def _clashes(manifests: tuple[AgentManifest, ...]) -> Iterator[str]:
    owners = {manifest.name: manifest.name for manifest in manifests}
    for manifest in manifests:
        for alias in manifest.aliases:
            owner = owners.setdefault(alias, manifest.name)
            if owner != manifest.name or alias == manifest.name:
                yield f'{manifest.name}: aliases has "{alias}", which agent {owner} answers to'


def _bad_schemas(manifests: tuple[AgentManifest, ...]) -> Iterator[str]:
    for manifest in manifests:
        for field in ("input_schema", "output_schema"):
            problem = schema_problem(getattr(manifest, field))
            if problem is not None:
                yield f"{manifest.name}: {field} {problem}"
