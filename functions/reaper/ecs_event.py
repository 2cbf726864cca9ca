"""Reads ECS's "Task State Change" events (EventBridge)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel, Field, ValidationError

from aiwebhook.domain.plain_text import plain_line
from aiwebhook.domain.stopped_run import StoppedRun
from aiwebhook.ids import CLIENT_ID
from aiwebhook.ports.launcher import RUN_CONTAINER

_LONGEST = 1_000  # characters; ECS cuts its own at 255, registries and container runtimes do not


# ECS omits a value that it does not know, or sends null, so every field may be either.
class _Container(BaseModel):
    name: str | None = None
    exit_code: int | None = Field(default=None, alias="exitCode")
    reason: str | None = None


class _Detail(BaseModel):
    last_status: str | None = Field(default=None, alias="lastStatus")
    started_by: str | None = Field(default=None, alias="startedBy")
    stop_code: str | None = Field(default=None, alias="stopCode")
    stopped_reason: str | None = Field(default=None, alias="stoppedReason")
    containers: list[_Container | None] | None = None


def stopped_run(event: Mapping[str, Any]) -> StoppedRun | None:
    """The run that stopped; None for any other event, above all the schedule."""
    if event.get("source") != "aws.ecs":
        return None
    try:
        detail = _Detail.model_validate(event.get("detail"))
    except ValidationError:
        return None  # not a task state change
    started_by = detail.started_by or ""
    ours = started_by.startswith("att_") and CLIENT_ID.fullmatch(started_by) is not None
    if detail.last_status != "STOPPED" or not ours:
        return None
    containers = [container for container in detail.containers or () if container is not None]
    reasons = [detail.stopped_reason, *(container.reason for container in containers)]
    return StoppedRun(
        attempt_id=started_by,
        stop_code=detail.stop_code and plain_line(detail.stop_code, limit=_LONGEST),
        exit_code=_exit_code(containers),
        # Registries write into it, and it becomes the task's error: people's terminals show it.
        stopped_reason=plain_line("; ".join(filter(None, reasons)), limit=_LONGEST),
    )


def _exit_code(containers: Sequence[_Container]) -> int | None:
    """The exit code of the run's own container; the gateway beside it ends by a signal because the
    run has ended. If that container never got one, another explains why: the highest code is a
    failure if any is.
    """
    codes = {c.name: c.exit_code for c in containers if c.exit_code is not None}
    return codes.get(RUN_CONTAINER, max(codes.values(), default=None))


def stopped_runs(event: Mapping[str, Any]) -> dict[str, StoppedRun | None] | None:
    """The stopped runs of an SQS batch, by message id; None for any other message."""
    records: list[dict[str, Any]] | None = event.get("Records")
    if records is None:
        return None
    return {str(record["messageId"]): _read(str(record["body"])) for record in records}


def _read(body: str) -> StoppedRun | None:
    try:
        event: Any = json.loads(body)
    except ValueError:
        return None
    return stopped_run(cast("dict[str, Any]", event)) if isinstance(event, dict) else None
