"""Why runs fail (requirement T6): every class, what it means to people, and whether to try again.

`cause` and `advice` are spoken, so they hold no identifier; `{agent}` stands for the agent as
people call it ("Claude Code", "the researcher"). `remedy` is read, and may name a field.
"""

# reason: every class stands beside its rule, so that they can be compared

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

AGENT = "{agent}"
"""The place of the agent's spoken name. No text of an agent can hold it: braces are not spoken."""
STOPPED, NOT_LAUNCHED = "The container stopped: ", "The run could not be launched: "
"""How messages begin that go on in the words of AWS: they are for those who read."""


class ErrorClass(StrEnum):
    """Why a run failed; `error_class` of its result. RULES has cause, remedy and retry of each."""

    NOT_INSTALLED = "not_installed"
    """The agent's program is not on the machine of the run."""
    NO_KEY = "no_key"
    """There is no key for the provider."""
    NO_SECRET = "no_secret"  # noqa: S105 - a class, not a password
    """A secret that the agent declares, or that its container is given, is not there."""
    NO_IMAGE = "no_image"
    """The container image of the agent cannot be fetched."""
    NO_ROLE = "no_role"
    """A role that AWS needs to start the run is missing."""
    ACCOUNT_LIMIT = "account_limit"
    """The AWS account is not allowed to run as much at once."""
    AUTH = "auth"
    """The provider refused the credentials."""
    MODEL = "model"
    """The model, or the agent around it, gave up with an error of its own."""
    RATE_LIMIT = "rate_limit"
    """The provider wants us to slow down."""
    OVERLOADED = "overloaded"
    """The provider has no capacity just now."""
    SERVER = "server"
    """The provider failed."""
    NETWORK = "network"
    """A connection could not be made, or broke."""
    CONTEXT = "context"
    """The input does not fit into the model's context."""
    MAX_TURNS = "max_turns"
    """The agent used up its turns."""
    TRUNCATED = "truncated"
    """The answer was cut off."""
    REFUSED = "refused"
    """The model refused to do this."""
    CANCELLED = "cancelled"
    """Somebody asked the run to stop."""
    TIMEOUT = "timeout"
    """Time ran out: the run's own, or the task's deadline."""
    OOM = "oom"
    """The run needed more memory than it has."""
    KILLED = "killed"
    """The run was killed from outside."""
    BAD_OUTPUT = "bad_output"
    """The agent's output could not be read."""
    NO_RESULT = "no_result"
    """The agent ended without a result."""
    BUDGET = "budget"
    """The budget is spent."""
    LOST = "lost"
    """The run fell silent, or never reported in."""
    LAUNCH = "launch"
    """The runtime refused to start the run."""
    DEPENDENCY_FAILED = "dependency_failed"
    """A task this one depends on did not complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRule:
    """Whether trying again may help, what a person hears, and what one who reads can do."""

    retryable: bool
    cause: str
    advice: str
    remedy: str
    disables_agent: bool = False
    """Every task of the agent fails in this way until somebody changes the deployment."""


RULES: Mapping[ErrorClass, FailureRule] = {
    ErrorClass.NOT_INSTALLED: FailureRule(
        retryable=False,
        cause="{agent} is not installed where it should run.",
        advice="Install it there, then try again.",
        remedy="Install the program where the run takes place ('aiwebhook doctor'), then retry.",
        disables_agent=True,
    ),
    ErrorClass.NO_KEY: FailureRule(
        retryable=False,
        cause="{agent} has no key for its provider.",
        advice="Add the key, then try again.",
        remedy="Add the provider's key ('aiwebhook doctor'), then retry the task.",
        disables_agent=True,
    ),
    ErrorClass.NO_SECRET: FailureRule(
        retryable=False,
        cause="A secret that {agent} needs is missing.",
        advice="Store the secret, then try again.",
        remedy="Store the secret that the message names, where runs take theirs from, then retry.",
        disables_agent=True,
    ),
    ErrorClass.NO_IMAGE: FailureRule(
        retryable=True,
        cause="{agent} could not start, because its container image could not be fetched.",
        advice="Publish the image again, then try again.",
        remedy="Build and push the agents' images ('aiwebhook cloud images'; docs/images.md), then "
        "retry the task.",
        disables_agent=True,
    ),
    ErrorClass.NO_ROLE: FailureRule(
        retryable=True,
        cause="{agent} could not start, because a role that it needs in the cloud is missing.",
        advice="Have the role created, then try again.",
        remedy="Create ECS's own role ('aws iam create-service-linked-role --aws-service-name "
        "ecs.amazonaws.com'), then retry the task.",
        disables_agent=True,
    ),
    ErrorClass.ACCOUNT_LIMIT: FailureRule(
        retryable=True,
        cause="{agent} could not start, because the cloud account may not run any more at once.",
        advice="Try again when other work has ended.",
        remedy="Wait until other runs have ended, or ask for more: Service Quotas, AWS Fargate, "
        "On-Demand or Spot vCPU resource count.",
    ),
    ErrorClass.AUTH: FailureRule(
        retryable=False,
        cause="{agent}'s key was not accepted.",
        advice="Replace the key, then try again.",
        remedy="Check the agent's provider key ('aiwebhook doctor'), then retry the task.",
    ),
    ErrorClass.MODEL: FailureRule(
        retryable=True,
        cause="{agent} gave up with an error of its own.",
        advice="Try again, or put the task in other words.",
        remedy="Read the run's log; rephrase the task if it repeats.",
    ),
    ErrorClass.RATE_LIMIT: FailureRule(
        retryable=True,
        cause="{agent}'s provider is asking for a slower pace.",
        advice="Try again later.",
        remedy="Retry the task later; lower the agent's max_concurrent if it repeats.",
    ),
    ErrorClass.OVERLOADED: FailureRule(
        retryable=True,
        cause="{agent}'s provider has no capacity at the moment.",
        advice="Try again later.",
        remedy="Retry the task later.",
    ),
    ErrorClass.SERVER: FailureRule(
        retryable=True,
        cause="A server that {agent} needs has failed.",
        advice="Try again later.",
        remedy="Retry the task later.",
    ),
    ErrorClass.NETWORK: FailureRule(
        retryable=True,
        cause="{agent} could not reach its provider.",
        advice="Check the network, then try again.",
        remedy="Check that the runner can reach the internet.",
    ),
    ErrorClass.CONTEXT: FailureRule(
        retryable=False,
        cause="That was too much for {agent} to read at once.",
        advice="Give it less to read, or split the task.",
        remedy="Give the task less input, or split it.",
    ),
    ErrorClass.MAX_TURNS: FailureRule(
        retryable=False,
        cause="{agent} used up its turns before it was done.",
        advice="Split the task into smaller ones.",
        remedy="Split the task into smaller ones.",
    ),
    ErrorClass.TRUNCATED: FailureRule(
        retryable=True,
        cause="{agent}'s answer was cut off.",
        advice="Ask for a shorter one.",
        remedy="Ask for a shorter result.",
    ),
    ErrorClass.REFUSED: FailureRule(
        retryable=False,
        cause="{agent} declined to do this.",
        advice="Put it in other words, or give it to another agent.",
        remedy="Rephrase the task, or give it to another agent.",
    ),
    ErrorClass.CANCELLED: FailureRule(
        retryable=False,
        cause="The task was cancelled.",
        advice="You can have it tried again.",
        remedy="Retry the task if it is wanted after all.",
    ),
    ErrorClass.TIMEOUT: FailureRule(
        retryable=False,
        cause="{agent} ran out of time.",
        advice="Give it more time, or split the task.",
        remedy="Raise timeout_s or the deadline, or split the task.",
    ),
    ErrorClass.OOM: FailureRule(
        retryable=False,
        cause="{agent} ran out of memory.",
        advice="Give it more memory, then try again.",
        remedy="Raise memory_mib in the agent's manifest, then retry.",
    ),
    ErrorClass.KILLED: FailureRule(
        retryable=True,
        cause="{agent} was stopped from outside.",
        advice="Try again.",
        remedy="Retry the task; read the run's log if it repeats.",
    ),
    ErrorClass.BAD_OUTPUT: FailureRule(
        retryable=True,
        cause="{agent}'s answer could not be read.",
        advice="Try again, or ask for a simpler answer.",
        remedy="Read the run's log; fix the agent if it happens again.",
    ),
    ErrorClass.NO_RESULT: FailureRule(
        retryable=True,
        cause="{agent} ended without an answer.",
        advice="Try again.",
        remedy="Read the run's log; fix the agent if it happens again.",
    ),
    ErrorClass.BUDGET: FailureRule(
        retryable=False,
        cause="The budget for this task is spent.",
        advice="Raise the budget, then try again.",
        remedy="Raise the budget, then retry the task.",
    ),
    ErrorClass.LOST: FailureRule(
        retryable=True,
        cause="{agent} stopped answering before it was done.",
        advice="Try again.",
        remedy="Retry the task; read the run's log if it repeats.",
    ),
    ErrorClass.LAUNCH: FailureRule(
        retryable=True,
        cause="{agent} could not be started.",
        advice="Try again in a few minutes.",
        remedy="Read the message, which is the runtime's own; correct what it names, then retry.",
    ),
    ErrorClass.DEPENDENCY_FAILED: FailureRule(
        retryable=False,
        cause="A task that this one waited for did not complete.",
        advice="Have that one tried again first, then this one.",
        remedy="Retry the task it depends on, then this one.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """What went wrong, in words for people."""

    error_class: ErrorClass
    message: str
    remedy: str
    retryable: bool

    @classmethod
    def of(cls, error_class: ErrorClass, message: str, *, remedy: str | None = None) -> RunError:
        """With the retryability of its class, and its remedy unless there is a better one."""
        rule = RULES[error_class]
        return cls(
            error_class=error_class,
            message=message,
            remedy=remedy or rule.remedy,
            retryable=rule.retryable,
        )

    def as_json(self) -> dict[str, Any]:
        """The `error` object of results and events."""
        return {
            "error_class": self.error_class.value,
            "message": self.message,
            "remedy": self.remedy,
            "retryable": self.retryable,
        }
