"""Rules: which inbound event becomes a task, and which task. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

TRUSTED_ASSOCIATIONS = ("OWNER", "MEMBER", "COLLABORATOR")
"""Who may start work unless a rule says otherwise: by and large, who may write to a repository."""
MAX_RULES = 100
"""Of a project: each of them is looked at for each delivery of its source."""
PER_HOUR = 10
"""Tasks that a rule starts in any hour, unless it says otherwise."""
PER_SUBJECT = 5
"""Tasks that a rule starts in any day for one subject, such as an issue: what feeds itself ends
there, because what starts no task causes no further event."""


class Comparison(StrEnum):
    """How a condition compares what stands at its JSON pointer."""

    EQUALS = "equals"
    """It is this value."""
    ONE_OF = "one_of"
    """It is one of these."""
    CONTAINS = "contains"
    """It is text with this in it, or a list of which one item is this."""
    EXISTS = "exists"
    """Whether the pointer finds a value; null is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCondition:
    """One condition; all of a rule must hold."""

    pointer: str
    comparison: Comparison
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSenders:
    """Who may cause a task. `anyone`: associations are not asked for. `own_logins` and
    `own_app_ids`: who our own work goes out as; what they cause starts nothing, ever.
    """

    associations: frozenset[str]
    anyone: bool
    bots: bool
    own_logins: frozenset[str]
    own_app_ids: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTask:
    """What is delegated: the words of the rule's owner, then fields of the payload, as data."""

    agent_name: str
    instructions: str
    fields: Sequence[str]
    session_id: str | None
    further: Mapping[str, Any]
    """Other fields of delegate_task, as the owner wrote them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """A rule. `event` None: any event of the source."""

    rule_id: str
    source: str
    event: str | None
    conditions: Sequence[RuleCondition]
    senders: RuleSenders
    task: RuleTask


def rule_of(
    rule_id: str, *, source: str, event: str | None, definition: Mapping[str, Any]
) -> EventRule:
    """The rule that a row holds; what its definition leaves open is as for a new rule."""
    senders: Mapping[str, Any] = definition.get("senders") or {}
    task: Mapping[str, Any] = definition["task"]
    return EventRule(
        rule_id=rule_id,
        source=source,
        event=event,
        conditions=[_condition(given) for given in definition.get("when") or ()],
        senders=RuleSenders(
            associations=frozenset(senders.get("associations") or TRUSTED_ASSOCIATIONS),
            anyone=bool(senders.get("anyone")),
            bots=bool(senders.get("bots")),
            own_logins=frozenset(str(name).lower() for name in senders.get("own_logins") or ()),
            own_app_ids=frozenset(str(number) for number in senders.get("own_app_ids") or ()),
        ),
        task=RuleTask(
            agent_name=task["agent_name"],
            instructions=task["instructions"],
            fields=tuple(task.get("fields") or ()),
            session_id=task.get("session_id"),
            further={name: task[name] for name in FURTHER if task.get(name) is not None},
        ),
    )


FURTHER = (
    "task_type",
    "priority",
    "timeout_s",
    "max_attempts",
    "repo",
    "ref",
    "pr",
    "max_cost_usd",
)
"""What a rule's task may say beside, as delegate_task takes it."""


def _condition(given: Mapping[str, Any]) -> RuleCondition:
    comparison = next(each for each in Comparison if given.get(each) is not None)
    return RuleCondition(
        pointer=given["pointer"], comparison=comparison, value=given[comparison.value]
    )
