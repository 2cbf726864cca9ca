"""Requests and responses of the operations on many callbacks at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiwebhook.commands.fields import ClientId, Moment
from session_api.operation import ApiParams, ApiResult


class RedeliverFailedParams(ApiParams):
    """Which of the failed callbacks: all, or those to an endpoint, or since a time."""

    endpoint_id: ClientId | None = None
    since: Annotated[Moment, Field(description="Made at that time or later.")] | None = None


class RedeliveredManyResult(ApiResult):
    """How many callbacks are queued again. `complete` false: there are more, so
    repeat the request.
    """

    redelivered: int
    complete: bool
