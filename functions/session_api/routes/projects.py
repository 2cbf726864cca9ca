"""Projects, and each as a whole: its audit log, what it has used, where words are in it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from aiwebhook.commands.paging import not_a_cursor
from aiwebhook.domain.usage import Usage
from aiwebhook.domain.view import view
from aiwebhook.ports.project_reads import AuditFilter, UsageRow, UsageSpan
from aiwebhook.usecases import projects
from session_api import project_schemas as schemas
from session_api.answer import Answer, Json
from session_api.operation import Access, ApiCall, Operation
from session_api.pages import list_page, page_body
from session_api.schemas import PageParams

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_LOOKS_BACK = timedelta(days=30)


def create(api: SessionApi, call: ApiCall, params: schemas.ProjectParams) -> Answer:
    """The project with its first key; the only response that contains the key."""
    made, key = api.commands.store.atomically(
        lambda: projects.create_project(
            api.access, call.caller, project_id=params.project_id, name=params.name
        )
    )
    return Answer(body={**view(made), "key_id": key.row.key_id, "key": key.key})


def list_all(api: SessionApi, call: ApiCall, params: PageParams) -> Answer:
    """Newest first."""
    projects.require_default_project(call.caller)
    rows = api.projects.list_projects(list_page(params.limit, params.cursor, identity="project_id"))
    return Answer(
        body=page_body(
            rows,
            params.limit,
            identity="project_id",
            place=lambda p: (p.created_at, p.project_id),
        )
    )


def create_key(api: SessionApi, call: ApiCall, params: schemas.ProjectKeyParams) -> Answer:
    """The new key; the only response that contains it."""
    made = projects.create_project_key(
        api.access, call.caller, project_id=call.ids["project_id"], name=params.name
    )
    return Answer(body={**asdict(made.row), "key": made.key})


def list_audit(api: SessionApi, call: ApiCall, params: schemas.AuditParams) -> Answer:
    """Newest first."""
    page = list_page(params.limit, params.cursor, identity="audit_no")
    if page.after is not None and not page.after[1].isdecimal():
        raise not_a_cursor("/cursor")
    wanted = AuditFilter(
        actor=params.actor, action=params.action, subject=params.subject, since=params.since
    )
    rows = api.projects.list_audit(project_id=call.caller.project_id, wanted=wanted, page=page)
    return Answer(
        body=page_body(
            rows,
            params.limit,
            identity="audit_no",
            place=lambda entry: (entry.created_at, str(entry.audit_no)),
        )
    )


def sum_usage(api: SessionApi, call: ApiCall, params: schemas.UsageParams) -> Answer:
    """In all, and by what was asked for."""
    span = UsageSpan(since=params.since or api.clock() - _LOOKS_BACK, until=params.until)
    whole, *rows = api.projects.sum_usage(
        project_id=call.caller.project_id, by=params.by, span=span, limit=params.limit + 1
    )
    items = [_used(row) for row in rows]
    return Answer(body={"by": params.by, **view(span), "total": _used(whole), "items": items})


def search(api: SessionApi, call: ApiCall, params: schemas.SearchParams) -> Answer:
    """Newest first."""
    words = params.text.split()
    rows = api.projects.search_project(
        project_id=call.caller.project_id, words=words, limit=params.limit if words else 0
    )
    return Answer(body={"items": [view(row) for row in rows]})


def _used(row: UsageRow) -> Json:
    return {
        "name": row.name,
        "tasks": row.tasks,
        "runs": row.runs,
        **Usage.from_json(row.usage or {}).as_json(),
    }


_administered = partial(Operation, tag="projects", access=Access.ADMIN)

OPERATIONS: tuple[Operation, ...] = (
    _administered(
        method="POST",
        path="/v1/projects",
        name="createProject",
        summary="Create a project; its first key is returned only once. Needs a key of 'default'.",
        handle=create,
        once=True,
        shown_once="key",
        params=schemas.ProjectParams,
        returns=schemas.MadeProjectResult,
    ),
    _administered(
        method="GET",
        path="/v1/projects",
        name="listProjects",
        summary="All projects, newest first. Needs a key of 'default'.",
        handle=list_all,
        params=PageParams,
        returns=schemas.ProjectsResult,
    ),
    _administered(
        method="POST",
        path="/v1/projects/{project_id}/keys",
        name="createProjectKey",
        summary="Create an admin key of a project, shown only once. Needs a key of 'default'.",
        handle=create_key,
        once=True,
        shown_once="key",
        params=schemas.ProjectKeyParams,
        returns=schemas.ProjectKeyResult,
    ),
    _administered(
        method="GET",
        path="/v1/audit",
        name="listAudit",
        summary="Who changed keys, endpoints and the like, newest first.",
        handle=list_audit,
        params=schemas.AuditParams,
        returns=schemas.AuditResult,
    ),
    _administered(
        method="GET",
        path="/v1/usage",
        name="getUsage",
        summary="Tokens and cost by day, agent, session or key.",
        handle=sum_usage,
        params=schemas.UsageParams,
        returns=schemas.UsageResult,
    ),
    Operation(
        method="GET",
        path="/v1/search",
        name="search",
        summary="Find words in the project's sessions: titles, memories, what was said.",
        tag="sessions",
        access=Access.READ,
        handle=search,
        params=schemas.SearchParams,
        returns=schemas.SearchResult,
    ),
)
