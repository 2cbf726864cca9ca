"""Reads of a project as a whole: its audit log, its usage, where words occur."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRow:
    """A project: what belongs to one, no other can see."""

    project_id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries; None does not restrict. `action` may be a prefix."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """An entry of the audit log. `actor` is the id of a key, or `cli`."""

    audit_no: int
    created_at: datetime
    actor: str
    action: str
    subject: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSpan:
    """The runs that were claimed from `since` on and before `until`."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What the runs of one group have used; `whole`: of all groups together."""

    name: str | None
    whole: bool
    tasks: int
    runs: int
    usage: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundText:
    """A place where the words occur. `name` is its id, or the key of a memory."""

    kind: str
    session_id: str
    name: str
    created_at: datetime
    excerpt: str
