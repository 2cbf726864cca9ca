"""Reads ECS's "Task State Change" events (EventBridge)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from aiwebhook.domain.attempt import StoppedRun
from aiwebhook.ports.launcher import RUN_CONTAINER


class _Container(BaseModel):
    name: str = ""
    exit_code: int | None = Field(default=None, alias="exitCode")
    reason: str = ""


class _Detail(BaseModel):
    last_status: str = Field(alias="lastStatus")
    started_by: str = Field(alias="startedBy")
    stop_code: str | None = Field(default=None, alias="stopCode")
    stopped_reason: str = Field(default="", alias="stoppedReason")
    containers: list[_Container] = []


def stopped_run(event: Mapping[str, Any]) -> StoppedRun | None:
    """The run that stopped; None for anything else, the schedule above all."""
    if event.get("source") != "aws.ecs":
        return None
    try:
        detail = _Detail.model_validate(event.get("detail"))
    except ValidationError:
        return None  # a task that is none of ours: nobody named an attempt in startedBy
    if detail.last_status != "STOPPED" or not detail.started_by.startswith("att_"):
        return None
    reasons = [detail.stopped_reason, *(container.reason for container in detail.containers)]
    return StoppedRun(
        attempt_id=detail.started_by,
        stop_code=detail.stop_code,
        exit_code=_exit_code(detail.containers),
        stopped_reason="; ".join(filter(None, reasons)),
    )


def _exit_code(containers: Sequence[_Container]) -> int | None:
    """The run's own; the gateway beside it ends by a signal because the run has ended. Only of a
    run that never came to have one, another container tells why: the greatest is no success."""
    codes = {c.name: c.exit_code for c in containers if c.exit_code is not None}
    return codes.get(RUN_CONTAINER, max(codes.values(), default=None))
