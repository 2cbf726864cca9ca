"""The environment of relay."""

from __future__ import annotations

from pydantic import Field, Json

from aiwebhook.settings import DatabaseSettings
from aiwebhook.settings.agent_queues import AgentQueueUrls


class RelaySettings(DatabaseSettings):
    """What relay needs beyond the common names."""

    app_secret_arn: str = Field(alias="APP_SECRET_ARN", min_length=1)
    github_secret_arn: str = Field(alias="GITHUB_SECRET_ARN", min_length=1)
    agent_queues: AgentQueueUrls = Field(alias="AGENT_QUEUES")
    events_topic_arn: str = Field(alias="EVENTS_TOPIC_ARN", min_length=1)
    artifact_bucket: str = Field(alias="ARTIFACT_BUCKET", min_length=1)
    max_waits: int = Field(alias="MAX_WAITS", ge=0)
    """How many requests relay holds at once; the others are answered at once."""
    cors_origins: Json[list[str]] = Field(alias="CORS_ORIGINS", default=[])
    allow_loopback_callbacks: bool = Field(alias="ALLOW_LOOPBACK_CALLBACKS", default=False)
