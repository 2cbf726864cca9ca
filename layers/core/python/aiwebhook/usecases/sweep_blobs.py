"""Erases content that no row refers to any more, with all its versions.

A delete removes rows at once, and content is only reachable through rows. But the bytes may belong
to other rows too (content is stored by digest), or to an upload whose row has yet to be written; so
they are erased later, in two steps. Bytes that no row refers to and that are older than any upload
are hidden; if still unreferenced an hour later, exactly the versions seen are erased. Hidden bytes
that turn out to be referenced are shown again: nothing is ever lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from aiwebhook.ports.blob_sweep import BlobVersions, StoredBlob

if TYPE_CHECKING:
    from aiwebhook.postgres.blob_sweep_store import PostgresBlobSweepStore

GRACE = timedelta(hours=6)
"""An upload URL works for 15 minutes, and 5 GiB take a while on a slow line."""
HIDDEN = timedelta(hours=1)
"""Longer than any transaction that may have referred to the bytes before they were hidden."""
SWEEP_EVERY_S = 3_600
SWEEP_LEASE_S = 120
MAX_PAGES = 5  # of 1,000 keys per tick


class BlobStep(StrEnum):
    """What the sweep does with one blob."""

    KEEP = "keep"
    """Referred to, or too young to judge."""
    HIDE = "hide"
    """Unreferenced for longer than an upload may take."""
    SHOW = "show"
    """Hidden, but referred to after all."""
    ERASE = "erase"
    """Hidden for an hour, and still unreferenced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobsSwept:
    """What one tick did; field names are metric names."""

    blobs_seen: int = 0
    blobs_hidden: int = 0
    blobs_shown: int = 0
    blobs_erased: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def decide(blob: StoredBlob, *, named: bool, now: datetime) -> BlobStep:
    if named:
        return BlobStep.SHOW if blob.hidden else BlobStep.KEEP
    age = now - blob.changed_at
    if blob.hidden:
        return BlobStep.ERASE if age >= HIDDEN else BlobStep.KEEP
    return BlobStep.HIDE if age >= GRACE else BlobStep.KEEP


def sweep_blobs(
    store: PostgresBlobSweepStore,
    versions: BlobVersions,
    *,
    now: datetime,
    has_time: Callable[[], bool] = lambda: True,
) -> BlobsSwept:
    """Sweep at most five pages, while there is time; the next tick continues. A round begins at
    most once an hour. Raises Unavailable.
    """
    marker = store.claim_blob_sweep(every_s=SWEEP_EVERY_S, lease_s=SWEEP_LEASE_S)
    counts = dict.fromkeys(BlobStep, 0)
    pages = 0
    while marker is not None and pages < MAX_PAGES and has_time():
        page = versions.page(after=marker)
        _sweep_page(store, versions, page.blobs, now=now, counts=counts)
        store.move_blob_sweep(page.marker or "")
        marker = page.marker
        pages += 1
    return BlobsSwept(
        blobs_seen=sum(counts.values()),
        blobs_hidden=counts[BlobStep.HIDE],
        blobs_shown=counts[BlobStep.SHOW],
        blobs_erased=counts[BlobStep.ERASE],
    )


def _sweep_page(
    store: PostgresBlobSweepStore,
    versions: BlobVersions,
    blobs: Sequence[StoredBlob],
    *,
    now: datetime,
    counts: dict[BlobStep, int],
) -> None:
    named = store.named_blobs(blobs)
    fresh: list[StoredBlob] = []
    for blob in blobs:
        step = decide(blob, named=blob.key in named, now=now)
        counts[step] += 1
        match step:
            case BlobStep.HIDE:
                versions.hide(blob)
                fresh.append(blob)
            case BlobStep.SHOW:
                versions.show(blob)
            case BlobStep.ERASE:
                versions.erase(blob)
            case BlobStep.KEEP:
                pass
    # A row that was committed between the look and the mark: show its bytes now, not in an hour.
    late = store.named_blobs(fresh) if fresh else frozenset[str]()
    for blob in fresh:
        if blob.key in late:
            versions.show(blob)
            counts[BlobStep.SHOW] += 1
