"""What the database knows about content that no row names. All methods raise Unavailable."""

from __future__ import annotations

from collections.abc import Sequence

from aiwebhook.ports.blob_sweep import StoredBlob
from aiwebhook.postgres.database import Database


class PostgresBlobSweepStore:
    """Where the sweep is, and what is named."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim_blob_sweep(self, *, every_s: int, lease_s: int) -> str | None:
        """Where to go on; None: not now, or somebody else does."""
        params = {"every_s": every_s, "lease_s": lease_s}
        return self._database.value("claim_blob_sweep", params, str)

    def move_blob_sweep(self, marker: str) -> None:
        """Looked at up to here; empty: at all there is."""
        self._database.run("move_blob_sweep", {"marker": marker})

    def named_blobs(self, blobs: Sequence[StoredBlob]) -> frozenset[str]:
        """The keys of those that some row names."""
        params = {
            "folders": [blob.folder for blob in blobs],
            "project_ids": [blob.project_id for blob in blobs],
            "sha256s": [blob.sha256 for blob in blobs],
        }
        places = self._database.values("named_blobs", params, int)
        return frozenset(blobs[place - 1].key for place in places)
