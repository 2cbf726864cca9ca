"""Rules and the tasks they start. All methods raise Unavailable."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from psycopg.types.json import Jsonb

from aiwebhook.domain.rule import MAX_RULES
from aiwebhook.ports.endpoints import Actor
from aiwebhook.ports.rules import BegunRuleRun, DueEvaluation, RuleFields, RuleRow, RuleRunRow
from aiwebhook.postgres.database import Database


class PostgresRuleStore:
    """Each method runs the statement of its name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep_rule(self, actor: Actor, *, rule_id: str, fields: RuleFields) -> RuleRow | None:
        """Create the rule, or replace the one with its id; None when the project
        already has MAX_RULES.
        """
        params = {
            **asdict(fields),
            "project_id": actor.project_id,
            "actor": actor.key_id,
            "rule_id": rule_id,
            "definition": Jsonb(dict(fields.definition)),
            "most_rules": MAX_RULES,
        }
        return self._database.row("keep_rule", params, RuleRow)

    def list_rules(
        self,
        *,
        project_id: str,
        rule_id: str | None = None,
        source: str | None = None,
        event: str | None = None,
    ) -> list[RuleRow]:
        """All rules of the project, by id; with `source`, those in force for its `event`."""
        params = {
            "project_id": project_id,
            "rule_id": rule_id,
            "source": source,
            "event": event,
        }
        return self._database.rows("list_rules", params, RuleRow)

    def find_rule(self, *, project_id: str, rule_id: str) -> RuleRow | None:
        found = self.list_rules(project_id=project_id, rule_id=rule_id)
        return found[0] if found else None

    def delete_rule(self, actor: Actor, *, rule_id: str) -> bool:
        """Delete it; the tasks it started continue."""
        params = {"project_id": actor.project_id, "actor": actor.key_id, "rule_id": rule_id}
        return self._database.run("delete_rule", params) == 1

    def begin_rule_run(
        self, due: DueEvaluation, *, rule_id: str, subject: str, task_id: str
    ) -> BegunRuleRun | None:
        """Begin a run of the rule if its limits allow; a run that an earlier try began is returned
        as it is. None: the rule is no longer in force.
        """
        params = {**_named(due, rule_id), "subject": subject, "task_id": task_id}
        with self._database.transaction():
            if not self.lock_rule(project_id=due.project_id, rule_id=rule_id):
                return None
            return self._database.row("begin_rule_run", params, BegunRuleRun)

    def lock_rule(self, *, project_id: str, rule_id: str) -> bool:
        """Lock the rule until the transaction ends; False: it is no longer in force."""
        params = {"project_id": project_id, "rule_id": rule_id}
        return self._database.value("lock_rule", params, str) is not None

    def finish_rule_run(
        self, due: DueEvaluation, *, rule_id: str, status: str, reason: str | None
    ) -> None:
        """Record the outcome of a run."""
        params = {**_named(due, rule_id), "status": status, "reason": reason}
        self._database.run("finish_rule_run", params)

    def list_rule_runs(self, *, project_id: str, rule_id: str, limit: int) -> list[RuleRunRow]:
        """The deliveries it matched recently, newest first."""
        params = {"project_id": project_id, "rule_id": rule_id, "limit": limit}
        return self._database.rows("list_rule_runs", params, RuleRunRow)

    def claim_evaluations(self, *, limit: int) -> list[DueEvaluation]:
        """Deliveries, of any project, whose rules no process is evaluating."""
        return self._database.rows("claim_evaluations", {"limit": limit}, DueEvaluation)

    def settle_evaluation(self, due: DueEvaluation) -> None:
        """Record that all its rules were evaluated."""
        self._database.run("settle_evaluation", _named(due, ""))


def _named(due: DueEvaluation, rule_id: str) -> dict[str, Any]:
    return {
        "project_id": due.project_id,
        "delivery_id": due.delivery_id,
        "round": due.round,
        "rule_id": rule_id,
    }
