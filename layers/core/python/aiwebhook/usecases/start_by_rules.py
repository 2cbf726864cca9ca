"""Starts the tasks that rules make of a delivery, after it was stored.

Each step is recorded before the next: a delivery waits in `rule_evaluations` from its own
transaction on; a run begins under its limits before its task is delegated; and the task's id is
derived from rule, delivery and round. So if a process is killed at any point, the next try
starts nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from aiwebhook import observability
from aiwebhook.domain.inbound_payload import read_payload
from aiwebhook.domain.rule import rule_of
from aiwebhook.domain.rule_decision import Occurrence, decide_rule, order_of
from aiwebhook.errors import AiWebhookError, NotFound
from aiwebhook.ports.blobs import BlobStore
from aiwebhook.ports.rules import DueEvaluation, RuleRow
from aiwebhook.usecases.delegate_by_rule import Delegating, OrderedTask, delegate_by_rule

if TYPE_CHECKING:
    from aiwebhook.postgres.inbound_reads import PostgresInboundReads
    from aiwebhook.postgres.rule_store import PostgresRuleStore

BATCH = 50
MOST_TRIES = 20
"""Tries before a delivery is given up: about half a day, at the pace of claim_evaluations.sql."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleServices:
    """The dependencies of rules."""

    store: PostgresRuleStore
    inbound: PostgresInboundReads
    blobs: BlobStore
    delegating: Delegating


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReport:
    """What one tick did; field names are metric names."""

    rule_evaluations: int = 0
    rule_evaluations_left: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def start_due(services: RuleServices, *, has_time: Callable[[], bool]) -> RuleReport:
    """Evaluate deliveries still due, because the function that accepted them was killed
    or too slow.
    """
    done = left = 0
    while has_time():
        page = services.store.claim_evaluations(limit=BATCH)
        for due in page:
            if has_time() and _kept_going(services, due):
                done += 1
            else:
                left += 1
        if len(page) < BATCH:
            break
    return RuleReport(rule_evaluations=done, rule_evaluations_left=left)


def start_by_kept(services: RuleServices, due: DueEvaluation) -> None:
    """Evaluate a delivery as it is stored. Raises what stores raise; it is then retried."""
    kept = services.inbound.find_inbound(project_id=due.project_id, delivery_id=due.delivery_id)
    body = None if kept is None else kept.body
    if kept is not None and body is None and not kept.body_pruned:
        try:
            body = services.blobs.get(project_id=due.project_id, sha256=kept.body_sha256)
        except NotFound:
            body = None
    if kept is None or body is None:
        services.store.settle_evaluation(due)
        return
    payload = read_payload(body, kept.content_type)
    start_by_rules(services, due, Occurrence(source=kept.source, event=kept.event, payload=payload))


def start_by_rules(
    services: RuleServices,
    due: DueEvaluation,
    came: Occurrence,
    *,
    has_time: Callable[[], bool] = lambda: True,
) -> None:
    """Evaluate a delivery. Raises what stores raise; the reaper retries what was not done, or
    not in time.
    """
    for row in services.store.list_rules(
        project_id=due.project_id, source=came.source, event=came.event
    ):
        if not has_time():
            return
        _apply(services, due, came, row)
    services.store.settle_evaluation(due)


def task_id_for(due: DueEvaluation, rule_id: str) -> str:
    """The id of the one task that a rule makes of a delivery."""
    text = f"{rule_id}\0{due.delivery_id}\0{due.round}"
    return "task_rule_" + hashlib.sha256(text.encode()).hexdigest()[:32]


def _kept_going(services: RuleServices, due: DueEvaluation) -> bool:
    try:
        start_by_kept(services, due)
    except AiWebhookError as error:
        observability.warning("rules are tried again", delivery_id=due.delivery_id, code=error.code)
        if due.tries >= MOST_TRIES:
            observability.warning("rules given up", delivery_id=due.delivery_id)
            services.store.settle_evaluation(due)
        return False
    return True


def _apply(services: RuleServices, due: DueEvaluation, came: Occurrence, row: RuleRow) -> None:
    rule = rule_of(row.rule_id, source=row.source, event=row.event, definition=row.definition)
    decision = decide_rule(rule, came)
    if not decision.starts:
        return
    order = order_of(rule, came, delivery_id=due.delivery_id)
    task_id = task_id_for(due, row.rule_id)
    run = services.store.begin_rule_run(
        due, rule_id=row.rule_id, subject=order.subject, task_id=task_id
    )
    if run is None or run.status != "begun":
        if run is not None and run.fresh:
            _tell(due, row, run.status)
        return
    ordered = OrderedTask(
        project_id=due.project_id, task_id=task_id, correlation_id=due.correlation_id
    )
    refusal = delegate_by_rule(services.delegating, ordered, order)
    status = "started" if refusal is None else "refused"
    services.store.finish_rule_run(due, rule_id=row.rule_id, status=status, reason=refusal)
    _tell(due, row, status)


def _tell(due: DueEvaluation, row: RuleRow, status: str) -> None:
    observability.info(
        "rule matched", rule_id=row.rule_id, delivery_id=due.delivery_id, status=status
    )
    observability.count("rule_runs", status=status)
