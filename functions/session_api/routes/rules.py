"""Rules: which events that came in become tasks; tried without an effect."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.inbound_payload import read_payload
from aiwebhook.domain.rule import MAX_RULES, EventRule, rule_of
from aiwebhook.domain.rule_decision import Occurrence, decide_rule, order_of
from aiwebhook.domain.view import view
from aiwebhook.errors import Conflict, NotFound
from aiwebhook.ports.endpoints import Actor
from aiwebhook.ports.rules import RuleFields, RuleRow, RuleRunRow
from aiwebhook.usecases.delegate_by_rule import what_refuses
from session_api.answer import Answer, Json
from session_api.operation import Access, ApiCall, Operation
from session_api.rule_schemas import (
    RuleParams,
    RuleResult,
    RuleRunsResult,
    RulesResult,
    RuleTestParams,
    RuleTestResult,
)
from session_api.schemas import DeletedResult

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_RULE = "/v1/rules/{rule_id}"
_RUNS = 100


def keep(api: SessionApi, call: ApiCall, params: RuleParams) -> Answer:
    """The rule as it is kept now."""
    kept = api.rules.keep_rule(_actor(call), rule_id=params.rule_id, fields=fields_of(params))
    if kept is None:
        raise Conflict(f"The project has {MAX_RULES} rules.", code="too_many_rules")
    return Answer(body=_view(kept))


def list_all(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """By id."""
    rows = api.rules.list_rules(project_id=call.caller.project_id)
    return Answer(body={"items": [_view(row) for row in rows]})


def find(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """One rule."""
    return Answer(body=_view(_found(api, call)))


def runs(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """What it matched lately."""
    rule_id = call.ids["rule_id"]
    found = api.rules.list_rule_runs(
        project_id=call.caller.project_id, rule_id=rule_id, limit=_RUNS
    )
    if not found:
        _found(api, call)
    return Answer(body={"items": [_run_view(run) for run in found]})


def delete(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Forget the rule; what it started goes on."""
    rule_id = call.ids["rule_id"]
    if not api.rules.delete_rule(_actor(call), rule_id=rule_id):
        raise _unknown(rule_id)
    return Answer(body={"deleted": rule_id})


def try_rules(api: SessionApi, call: ApiCall, params: RuleTestParams) -> Answer:
    """What rules would do with an event. Nothing is kept or started; limits are not counted."""
    payload = read_payload(json.dumps(params.payload).encode(), None)
    came = Occurrence(source=params.source, event=params.event, payload=payload)
    if params.rules is None:
        rows = api.rules.list_rules(project_id=call.caller.project_id)
        named = [(row.status, _rule_of(row)) for row in rows]
    else:
        named = [(given.status, _rule_as(given)) for given in params.rules]
    project_id = call.caller.project_id
    tried = [_tried(api, project_id, came, status, rule) for status, rule in named]
    return Answer(body={"items": tried})


def fields_of(params: RuleParams) -> RuleFields:
    """A stored rule."""
    return RuleFields(
        description=params.description,
        status=params.status,
        source=params.source,
        event=params.event,
        definition=params.definition(),
        per_hour=params.per_hour,
        per_subject=params.per_subject,
    )


def _tried(
    api: SessionApi, project_id: str, came: Occurrence, status: str, rule: EventRule
) -> Json:
    decision = decide_rule(rule, came)
    reason = decision.reason if status == "active" else "it is disabled"
    shown: Json = {"rule_id": rule.rule_id, "starts": False, "reason": reason}
    nothing: Json = {"subject": None, "session_id": None, "task": None}
    if not decision.starts or status != "active":
        return {**shown, **nothing}
    order = order_of(rule, came, delivery_id="test")
    # An agent may come after its rule; the try says that it is not there yet.
    agent = api.commands.store.find_agent(
        project_id=project_id, agent_name=order.data["agent_name"]
    )
    refusal = what_refuses(agent, order)
    if refusal is not None:
        return {**shown, "reason": f"delegate_task refuses it: {refusal}", **nothing}
    return {
        **shown,
        "starts": True,
        "subject": order.subject,
        "session_id": order.session_id,
        "task": order.data,
    }


def _rule_of(row: RuleRow) -> EventRule:
    return rule_of(row.rule_id, source=row.source, event=row.event, definition=row.definition)


def _rule_as(given: RuleParams) -> EventRule:
    return rule_of(
        given.rule_id, source=given.source, event=given.event, definition=given.definition()
    )


def _found(api: SessionApi, call: ApiCall) -> RuleRow:
    rule_id = call.ids["rule_id"]
    found = api.rules.find_rule(project_id=call.caller.project_id, rule_id=rule_id)
    if found is None:
        raise _unknown(rule_id)
    return found


def _unknown(rule_id: str) -> NotFound:
    return NotFound(f"No rule '{rule_id}' in this project.", code="rule_not_found")


def _view(row: RuleRow) -> Json:
    shown = view(row)
    definition: dict[str, Any] = shown.pop("definition")
    said = {
        "when": definition.get("when", []),
        "senders": definition.get("senders", {}),
        "task": definition["task"],
    }
    first = {name: shown.pop(name) for name in ("rule_id", "description", "status", "source")}
    return {**first, "event": shown.pop("event"), **said, **shown}


def _run_view(run: RuleRunRow) -> Json:
    shown = view(run)
    return shown if run.status == "started" else {**shown, "task_id": None}


def _actor(call: ApiCall) -> Actor:
    return Actor(project_id=call.caller.project_id, key_id=call.caller.key_id)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path="/v1/rules",
        name="keepRule",
        summary="Create or replace a rule that turns events into tasks.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=keep,
        params=RuleParams,
        returns=RuleResult,
        once=True,
    ),
    Operation(
        method="GET",
        path="/v1/rules",
        name="listRules",
        summary="Rules, by id.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=list_all,
        returns=RulesResult,
    ),
    Operation(
        method="GET",
        path=_RULE,
        name="getRule",
        summary="One rule.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=find,
        returns=RuleResult,
    ),
    Operation(
        method="GET",
        path=f"{_RULE}/runs",
        name="listRuleRuns",
        summary="List the outcomes of the deliveries that a rule matched, newest first.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=runs,
        returns=RuleRunsResult,
    ),
    Operation(
        method="DELETE",
        path=_RULE,
        name="deleteRule",
        summary="Delete a rule; the tasks it started continue.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=delete,
        returns=DeletedResult,
        once=True,
    ),
    Operation(
        method="POST",
        path="/v1/rule-tests",
        name="tryRules",
        summary="Show what rules would do with an event; nothing is stored or started.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=try_rules,
        params=RuleTestParams,
        returns=RuleTestResult,
    ),
)
