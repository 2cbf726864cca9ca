"""Reads the messages of an agent's queue."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class WakeUp(BaseModel):
    """Tasks of this agent may be ready; for `watch_s` seconds more, some may fall due."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    project_id: str = Field(min_length=1)
    agent_name: str = Field(min_length=1)
    watch_s: int = Field(default=0, ge=0)
