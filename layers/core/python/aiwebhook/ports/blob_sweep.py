"""Port of the sweep that erases content which no row refers to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBlob:
    """One key of the blob store with all its versions, the newest first."""

    key: str
    folder: str
    project_id: str
    sha256: bytes
    changed_at: datetime
    """When the newest version, or the delete marker that hides all of them, was written."""
    hidden: bool
    """A delete marker is on top: readers find nothing."""
    version_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobPage:
    """Keys in order. `marker` is opaque: pass it as `after` for the next page; None on the last."""

    blobs: Sequence[StoredBlob]
    marker: str | None


class BlobVersions(Protocol):
    """The blob store with its versions, as only the reaper sees it. All
    methods raise Unavailable.
    """

    def page(self, *, after: str) -> BlobPage:
        """The next keys; `after` empty: the first ones."""
        ...

    def hide(self, blob: StoredBlob) -> None:
        """Hide the blob from readers; `show` undoes it."""
        ...

    def show(self, blob: StoredBlob) -> None:
        """Remove the delete marker of a hidden blob."""
        ...

    def erase(self, blob: StoredBlob) -> None:
        """Remove exactly the versions listed; one uploaded since stays."""
        ...
