"""Accounting after the storm: what was acknowledged is there, once; nothing else is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from aiwebhook.domain.task import TERMINAL
from tests.kill.check_errands import check_errands
from tests.kill.findings import Findings
from tests.kill.ledger import Ledger
from tests.support.receiver import Receiver
from tests.support.tenant import Tenant

_PUBLISHED = (
    "task.completed",
    "task.failed",
    "task.cancelled",
    "artifact.created",
    "memory.stored",
    "agent.online",
    "agent.offline",
)
_PLAYED = ("codex", "memory_keeper", "local")
"""Agents that leave one memory and one artifact (`tests.support.agents.QUICK`)."""

_MARKERS = (
    (
        "chunk",
        "SELECT extracted_items -> 0 ->> 'content' AS marker FROM conversation_chunks",
    ),
    ("chunk", "SELECT substring(content FROM '(chunk-.*)') AS marker FROM conversation_chunks"),
    (
        "decision",
        "SELECT substring(content FROM '(decision-.*)[.]') AS marker FROM conversation_chunks",
    ),
    ("memory", "SELECT substring(key FROM '^memory-.*') AS marker FROM memories"),
    ("insight", "SELECT substring(content ->> 'text' FROM '^insight-.*') AS marker FROM memories"),
    ("artifact", "SELECT substring(name FROM '^artifact-.*') AS marker FROM artifacts"),
    ("task", "SELECT substring(description FROM '^task-.*') AS marker FROM task_payloads"),
    ("errand", "SELECT substring(description FROM '^errand-.*') AS marker FROM task_payloads"),
)
_SESSIONS = "SELECT substring(session_id FROM '^(?:storm|errand).*') AS marker FROM sessions"
_DECIDED = "SELECT substring(content ->> 'text' FROM '(decision-.*)[.]') AS marker FROM memories"


class Checker:
    """Reads the database and the receiver; changes nothing."""

    def __init__(self, tenant: Tenant, ledger: Ledger, receiver: Receiver) -> None:
        self._tenant = tenant
        self._ledger = ledger
        self._receiver = receiver
        self.findings = Findings()

    def check(self) -> Findings:
        """All of it."""
        for kind, query in _MARKERS:
            self.findings.account(
                kind,
                there=self._markers(query),
                acknowledged={write.marker for write in self._ledger.acknowledged(kind)},
                asked=self._ledger.asked(kind),
            )
        sessions = {write.session_id for write in self._ledger.acknowledged("session")}
        self.findings.account(
            "session",
            there=self._markers(_SESSIONS),
            acknowledged=sessions,
            asked={write.session_id for write in self._ledger.writes if write.kind == "session"},
        )
        self._batches()
        self._gardens()
        self._acknowledged_ids()
        self._tasks()
        self._effects_of_runs()
        self._memories_of_runs()
        self._sequences()
        self._callbacks()
        check_errands(self._tenant, self._ledger, self.findings)
        return self.findings

    def _markers(self, query: str) -> list[str]:
        """Of every row of the project that has one."""
        rows = self._sql(f"{query} WHERE project_id = %(project_id)s")
        return [row["marker"] for row in rows if row["marker"] is not None]

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
            " WHERE t.project_id = %(project_id)s AND t.session_id ~ '^(garden|errand)'"
        ):
            if row["status"] not in TERMINAL or row["open"]:
                self.findings.unfinished.append(f"garden, errand: {row}")
            elif row["result_epoch"] != row["lease_epoch"]:
                self.findings.stale.append(f"garden, errand: {row}")

    def _acknowledged_ids(self) -> None:
        """The id a client was told is the id of what was stored, however often it asked."""
        rows = self._sql(
            "SELECT description, task_id FROM task_payloads WHERE project_id = %(project_id)s"
        )
        stored = {row["description"]: row["task_id"] for row in rows}
        for write in self._ledger.acknowledged("task", "errand"):
            told = write.answer["task_id"]
            if stored.get(write.marker) != told:
                self.findings.lost.append(f"task {write.marker} was told as {told}")

    def _tasks(self) -> None:
        for row in self._sql(
            "SELECT t.task_id, t.status, t.lease_epoch, r.lease_epoch AS result_epoch,"
            " count(e.*) AS endings"
            " FROM tasks t LEFT JOIN task_results r USING (project_id, task_id)"
            " LEFT JOIN events e ON e.project_id = t.project_id AND e.task_id = t.task_id"
            "  AND e.type IN ('task.completed', 'task.failed', 'task.cancelled')"
            " WHERE t.project_id = %(project_id)s AND t.session_id !~ '^(garden|errand)'"
            " GROUP BY t.task_id, t.status, t.lease_epoch, r.lease_epoch"
        ):
            name = row["task_id"]
            if row["status"] not in TERMINAL:
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
            " WHERE project_id = %(project_id)s AND session_id !~ '^(garden|errand)'"
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
            " AND s.session_id !~ '^(garden|errand)'"
        ):
            self.findings.stale.append(f"task {row['task_id']} was started by a zombie")
        for row in self._sql(
            "SELECT task_id FROM events e WHERE project_id = %(project_id)s AND type LIKE 'task.%%'"
            " AND session_id !~ '^(garden|errand)'"
            " AND seq > (SELECT min(seq) FROM events x WHERE x.project_id = e.project_id"
            "  AND x.task_id = e.task_id"
            "  AND x.type IN ('task.completed', 'task.failed', 'task.cancelled'))"
        ):
            self.findings.stale.append(f"task {row['task_id']} was heard of after its end")

    def _memories_of_runs(self) -> None:
        """What a run that ended well left behind is there: its write was one with its end."""
        for row in self._sql(
            "SELECT t.task_id, t.agent_name,"
            " (SELECT count(*) FROM memories m WHERE m.project_id = t.project_id"
            "  AND m.session_id = t.session_id AND m.key = 'note-' || t.task_id) AS memories,"
            " (SELECT count(*) FROM artifacts a WHERE a.project_id = t.project_id"
            "  AND a.task_id = t.task_id) AS artifacts"
            " FROM tasks t WHERE t.project_id = %(project_id)s AND t.status = 'completed'"
            " AND t.agent_name = ANY (%(played)s)",
            played=list(_PLAYED),
        ):
            if not (row["memories"] and row["artifacts"]):
                self.findings.lost.append(f"what a run left: {row}")
        chunks = {w.answer["chunk_id"]: w.marker for w in self._ledger.acknowledged("decision")}
        read = [w.data["input_data"] for w in self._ledger.acknowledged("task")]
        self.findings.account(
            "memory of",
            there=self._markers(_DECIDED),
            acknowledged={chunks[c] for given in read for c in given.get("chunk_ids", ())},
            asked=self._ledger.asked("decision"),
        )

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
            "SELECT event_name(e.event_id, e.created_at, e.event_no) AS event_id, e.type,"
            " count(d.*) AS n, min(d.delivery_id) AS delivery_id,"
            " bool_and(d.status = 'delivered') AS delivered"
            " FROM events e LEFT JOIN deliveries d ON d.project_id = e.project_id"
            "  AND d.event_no = e.event_no"
            " WHERE e.project_id = %(project_id)s AND e.type = ANY (%(types)s)"
            " AND coalesce(e.session_id, '') NOT LIKE 'garden%%'"
            " GROUP BY e.project_id, e.xid, e.event_no",
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
