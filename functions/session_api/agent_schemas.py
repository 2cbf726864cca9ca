"""What whoever runs agents tells of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aiwebhook.commands.fields import AgentName
from session_api.operation import Asked, Told


class AgentReportAsked(Asked):
    """What keeps one agent from starting; without an error_class nothing is known to."""

    agent_name: AgentName
    error_class: Literal["not_installed", "no_key", "no_secret", "no_image"] | None = None
    message: Annotated[str, Field(max_length=1000)] = ""


class AgentReportsAsked(Asked):
    """Whoever runs agents tells what it found when it looked."""

    reports: Annotated[list[AgentReportAsked], Field(min_length=1, max_length=200)]


class AgentReportsTold(Told):
    """How many agents have another status now."""

    changed: int
