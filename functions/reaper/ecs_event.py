"""Reads ECS's "Task State Change" events (EventBridge)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from aiwebhook.domain.attempt import StoppedRun


class _Container(BaseModel):
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
    codes = [c.exit_code for c in detail.containers if c.exit_code is not None]
    return StoppedRun(
        attempt_id=detail.started_by,
        stop_code=detail.stop_code,
        # One container per run; should a sidecar come one day, its zero must not hide a crash.
        exit_code=max(codes, default=None),
        stopped_reason="; ".join(filter(None, reasons)),
    )
