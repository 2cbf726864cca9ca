"""Rules as their owners see them, and deliveries that rules must evaluate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

HANDLED_S = 30.0
"""How long the function that accepted a delivery may evaluate its rules before the reaper does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFields:
    """What the owner of a rule chooses: all fields, each time."""

    description: str | None
    status: str
    source: str
    event: str | None
    definition: Mapping[str, Any]
    per_hour: int
    per_subject: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule as it is stored."""

    rule_id: str
    description: str | None
    status: str
    source: str
    event: str | None
    definition: Mapping[str, Any]
    per_hour: int
    per_subject: int
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEvaluation:
    """A delivery whose rules must be evaluated. `round` 0: because it was received; else the number
    of the event that replays it, for which everything may start once more.
    """

    project_id: str
    delivery_id: str
    round: int
    correlation_id: str
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunRuleRun:
    """The run of a rule for a delivery. `fresh`: it began now, and not in an earlier try."""

    status: str
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRunRow:
    """The outcome of a delivery that a rule matched. `task_id` exists if it `started`."""

    delivery_id: str
    round: int
    subject: str
    status: str
    reason: str | None
    task_id: str
    began_at: datetime
