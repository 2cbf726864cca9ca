"""Rows of retention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiwebhook.domain.retention import PRUNE_PAGE

Marker = list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """A project's rule for one kind. `days` None: keep for ever."""

    kind: str
    days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Through a project's rows of a kind, page by page. `marker` None: from the first one."""

    project_id: str
    kind: str
    days: int
    marker: Marker | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOrder:
    """A page to prune. `apply` false: only count what would go, once callbacks older than
    `delivery_days` have gone (None: none do).
    """

    walk: Walk
    apply: bool
    delivery_days: int | None = None
    limit: int = PRUNE_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class PrunedPage:
    """How many rows were deleted. `marker` None: nothing expired is behind this page."""

    pruned: int
    marker: Marker | None
