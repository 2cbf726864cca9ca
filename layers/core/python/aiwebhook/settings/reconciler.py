"""The environment of the reconciler."""

from __future__ import annotations

from pydantic import Field

from aiwebhook.settings import FUNCTION_NAME, DatabaseSettings


class ReconcilerSettings(DatabaseSettings):
    """What the reconciler needs beyond the common names."""

    app_secret_arn: str = Field(alias="APP_SECRET_ARN", min_length=1)
    artifact_bucket: str = Field(alias="ARTIFACT_BUCKET", min_length=1)
    outbound_function: str = Field(alias="OUTBOUND_FUNCTION", pattern=FUNCTION_NAME)
    """The name of the function that speaks with the API."""
