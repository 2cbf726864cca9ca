"""The environment of relay and session_api where their store is a folder of files."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, Json

from aiwebhook.settings import Settings


class FolderSettings(Settings):
    """Both functions read the same: they are one process then."""

    folder: Path = Field(alias="STORAGE_FOLDER")
    """Of the sessions' folders."""
    key_sha256: str = Field(alias="STORAGE_KEY_SHA256", pattern="^[0-9a-f]{64}$")
    """Of the one API key, in hex."""
    public_url: str = Field(alias="PUBLIC_URL", min_length=1)
    cors_origins: Json[list[str]] = Field(alias="CORS_ORIGINS", default=[])
