"""The database's side of the blob sweep. All methods raise Unavailable."""

from __future__ import annotations

from collections.abc import Sequence

from aiwebhook.ports.blob_sweep import StoredBlob
from aiwebhook.postgres.database import Database


class PostgresBlobSweepStore:
    """How far the sweep is, and which content is referred to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim_blob_sweep(self, *, every_s: int, lease_s: int) -> str | None:
        """The marker to continue from; None when no sweep is due or another process has it."""
        params = {"every_s": every_s, "lease_s": lease_s}
        return self._database.value("claim_blob_sweep", params, str)

    def move_blob_sweep(self, marker: str) -> None:
        """Record that keys up to `marker` were looked at; empty: the round is finished."""
        self._database.run("move_blob_sweep", {"marker": marker})

    def named_blobs(self, blobs: Sequence[StoredBlob]) -> frozenset[str]:
        """The keys of those that a row refers to."""
        params = {
            "folders": [blob.folder for blob in blobs],
            "project_ids": [blob.project_id for blob in blobs],
            "sha256s": [blob.sha256 for blob in blobs],
        }
        places = self._database.values("named_blobs", params, int)
        return frozenset(blobs[place - 1].key for place in places)
