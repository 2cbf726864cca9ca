"""The environment of the reaper."""

from __future__ import annotations

from pydantic import Field

from aiwebhook.settings import DatabaseSettings
from aiwebhook.settings.agent_queues import AgentQueueUrls


class ReaperSettings(DatabaseSettings):
    """What the reaper needs beyond the common names."""

    agent_queues: AgentQueueUrls = Field(alias="AGENT_QUEUES")
    events_topic_arn: str = Field(alias="EVENTS_TOPIC_ARN", min_length=1)
    notifier_queue_url: str = Field(alias="NOTIFIER_QUEUE_URL", min_length=1)
    artifact_bucket: str = Field(alias="ARTIFACT_BUCKET", min_length=1)
