"""Accounting after the storm: what was acknowledged is there, once; nothing else is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.kill.workload import Ledger
from tests.support.receiver import Receiver
from tests.support.tenant import Tenant

_TERMINAL = ("completed", "failed", "cancelled")
_PUBLISHED = (
    "task.completed",
    "task.failed",
    "task.cancelled",
    "artifact.created",
    "memory.stored",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything here must be empty."""

    lost: list[str] = field(default_factory=list[str])
    """Acknowledged, and not there."""
    unexpected: list[str] = field(default_factory=list[str])
    """There, and never asked for."""
    duplicated: list[str] = field(default_factory=list[str])
    """An effect that happened twice."""
    stale: list[str] = field(default_factory=list[str])
    """Something an attempt did after it had lost its lease."""
    unfinished: list[str] = field(default_factory=list[str])
    """Not terminal, not delivered, not published."""

    def all(self) -> dict[str, list[str]]:
        """By kind, those with something in them."""
        named = {
            "lost": self.lost,
            "unexpected": self.unexpected,
            "duplicated": self.duplicated,
            "stale": self.stale,
            "unfinished": self.unfinished,
        }
        return {name: found for name, found in named.items() if found}


class Checker:
    """Reads the database and the receiver; changes nothing."""

    def __init__(self, tenant: Tenant, ledger: Ledger, receiver: Receiver) -> None:
        self._tenant = tenant
        self._ledger = ledger
        self._receiver = receiver
        self.findings = Findings()

    def check(self) -> Findings:
        """All of it."""
        self._writes("chunk", "SELECT content AS marker FROM conversation_chunks", prefix="Ana: ")
        self._writes("memory", "SELECT key AS marker FROM memories", only="memory-")
        self._writes("task", "SELECT description AS marker FROM task_payloads", only="task-")
        self._writes("artifact", "SELECT name AS marker FROM artifacts", only="artifact-")
        self._writes(
            "session",
            "SELECT session_id AS marker FROM sessions",
            only="storm",
            by_session=True,
        )
        self._batches()
        self._gardens()
        self._acknowledged_ids()
        self._tasks()
        self._effects_of_runs()
        self._sequences()
        self._callbacks()
        return self.findings

    def _writes(
        self, kind: str, query: str, *, prefix: str = "", only: str = "", by_session: bool = False
    ) -> None:
        """Total-queue accounting (Jepsen): multisets of attempts, acknowledgements and rows."""
        rows = self._sql(f"{query} WHERE project_id = %(project_id)s")
        there = Counter(row["marker"].removeprefix(prefix) for row in rows)
        there = Counter({m: n for m, n in there.items() if m.startswith(only)})
        told = self._ledger.acknowledged(kind)
        acknowledged = {w.session_id if by_session else w.marker for w in told}
        asked = {w.session_id for w in told} if by_session else self._ledger.asked(kind)
        self.findings.lost.extend(f"{kind} {m}" for m in acknowledged - there.keys())
        self.findings.unexpected.extend(f"{kind} {m}" for m in there.keys() - asked)
        self.findings.duplicated.extend(f"{kind} {m} × {n}" for m, n in there.items() if n > 1)

    def _batches(self) -> None:
        """Both halves of each, once: a batch is one transaction."""
        rows = self._sql(
            "SELECT key FROM memories WHERE project_id = %(project_id)s AND key LIKE 'batch-%%'"
        )
        there = Counter(row["key"] for row in rows)
        for write in self._ledger.acknowledged("batch"):
            halves = [there[f"{write.marker}-{half}"] for half in ("a", "b")]
            if halves != [1, 1]:
                self.findings.lost.append(f"batch {write.marker}: {halves}")

    def _gardens(self) -> None:
        """Whatever happened to a task, its result is of its last run, and of its present life."""
        for row in self._sql(
            "SELECT t.task_id, t.status, t.lease_epoch, r.lease_epoch AS result_epoch,"
            " (SELECT count(*) FROM task_attempts a WHERE a.project_id = t.project_id"
            "  AND a.task_id = t.task_id AND a.finished_at IS NULL) AS open"
            " FROM tasks t LEFT JOIN task_results r USING (project_id, task_id)"
            " WHERE t.project_id = %(project_id)s AND t.session_id LIKE 'garden%%'"
        ):
            if row["status"] not in _TERMINAL or row["open"]:
                self.findings.unfinished.append(f"garden: {row}")
            elif row["result_epoch"] != row["lease_epoch"]:
                self.findings.stale.append(f"garden: {row}")

    def _acknowledged_ids(self) -> None:
        """The id a client was told is the id of what was stored, however often it asked."""
        rows = self._sql(
            "SELECT description, task_id FROM task_payloads WHERE project_id = %(project_id)s"
        )
        stored = {row["description"]: row["task_id"] for row in rows}
        for write in self._ledger.acknowledged("task"):
            assert write.told is not None
            told = write.told["data"]["task_id"]
            if stored.get(write.marker) != told:
                self.findings.lost.append(f"task {write.marker} was told as {told}")

    def _tasks(self) -> None:
        for row in self._sql(
            "SELECT t.task_id, t.status, t.lease_epoch, r.lease_epoch AS result_epoch,"
            " count(e.*) AS endings"
            " FROM tasks t LEFT JOIN task_results r USING (project_id, task_id)"
            " LEFT JOIN events e ON e.project_id = t.project_id AND e.task_id = t.task_id"
            "  AND e.type IN ('task.completed', 'task.failed', 'task.cancelled')"
            " WHERE t.project_id = %(project_id)s AND t.session_id NOT LIKE 'garden%%'"
            " GROUP BY t.task_id, t.status, t.lease_epoch, r.lease_epoch"
        ):
            name = row["task_id"]
            if row["status"] not in _TERMINAL:
                self.findings.unfinished.append(f"task {name} is {row['status']}")
            elif row["endings"] != 1:
                self.findings.duplicated.append(f"task {name} has {row['endings']} endings")
            elif row["result_epoch"] != row["lease_epoch"]:
                self.findings.stale.append(f"task {name}: result of epoch {row['result_epoch']}")

    def _effects_of_runs(self) -> None:
        """One winning attempt, one memory and one artifact of each run that had any."""
        self._twice(
            "attempts that ended task",
            "SELECT task_id AS name FROM task_attempts a JOIN tasks USING (project_id, task_id)"
            " WHERE project_id = %(project_id)s AND session_id NOT LIKE 'garden%%'"
            " AND led_to IN ('completed', 'failed', 'cancelled')",
        )
        self._twice(
            "versions of memory",
            "SELECT key AS name FROM memories WHERE project_id = %(project_id)s"
            " AND key LIKE 'note-%%'",
        )
        self._twice(
            "artifacts of task",
            "SELECT task_id AS name FROM artifacts"
            " WHERE project_id = %(project_id)s AND task_id IS NOT NULL",
        )
        for row in self._sql(
            # A start of an older attempt behind the claim of a newer one.
            "SELECT s.task_id, s.seq FROM events s JOIN events c"
            " ON c.project_id = s.project_id AND c.task_id = s.task_id AND c.type = 'task.claimed'"
            "  AND c.seq < s.seq AND (c.data ->> 'attempt')::int > (s.data ->> 'attempt')::int"
            " WHERE s.project_id = %(project_id)s AND s.type = 'task.started'"
            " AND s.session_id NOT LIKE 'garden%%'"
        ):
            self.findings.stale.append(f"task {row['task_id']} was started by a zombie")
        for row in self._sql(
            "SELECT task_id FROM events e WHERE project_id = %(project_id)s AND type LIKE 'task.%%'"
            " AND session_id NOT LIKE 'garden%%'"
            " AND seq > (SELECT min(seq) FROM events x WHERE x.project_id = e.project_id"
            "  AND x.task_id = e.task_id"
            "  AND x.type IN ('task.completed', 'task.failed', 'task.cancelled'))"
        ):
            self.findings.stale.append(f"task {row['task_id']} was heard of after its end")

    def _sequences(self) -> None:
        for row in self._sql(
            "SELECT s.session_id, s.last_seq, count(*) AS n, min(e.seq) AS low, max(e.seq) AS high"
            " FROM sessions s JOIN events e USING (project_id, session_id)"
            " WHERE s.project_id = %(project_id)s GROUP BY s.session_id, s.last_seq"
        ):
            first = row["low"] if row["session_id"].startswith("garden") else 1
            whole = row["last_seq"] == row["high"] == row["n"] + first - 1
            if not (row["low"] == first and whole):
                self.findings.lost.append(f"events of session {row['session_id']}: {row}")

    def _callbacks(self) -> None:
        [outbox] = self._sql("SELECT count(*) AS n FROM outbox")
        if outbox["n"]:
            self.findings.unfinished.append(f"{outbox['n']} rows in the outbox")
        events = self._sql(
            "SELECT e.event_id, e.type, count(d.*) AS n, min(d.delivery_id) AS delivery_id,"
            " bool_and(d.status = 'delivered') AS delivered"
            " FROM events e LEFT JOIN deliveries d ON d.project_id = e.project_id"
            "  AND d.event_no = e.event_no"
            " WHERE e.project_id = %(project_id)s AND e.type = ANY (%(types)s)"
            " AND e.session_id NOT LIKE 'garden%%'"
            " GROUP BY e.event_id, e.type",
            types=list(_PUBLISHED),
        )
        heard: dict[str, set[str]] = {}
        for callback in self._receiver.callbacks:
            session_id = callback.document["data"].get("session_id") or ""
            if session_id.startswith("garden"):
                continue  # the session may be gone since, and with it the event
            heard.setdefault(callback.document["data"]["event_id"], set()).add(callback.webhook_id)
        for event in events:
            name = f"{event['type']} {event['event_id']}"
            if event["n"] != 1 or len(heard.get(event["event_id"], ())) > 1:
                self.findings.duplicated.append(f"{event['n']} deliveries of {name}")
            elif not event["delivered"]:
                self.findings.unfinished.append(f"delivery of {name}")
            elif heard.get(event["event_id"]) != {event["delivery_id"]}:
                self.findings.lost.append(f"callback of {name}")
        strange = heard.keys() - {event["event_id"] for event in events}
        self.findings.unexpected.extend(f"callback of {event_id}" for event_id in strange)

    def _twice(self, what: str, query: str) -> None:
        names = Counter(row["name"] for row in self._sql(query))
        self.findings.duplicated.extend(f"{n} {what} {name}" for name, n in names.items() if n > 1)

    def _sql(self, query: str, **params: Any) -> Iterable[dict[str, Any]]:
        return self._tenant.sql(query, **params)
