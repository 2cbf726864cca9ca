"""Requests and responses of the operations on retention."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aiwebhook.commands.fields import WHOLE
from aiwebhook.domain.retention import MAX_DAYS
from session_api.operation import ApiParams, ApiResult

Days = Annotated[int, Field(ge=1, le=MAX_DAYS, description="Days."), WHOLE] | Literal["forever"]


class RetentionParams(ApiParams):
    """How many days rows of each kind are kept, or `forever`. Absent kinds stay unchanged."""

    deliveries: Days | None = None
    events: Days | None = None
    attempts: Days | None = None
    inbound_bodies: Days | None = None
    inbound_deliveries: Days | None = None
    audit: Days | None = None


class RetentionResult(ApiResult):
    """How many days rows of each kind are kept, or `forever`."""

    deliveries: Days
    events: Days
    attempts: Days
    inbound_bodies: Days
    inbound_deliveries: Days
    audit: Days


class PruneParams(ApiParams):
    """`dry_run`: only count."""

    dry_run: bool = False


class PrunedRows(ApiResult):
    """Rows of each kind."""

    deliveries: int
    events: int
    attempts: int
    inbound_bodies: int
    inbound_deliveries: int
    audit: int


class PruneResult(ApiResult):
    """Rows that were deleted, or would be. `complete` false: more are due, and will be deleted
    within a day.
    """

    dry_run: bool
    complete: bool
    rows: PrunedRows
