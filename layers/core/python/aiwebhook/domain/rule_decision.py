"""Decides whether an inbound event becomes a task, and writes its instructions. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from aiwebhook.domain.inbound_payload import MAX_TOLD, find_at, told_at
from aiwebhook.domain.plain_text import plain_line
from aiwebhook.domain.quoted_payload import quoted_payload
from aiwebhook.domain.rule import Comparison, EventRule, RuleCondition

_ACTING = ("comment", "review", "discussion", "issue", "pull_request", "release")
"""What an event of GitHub's may be about, the most particular first: its author caused it."""
_APPS = ("comment", "review", "issue", "pull_request", "check_run", "check_suite")
_APP_FIELDS = ("performed_via_github_app", "app")
_NUMBERS = ("/issue/number", "/pull_request/number", "/discussion/number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """An event that came in. `payload` is its JSON as read_payload reads it: numbers are text."""

    source: str
    event: str
    payload: object


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDecision:
    """Whether the rule starts a task, and why not."""

    starts: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOrder:
    """The task that a rule starts. `subject` is what the event is about: an issue, a branch."""

    subject: str
    session_id: str
    session_title: str
    data: dict[str, Any]
    """As delegate_task takes it, without its id."""


def decide_rule(rule: EventRule, came: Occurrence) -> RuleDecision:
    """Whether the rule starts a task; the reason is the first condition that prevents it."""
    fault = next(_faults(rule, came), None)
    return RuleDecision(starts=fault is None, reason=fault or "all conditions hold")


def order_of(rule: EventRule, came: Occurrence, *, delivery_id: str) -> RuleOrder:
    """The task that a rule starts: the same for the same delivery, at every call."""
    subject = _subject(came)
    mark = hashlib.sha256(f"{rule.rule_id}\0{delivery_id}".encode()).hexdigest()[:16]
    origin = f"source {came.source}, event {plain_line(came.event)}"
    data = quoted_payload(came.payload, rule.task.fields, origin=origin, mark=mark)
    description = f"{rule.task.instructions}\n\n{data}" if data else rule.task.instructions
    session_id = "hook_" + hashlib.sha256(f"{came.source}\0{subject}".encode()).hexdigest()[:32]
    return RuleOrder(
        subject=subject,
        session_id=rule.task.session_id or session_id,
        session_title=f"{came.source} {subject}",
        data={
            "agent_name": rule.task.agent_name,
            "description": description,
            **rule.task.further,
        },
    )


def _faults(rule: EventRule, came: Occurrence) -> Iterator[str]:
    if came.source != rule.source:
        yield f"it is for the source {rule.source}"
    if rule.event not in {None, came.event}:
        yield f"it is for the event {rule.event}"
    for condition in rule.conditions:
        if not _holds(condition, came.payload):
            yield f"{condition.pointer} does not satisfy '{condition.comparison}'"
    yield from _sender_faults(rule, came.payload)


def _sender_faults(rule: EventRule, payload: object) -> Iterator[str]:
    senders = rule.senders
    if (told_at(payload, "/sender/login") or "").lower() in senders.own_logins:
        yield "its sender is one of own_logins: our own work caused it"
    apps = [told_at(payload, f"/{what}/{app}/id") for what in _APPS for app in _APP_FIELDS]
    if senders.own_app_ids.intersection(filter(None, apps)):
        yield "its app is one of own_app_ids: our own work caused it"
    if not senders.bots and told_at(payload, "/sender/type") == "Bot":
        yield "its sender is a bot"
    if not senders.anyone:
        yield from _association_faults(rule, payload)


def _association_faults(rule: EventRule, payload: object) -> Iterator[str]:
    """Both the event's sender and the authors of the quoted fields must be allowed."""
    quoted = [pointer.split("/")[1] for pointer in rule.task.fields]
    told = {what: told_at(payload, f"/{what}/author_association") for what in (*_ACTING, *quoted)}
    acting = next((what for what in _ACTING if told[what]), None)
    if acting is None:
        yield "it names no author_association, which senders.anyone does without"
        return
    for what in dict.fromkeys((acting, *quoted)):
        association = told[what]
        if association is not None and association not in rule.senders.associations:
            yield f"the author of the {what} is {plain_line(association)} of the repository"


def _holds(condition: RuleCondition, payload: object) -> bool:
    found = find_at(payload, condition.pointer)
    if condition.comparison is Comparison.EXISTS:
        return (found is not None) == condition.value
    if found is None:
        return False
    value, wanted = found[0], condition.value
    if condition.comparison is Comparison.EQUALS:
        return _same(value, wanted)
    if condition.comparison is Comparison.ONE_OF:
        return any(_same(value, each) for each in wanted)
    if isinstance(value, str):
        return str(wanted) in value
    return isinstance(value, list) and any(_same(item, wanted) for item in cast("list[Any]", value))


def _same(value: object, wanted: object) -> bool:
    """Numbers are compared as they are written: those of a payload are text."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return isinstance(value, str) and value == str(wanted)


def _subject(came: Occurrence) -> str:
    repository = told_at(came.payload, "/repository/full_name") or ""
    number = next((n for at in _NUMBERS if (n := told_at(came.payload, at))), None)
    branch = told_at(came.payload, "/workflow_run/head_branch")
    behind = f"#{number}" if number else f"@{branch}" if branch else ""
    return plain_line(f"{repository}{behind}" or came.event, limit=MAX_TOLD)
