"""In which states a stage's stacks are, and which of them no deployment gets out of by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aiwebhook.errors import ConfigurationError
from aiwebhook_cli.cloud.account import Account
from aiwebhook_cli.cloud.stage import foreign_stack, stack

PARTS = ("network", "data", "door", "service")
"""In the order of their deployment."""
_NEVER_CAME_UP = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"})
_ONLY_PLANNED = "REVIEW_IN_PROGRESS"
"""A deployment was stopped before it began to make anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckStack:
    """A stack that the CDK cannot deploy over, and what helps."""

    name: str
    status: str
    remedy: str


def stack_statuses(account: Account, stage: str) -> dict[str, str]:
    """Name → status of those that are there."""
    names = [stack(stage, part) for part in PARTS]
    return {name: status for name in names if (status := account.stack_status(name)) is not None}


def stuck_stacks(account: Account, stage: str, statuses: Mapping[str, str]) -> Iterator[StuckStack]:
    """Those that a person has to help. One that is being worked on is none: the CDK waits."""
    for name, status in statuses.items():
        remedy = _remedy(account, stage, name, status)
        if remedy is not None:
            yield StuckStack(name=name, status=status, remedy=remedy)


def require_deployable(account: Account, stage: str) -> None:
    """Raise ConfigurationError for the first stuck stack and for one that is somebody else's,
    before anything is built."""
    statuses = stack_statuses(account, stage)
    require_ours(account, stage, statuses)
    for each in stuck_stacks(account, stage, statuses):
        raise ConfigurationError(
            f"The stack {each.name} is {each.status}.", code="stack_stuck", remedy=each.remedy
        )


def require_ours(account: Account, stage: str, statuses: Mapping[str, str]) -> None:
    """Raise ConfigurationError where somebody else's stack has the name of one of the stage's: a
    deployment would make ours of it, and a removal would remove it."""
    for name, status in statuses.items():
        if status != _ONLY_PLANNED and account.tags(name).get("aiwebhook:stage") != stage:
            raise foreign_stack(name)


def _remedy(account: Account, stage: str, name: str, status: str) -> str | None:
    if status == "UPDATE_ROLLBACK_FAILED":
        return (
            "Fix what its events in CloudFormation report, then run: aws cloudformation"
            f" continue-update-rollback --stack-name {name}"
        )
    if status == "DELETE_IN_PROGRESS":
        return f"Wait: aws cloudformation wait stack-delete-complete --stack-name {name}"
    if status == "DELETE_FAILED":
        return (
            "Its events in CloudFormation name what could not be deleted; remove that, then run"
            f" 'aiwebhook cloud destroy --stage {stage}'."
        )
    if status in _NEVER_CAME_UP and account.is_protected(name):
        # The CDK deletes a stack that never came up and makes it anew. It has protected it by then.
        return (
            "It never came up, and is protected: aws cloudformation update-termination-protection"
            f" --no-enable-termination-protection --stack-name {name}"
        )
    return None


def is_being_worked_on(status: str) -> bool:
    """By another deployment, or by what CloudFormation still does of one that was killed."""
    return status.endswith("_IN_PROGRESS") and status != _ONLY_PLANNED
