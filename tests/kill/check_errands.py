"""Accounting of the tasks that were cancelled, queued again and written to.

A task has a life for each time it was queued: one ending in each, nothing after it, and cancelled
exactly where its client was told so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.kill.errands import KINDS
from tests.kill.findings import Findings
from tests.kill.ledger import Ledger
from tests.support.tenant import Tenant

_ENDINGS = ("task.completed", "task.failed", "task.cancelled")


@dataclass(slots=True, kw_only=True)
class _Orders:
    """What the client of a task was told, which gave one order at a time."""

    retries: int = 0
    doubtful: int = 0
    """Orders that were never answered: they may have come through."""
    cancelled: set[int] = field(default_factory=set[int])
    """Lives that had been cancelled, by an answer."""
    may_be_cancelled: set[int] = field(default_factory=set[int])


def check_errands(tenant: Tenant, ledger: Ledger, findings: Findings) -> None:
    """Of the sessions errand-…"""
    orders = _orders(ledger)
    for task_id, lives in _lives(tenant).items():
        given = orders[task_id]
        retried = len(lives) - 1
        if retried < given.retries:
            findings.lost.append(f"{given.retries - retried} retries of {task_id}")
        elif retried > given.retries + given.doubtful:
            findings.duplicated.append(f"{retried} retries of {task_id}, {given.retries} asked for")
        for number, life in enumerate(lives):
            _check_life(f"{task_id}, life {number}", life, findings)
            if not given.doubtful:
                _check_cancel(f"{task_id}, life {number}", number, life, given, findings)
    _check_replies(tenant, ledger, findings)


def _orders(ledger: Ledger) -> dict[str, _Orders]:
    orders: dict[str, _Orders] = defaultdict(_Orders)
    for write in ledger.writes:
        if write.kind not in KINDS.values():
            continue
        given = orders[write.data["task_id"]]
        if write.told is None:
            given.doubtful += not write.refused
        elif write.kind == "retry":
            given.retries += 1
        elif write.kind == "cancel":
            given.may_be_cancelled.add(given.retries)
            if write.answer["status"] == "cancelled":
                given.cancelled.add(given.retries)
    return orders


def _lives(tenant: Tenant) -> dict[str, list[list[str]]]:
    """The types of a task's events, cut where it was queued again by its client."""
    lives: dict[str, list[list[str]]] = {}
    for event in tenant.sql(
        "SELECT task_id, type, data FROM events"
        " WHERE project_id = %(project_id)s AND session_id LIKE 'errand%%'"
        " AND task_id IS NOT NULL AND type LIKE 'task.%%' ORDER BY session_id, seq"
    ):
        of_task = lives.setdefault(event["task_id"], [[]])
        data: dict[str, Any] = event["data"]
        if event["type"] == "task.requeued" and data.get("retried"):
            of_task.append([])
        of_task[-1].append(event["type"])
    return lives


def _check_life(name: str, life: list[str], findings: Findings) -> None:
    endings = [event for event in life if event in _ENDINGS]
    if not endings:
        findings.unfinished.append(name)
    elif len(endings) > 1:
        findings.duplicated.append(f"{name}: {endings}")
    elif life[-1] != endings[0]:
        findings.stale.append(f"{name}: {life[-1]} after its end")


def _check_cancel(
    name: str, number: int, life: list[str], given: _Orders, findings: Findings
) -> None:
    if number in given.cancelled and "task.cancelled" not in life:
        findings.lost.append(f"cancel of {name}")
    if "task.cancelled" in life and number not in given.may_be_cancelled:
        findings.unexpected.append(f"cancel of {name}")
    if "task.failed" in life:
        findings.unexpected.append(f"failure of {name}")


def _check_replies(tenant: Tenant, ledger: Ledger, findings: Findings) -> None:
    """Each message once, under the number its client was told, with one event."""
    rows = tenant.sql(
        "SELECT m.message ->> 'text' AS marker, m.message_no FROM task_messages m"
        " JOIN tasks t USING (project_id, task_id)"
        " WHERE project_id = %(project_id)s AND t.session_id LIKE 'errand%%'"
    )
    acknowledged = ledger.acknowledged("reply")
    findings.account(
        "reply",
        there=[row["marker"] for row in rows],
        acknowledged={write.marker for write in acknowledged},
        asked=ledger.asked("reply"),
    )
    numbers = {row["marker"]: row["message_no"] for row in rows}
    for write in acknowledged:
        if numbers.get(write.marker) != write.answer["message_no"]:
            findings.lost.append(f"reply {write.marker} was told as {write.answer['message_no']}")
    events = Counter(
        event["message_no"]
        for event in tenant.sql(
            "SELECT (data ->> 'message_no')::bigint AS message_no FROM events"
            " WHERE project_id = %(project_id)s AND session_id LIKE 'errand%%'"
            " AND type = 'task.message'"
        )
    )
    kept = Counter(numbers.values())
    findings.lost.extend(f"event of reply {number}" for number in kept - events)
    findings.duplicated.extend(f"event of reply {number}" for number in events - kept)
