"""The environment of session_api."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, Json

from aiwebhook.settings import FUNCTION_NAME, DatabaseSettings
from aiwebhook.settings.agent_queues import AgentQueueUrls


class SessionApiSettings(DatabaseSettings):
    """What session_api needs beyond the common names."""

    app_secret_arn: str = Field(alias="APP_SECRET_ARN", min_length=1)
    agent_queues: AgentQueueUrls = Field(alias="AGENT_QUEUES")
    events_topic_arn: str = Field(alias="EVENTS_TOPIC_ARN", min_length=1)
    notifier_queue_url: str = Field(alias="NOTIFIER_QUEUE_URL", min_length=1)
    artifact_bucket: str = Field(alias="ARTIFACT_BUCKET", min_length=1)
    max_waits: int = Field(alias="MAX_WAITS", ge=0)
    """How many requests session_api holds at once; the others are answered at once."""
    holds_polls: bool = Field(alias="HOLDS_POLLS", default=False)
    """Also those of programs that ask again for ever."""
    cors_origins: Json[list[str]] = Field(alias="CORS_ORIGINS", default=[])
    quiet_hosts: Json[list[str]] = Field(alias="QUIET_HOSTS", default=["connectors.api.openai.com"])
    """Hosts of receivers that lose events which come while their chat is used."""
    events_codes: Literal["client", "sketch", "sep"] = Field(alias="EVENTS_CODES", default="client")
    """Of MCP Events' errors: those of one text, or of the text that each client follows."""
    outbound_function: str = Field(alias="OUTBOUND_FUNCTION", pattern=FUNCTION_NAME)
    """The name of the function that exchanges with receivers and clients' documents."""
    allow_loopback_callbacks: bool = Field(alias="ALLOW_LOOPBACK_CALLBACKS", default=False)
    public_url: str = Field(alias="PUBLIC_URL", min_length=1)
    """The deployment's own URL, as people and clients type it."""
