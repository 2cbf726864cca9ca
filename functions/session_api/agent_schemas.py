"""Reports about agents by the hosts that run them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aiwebhook.commands.fields import AgentName
from session_api.operation import ApiParams, ApiResult


class AgentReportParams(ApiParams):
    """Why an agent cannot start; without an error_class, no reason is known."""

    agent_name: AgentName
    error_class: Literal["not_installed", "no_key", "no_secret", "no_image"] | None = None
    message: Annotated[str, Field(max_length=1000)] = ""


class AgentReportsParams(ApiParams):
    """The findings of a host that checked its agents."""

    reports: Annotated[list[AgentReportParams], Field(min_length=1, max_length=200)]


class AgentReportsResult(ApiResult):
    """How many agents changed status."""

    changed: int
