"""The environment of the dispatcher."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, Json

from aiwebhook.settings import DatabaseSettings
from aiwebhook.settings.agent_queues import AgentQueueUrls


def _split(value: object) -> object:
    return tuple(filter(None, value.split(","))) if isinstance(value, str) else value


class DispatcherSettings(DatabaseSettings):
    """What the dispatcher needs beyond the common names."""

    app_secret_arn: str = Field(alias="APP_SECRET_ARN", min_length=1)
    agent_queues: AgentQueueUrls = Field(alias="AGENT_QUEUES")
    events_topic_arn: str = Field(alias="EVENTS_TOPIC_ARN", min_length=1)
    cluster_arn: str = Field(alias="CLUSTER_ARN", min_length=1)
    task_definitions: Json[dict[str, str]] = Field(alias="TASK_DEFINITIONS")
    spot_agents: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(alias="SPOT_AGENTS")
    """Whose runs go where AWS may take them back; mostly none."""
    subnet_ids: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        alias="SUBNET_IDS", min_length=1
    )
    security_group_id: str = Field(alias="SECURITY_GROUP_ID", min_length=1)
    api_url: str = Field(alias="API_URL", min_length=1)
    launch_timeout_s: int = Field(alias="LAUNCH_TIMEOUT_S", default=300, ge=30, le=3600)
