"""The environment of the reaper."""

from __future__ import annotations

from pydantic import Field, Json

from aiwebhook.settings import Settings


class ReaperSettings(Settings):
    """What the reaper needs beyond the common names."""

    agent_queues: Json[dict[str, str]] = Field(alias="AGENT_QUEUES")
    events_topic_arn: str = Field(alias="EVENTS_TOPIC_ARN", min_length=1)
    notifier_queue_url: str = Field(alias="NOTIFIER_QUEUE_URL", min_length=1)
    artifact_bucket: str = Field(alias="ARTIFACT_BUCKET", min_length=1)
