"""Reads ECS's "Task State Change" events (EventBridge)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from aiwebhook.domain.stopped_run import StoppedRun
from aiwebhook.ports.launcher import RUN_CONTAINER


# ECS leaves out or sends null for what it does not know, so every field may be either.
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
    """The run that stopped; None for anything else, the schedule above all."""
    if event.get("source") != "aws.ecs":
        return None
    try:
        detail = _Detail.model_validate(event.get("detail"))
    except ValidationError:
        return None  # no task state change
    started_by = detail.started_by or ""
    if detail.last_status != "STOPPED" or not started_by.startswith("att_"):
        return None
    containers = [container for container in detail.containers or () if container is not None]
    reasons = [detail.stopped_reason, *(container.reason for container in containers)]
    return StoppedRun(
        attempt_id=started_by,
        stop_code=detail.stop_code,
        exit_code=_exit_code(containers),
        stopped_reason="; ".join(filter(None, reasons)),
    )


def _exit_code(containers: Sequence[_Container]) -> int | None:
    """The run's own; the gateway beside it ends by a signal because the run has ended. Only of a
    run that never came to have one, another container tells why: the greatest is no success."""
    codes = {c.name: c.exit_code for c in containers if c.exit_code is not None}
    return codes.get(RUN_CONTAINER, max(codes.values(), default=None))
