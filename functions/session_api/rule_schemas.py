"""Requests and responses about rules: which events that came in become tasks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from aiwebhook.commands.fields import (
    WHOLE,
    AgentName,
    ClientId,
    Label,
    PlainLine,
    PlainLines,
    Ref,
    Repository,
    one_of_these,
)
from aiwebhook.domain.inbound_payload import MAX_TOLD
from aiwebhook.domain.repository import ref_fault, repository_fault
from aiwebhook.domain.rule import MAX_RULES, PER_HOUR, PER_SUBJECT
from aiwebhook.ports.inbound import GITHUB_SOURCE
from session_api.operation import ApiParams, ApiResult
from session_api.schemas import Description

RuleName = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,63}$")]
RuleSource = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{1,63}$")]
EventName = Annotated[str, Field(min_length=1, max_length=MAX_TOLD), PlainLine]
PayloadPointer = Annotated[str, Field(pattern="^(/[^/]{1,100}){1,12}$")]
_Text = Annotated[str, Field(max_length=1_000)]
_Number = Annotated[int, Field(ge=-(2**53), le=2**53), WHOLE]
_Scalar = bool | _Number | _Text
_Login = Annotated[str, Field(min_length=1, max_length=100), PlainLine]
_AppId = Annotated[int, Field(ge=1, le=2**53), WHOLE]
Association = Literal[
    "OWNER",
    "MEMBER",
    "COLLABORATOR",
    "CONTRIBUTOR",
    "FIRST_TIME_CONTRIBUTOR",
    "FIRST_TIMER",
    "MANNEQUIN",
    "NONE",
]
COMPARISONS = ("equals", "one_of", "contains", "exists")


def _without(fault_of: Callable[[str], str | None]) -> AfterValidator:
    def check(value: str) -> str:
        fault = fault_of(value)
        if fault is not None:
            raise ValueError(fault)
        return value

    return AfterValidator(check)


class ConditionParams(ApiParams):
    """What a JSON pointer (RFC 6901) into the payload must hold: one comparison each. `contains`:
    in a text, or as an item of a list. Numbers are compared as they are written.
    """

    model_config = one_of_these(
        "oneOf",
        equals={"type": ["boolean", "integer", "string"]},
        one_of={"type": "array", "items": {}},
        contains={"type": ["boolean", "integer", "string"]},
        exists={"type": "boolean"},
    )

    pointer: PayloadPointer
    equals: _Scalar | None = None
    one_of: Annotated[list[_Scalar], Field(min_length=1, max_length=50)] | None = None
    contains: _Scalar | None = None
    exists: bool | None = None

    @model_validator(mode="after")
    def _compares_once(self) -> Self:
        given = [name for name in COMPARISONS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"needs one of {', '.join(COMPARISONS)}; got {len(given)}")
        return self


class SenderParams(ApiParams):
    """Who may cause a task. `associations`: the values of GitHub's author_association allowed for
    whoever caused the event and for the authors of what is quoted; `anyone` checks neither.
    `own_logins` and `own_app_ids`: the accounts under which our own work is published; what they
    cause starts nothing.
    """

    associations: Annotated[list[Association], Field(min_length=1, max_length=8)] | None = None
    anyone: bool = False
    bots: bool = False
    own_logins: Annotated[list[_Login], Field(max_length=50)] = Field(default_factory=list)
    own_app_ids: Annotated[list[_AppId], Field(max_length=50)] = Field(default_factory=list)


class RuleTaskParams(ApiParams):
    """The task: `instructions` go to the agent as they stand, then the `fields` of the payload, as
    quoted data. Without `session_id`, each subject (an issue, a branch) has a session of its own.
    """

    agent_name: AgentName
    instructions: Annotated[str, Field(min_length=1, max_length=20_000), PlainLines]
    fields: Annotated[list[PayloadPointer], Field(max_length=30)] = Field(default_factory=list)
    session_id: ClientId | None = None
    task_type: Label | None = None
    priority: Annotated[int, Field(ge=0, le=9), WHOLE] | None = None
    timeout_s: Annotated[int, Field(ge=1, le=86_400), WHOLE] | None = None
    max_attempts: Annotated[int, Field(ge=1, le=20), WHOLE] | None = None
    repo: Annotated[Repository, _without(repository_fault)] | None = None
    ref: Annotated[Ref, _without(ref_fault)] | None = None
    pr: Literal["none", "branch", "draft", "ready"] | None = None
    max_cost_usd: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _has_a_repository(self) -> Self:
        if self.repo is None and (self.ref is not None or self.pr not in {None, "none"}):
            raise ValueError("ref and pr need repo")
        return self


class RuleParams(ApiParams):
    """A new rule, or one that replaces the rule with its id. All of `when` must hold; `per_hour`
    and `per_subject` (a day) limit what it starts.
    """

    rule_id: RuleName
    description: Description | None = None
    status: Literal["active", "disabled"] = "active"
    source: RuleSource = GITHUB_SOURCE
    event: EventName | None = None
    when: Annotated[list[ConditionParams], Field(max_length=20)] = Field(default_factory=list)
    senders: SenderParams | None = None
    task: RuleTaskParams
    per_hour: Annotated[int, Field(ge=1, le=1_000), WHOLE] = PER_HOUR
    per_subject: Annotated[int, Field(ge=1, le=1_000), WHOLE] = PER_SUBJECT

    def definition(self) -> dict[str, Any]:
        """What is kept as it was said."""
        return self.model_dump(include={"when", "senders", "task"}, exclude_none=True)


class RuleTestParams(ApiParams):
    """A sample event, and the rules to try on it; by default the project's."""

    source: RuleSource = GITHUB_SOURCE
    event: EventName
    payload: dict[str, Any]
    rules: Annotated[list[RuleParams], Field(max_length=MAX_RULES)] | None = None


class RuleResult(ApiResult):
    """A stored rule."""

    rule_id: str
    description: str | None
    status: Literal["active", "disabled"]
    source: str
    event: str | None
    when: list[dict[str, Any]]
    senders: dict[str, Any]
    task: dict[str, Any]
    per_hour: int
    per_subject: int
    created_at: datetime
    changed_at: datetime


class RulesResult(ApiResult):
    """The project's rules, by id."""

    items: list[RuleResult]


class RuleRunResult(ApiResult):
    """The outcome of a delivery that the rule matched: `started` a task, `limited`, or `refused`
    with delegate_task's error code. `round` 0: on arrival.
    """

    delivery_id: str
    round: int
    subject: str
    status: Literal["begun", "started", "limited", "refused"]
    reason: str | None
    task_id: str | None
    began_at: datetime


class RuleRunsResult(ApiResult):
    """The last hundred, newest first."""

    items: list[RuleRunResult]


class TriedRuleResult(ApiResult):
    """What a rule would do, or why it would do nothing; `task` is what it would delegate."""

    rule_id: str
    starts: bool
    reason: str
    subject: str | None
    session_id: str | None
    task: dict[str, Any] | None


class RuleTestResult(ApiResult):
    """Each rule that was tried, by id."""

    items: list[TriedRuleResult]
