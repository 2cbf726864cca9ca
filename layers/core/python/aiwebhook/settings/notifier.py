"""The environment of the notifier."""

from __future__ import annotations

from pydantic import Field

from aiwebhook.settings import FUNCTION_NAME, DatabaseSettings


class NotifierSettings(DatabaseSettings):
    """What the notifier needs beyond the common names."""

    app_secret_arn: str = Field(alias="APP_SECRET_ARN", min_length=1)
    notifier_queue_url: str = Field(alias="NOTIFIER_QUEUE_URL", min_length=1)
    callback_share: int = Field(alias="CALLBACK_SHARE", ge=1)
    outbound_function: str = Field(alias="OUTBOUND_FUNCTION", pattern=f"^$|{FUNCTION_NAME}")
    """The name of the function that exchanges with receivers. Empty: the notifier does, as on one's
    own machine (ADR 0033)."""
