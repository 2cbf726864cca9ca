"""Requests and responses of the operations on projects as a whole."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from aiwebhook.commands.fields import Moment, PlainLine
from aiwebhook.domain.page import DEFAULT_PAGE, MAX_PAGE
from session_api.operation import ApiParams, ApiResult
from session_api.schemas import KeyResult, PageLimit, PageParams

Json = dict[str, Any]
Said = Annotated[str, Field(min_length=1, max_length=200), PlainLine]


class ProjectParams(ApiParams):
    """A new project."""

    project_id: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
            description="Lower-case letters, digits, _ and -; it cannot be changed.",
        ),
    ]
    name: Annotated[
        str, Field(min_length=1, max_length=100, description="Display name."), PlainLine
    ]


class ProjectResult(ApiResult):
    """A project. What belongs to it is invisible to every other."""

    project_id: str
    name: str
    created_at: datetime


class MadeProjectResult(ProjectResult):
    """With its first key, whose scope is admin. `key` is returned once."""

    key_id: str
    key: str | None
    notice: str | None = None


class ProjectsResult(ApiResult):
    """One page; `next_cursor` is null on the last one."""

    items: list[ProjectResult]
    next_cursor: str | None


class ProjectKeyParams(ApiParams):
    """A new key of a project, with the scope admin."""

    name: Annotated[
        str, Field(min_length=1, max_length=100, description="Display name."), PlainLine
    ]


class ProjectKeyResult(KeyResult):
    """The new key of the project."""


class AuditParams(PageParams):
    """Which entries of the audit log."""

    actor: Annotated[Said, Field(description="By this key.")] | None = None
    action: (
        Annotated[Said, Field(description="Only this action, or those that begin so: key.")] | None
    ) = None
    subject: Annotated[Said, Field(description="About this key, endpoint or the like.")] | None = (
        None
    )
    since: Annotated[Moment, Field(description="At that time or later.")] | None = None


class AuditEntryResult(ApiResult):
    """Who did what to what. `actor` is the id of a key, or `cli`."""

    audit_no: int
    created_at: datetime
    actor: str
    action: str
    subject: str
    data: Json


class AuditResult(ApiResult):
    """One page; `next_cursor` is null on the last one."""

    items: list[AuditEntryResult]
    next_cursor: str | None


class UsageParams(ApiParams):
    """Of which runs, and how they are put together."""

    by: Annotated[
        Literal["day", "agent", "session", "key"],
        Field(description="What each row stands for: a day (UTC), an agent, a session, a key."),
    ] = "day"
    since: (
        Annotated[Moment, Field(description="Runs from that time on; by default the last 30 days.")]
        | None
    ) = None
    until: Annotated[Moment, Field(description="Runs before that time.")] | None = None
    limit: PageLimit = MAX_PAGE


class UsedResult(ApiResult):
    """What runs have used of models; `cost_usd` does not include `unpriced_requests`. `name` is
    null for use that cannot be attributed.
    """

    name: str | None
    tasks: int
    runs: int
    requests: int
    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int
    unpriced_requests: int
    cost_usd: float | None


class UsageResult(ApiResult):
    """Days come newest first, everything else most expensive first; `total` covers all, including
    those that `limit` left out.
    """

    by: str
    since: datetime
    until: datetime | None
    total: UsedResult
    items: list[UsedResult]


class SearchParams(ApiParams):
    """Words that must all occur."""

    text: Annotated[
        str, Field(min_length=1, max_length=200, description="Words that must all occur.")
    ]
    limit: PageLimit = DEFAULT_PAGE


class FoundResult(ApiResult):
    """Where the words were found: `name` is the id of the session, the piece of conversation or the
    artifact, or the key of the memory.
    """

    kind: Literal["session", "memory", "conversation", "artifact"]
    session_id: str
    name: str
    created_at: datetime
    excerpt: str


class SearchResult(ApiResult):
    """Newest first, from the newest 1,000 sessions."""

    items: list[FoundResult]
