"""What a container that stopped without a report of its own leads to (ECS).

Stop codes, reasons and prefixes are those of the ECS developer guide, "Stopped tasks error codes"
and "API failure reasons".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiwebhook.domain.attempt import NO_WAIT, RETRY_LADDER, AttemptVerdict
from aiwebhook.domain.failure import RULES, STOPPED, ErrorClass, RunError

_KILLED = 137
"""128 + SIGKILL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedRun:
    """An ECS task that stopped, as EventBridge reports it."""

    attempt_id: str
    stop_code: str | None = None
    exit_code: int | None = None
    stopped_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _EcsReason:
    """A reason in the words of ECS, and what it means."""

    words: str
    error_class: ErrorClass
    reason: str
    remedy: str | None = None
    charged: bool = True
    ladder: Sequence[float] = RETRY_LADDER


_TAKEN_BACK = _EcsReason(
    words=r"Spot(\w| )*interrupt|performing maintenance|host EC2 .*terminat",
    error_class=ErrorClass.KILLED,
    reason="taken back by AWS; not its fault",
    charged=False,
    ladder=NO_WAIT,
)
_SIGNS = (
    _TAKEN_BACK,
    _EcsReason(
        words=r"OutOfMemory|out of memory|memory usage",
        error_class=ErrorClass.OOM,
        reason="killed by the kernel for its memory",
        ladder=NO_WAIT,
    ),
    _EcsReason(
        words=r"no space left on device|ephemeral storage",
        error_class=ErrorClass.OOM,
        reason="the disk of the run was full",
        remedy="Make the image smaller, or raise ephemeral_gib in the agent's manifest and deploy.",
    ),
    _EcsReason(
        words=r"unable to (retrieve|fetch|pull) secrets? (?!or registry)|did not contain json key"
        r"|failed to fetch secret|cannot read secret|secretsmanager|ssm parameter"
        r"|unable to (get|retrieve) (parameters|secret)",
        error_class=ErrorClass.NO_SECRET,
        reason="a secret of the container cannot be read",
        remedy="Store the secret that the message names and let the execution role read it, "
        "then retry.",
    ),
    _EcsReason(
        words=r"service.linked role",
        error_class=ErrorClass.NO_ROLE,
        reason="ECS has no role of its own in this account",
    ),
    _EcsReason(
        words=r"unable to assume (the )?role",
        error_class=ErrorClass.NO_ROLE,
        reason="a role of the task is missing, or ECS may not assume it",
        remedy="Deploy the stack again, which makes the roles of the task, then retry.",
    ),
    _EcsReason(
        words=r"reached the limit|above your limit|limit ?exceeded",
        error_class=ErrorClass.ACCOUNT_LIMIT,
        reason="the account may not run more at once",
        ladder=RETRY_LADDER,
    ),
    _EcsReason(
        words=r"(CannotPull|pull image|inspect image|image manifest).*"
        r"(i/o timeout|timed? ?out|connection (refused|reset)|no such host|TLS handshake)"
        r"|(registry auth|ResourceInitializationError).*"
        r"(i/o timeout|timed? ?out|RequestError|send request failed|no such host)",
        error_class=ErrorClass.NETWORK,
        reason="the registry or the secrets could not be reached",
        remedy="Check that the runs' subnets reach ECR and Secrets Manager, then retry the task.",
    ),
    _EcsReason(
        words=r"(CannotPull|registry auth|pull image).*(AccessDenied|not authorized|403 Forbidden)",
        error_class=ErrorClass.NO_IMAGE,
        reason="the image may not be fetched",
        remedy="Let the execution role read the repository that the message names, then retry.",
    ),
    _EcsReason(
        words=r"CannotPull|pull image|image manifest|registry auth|descriptor matching platform",
        error_class=ErrorClass.NO_IMAGE,
        reason="the image cannot be fetched",
    ),
    _EcsReason(
        words=r"network interface|ENI|capacity",
        error_class=ErrorClass.LAUNCH,
        reason="AWS had no room or no network for it",
        remedy="Retry the task; check the subnets' free addresses if it repeats.",
    ),
    _EcsReason(
        words=r"Cannot(Start|Create)Container|ContainerRuntime|DockerTimeout|CannotCreateVolume",
        error_class=ErrorClass.LAUNCH,
        reason="the container could not be made",
        remedy="Read the message, correct the agent's task definition or image, then retry.",
    ),
    _EcsReason(
        words=r"ResourceInitializationError",
        error_class=ErrorClass.LAUNCH,
        reason="what the container needs could not be prepared",
        remedy="Read the message: the task's network, log group or volume is not as it should be.",
    ),
    _EcsReason(
        words=r"health ?check|become healthy|dependen",
        error_class=ErrorClass.LAUNCH,
        reason="a container beside the run did not come up",
        remedy="Read the log of the gateway container, then retry the task.",
    ),
)
_PATTERNS = tuple((re.compile(sign.words, re.IGNORECASE | re.DOTALL), sign) for sign in _SIGNS)
_NOT_STARTED = _EcsReason(
    words="",
    error_class=ErrorClass.LAUNCH,
    reason="the container never started",
    remedy="Read the message and the agent's task definition, then retry the task.",
)


def decide_stop(stop: StoppedRun) -> AttemptVerdict:
    """The verdict. Raises for nothing that ECS may say."""
    detail = stop.stopped_reason or stop.stop_code or "no reason given"
    if stop.stop_code == "UserInitiated":
        return _stopped(ErrorClass.CANCELLED, detail, cancelled=True, reason="stopped by hand")
    if stop.stop_code in {"SpotInterruption", "TerminationNotice"}:
        return _of_sign(_TAKEN_BACK, detail)
    # A run that has started speaks for itself by its exit code; a registry in its last words does
    # not matter any more.
    sign = next((sign for pattern, sign in _PATTERNS if pattern.search(detail)), None)
    if stop.stop_code == "TaskFailedToStart":
        return _of_sign(sign or _NOT_STARTED, detail)
    if sign is not None and (stop.exit_code is None or sign.error_class is ErrorClass.OOM):
        return _of_sign(sign, detail)
    if stop.exit_code == _KILLED:
        # ECS names no lack of memory: the host failed, or somebody killed it. Should it have been
        # memory all the same, trying again costs the attempts that are left.
        return _stopped(
            ErrorClass.KILLED, detail, ladder=RETRY_LADDER, reason="killed from outside"
        )
    code = "unknown" if stop.exit_code is None else str(stop.exit_code)
    return _stopped(
        ErrorClass.LOST,
        f"exit code {code}; {detail}",
        ladder=RETRY_LADDER,
        reason="the runner crashed",
    )


def _of_sign(sign: _EcsReason, detail: str) -> AttemptVerdict:
    return _stopped(
        sign.error_class,
        detail,
        remedy=sign.remedy,
        charged=sign.charged,
        ladder=sign.ladder,
        reason=sign.reason,
    )


def _stopped(  # noqa: PLR0913 - what differs between stops, by keyword
    error_class: ErrorClass,
    detail: str,
    *,
    reason: str,
    remedy: str | None = None,
    charged: bool = True,
    cancelled: bool = False,
    ladder: Sequence[float] = NO_WAIT,
) -> AttemptVerdict:
    error = RunError.of(error_class, f"{STOPPED}{detail}", remedy=remedy)
    return AttemptVerdict(
        attempt_status="lost",
        error=error,
        charged=charged,
        retryable=error.retryable,
        cancelled=cancelled,
        ladder=ladder,
        disables_agent=RULES[error_class].disables_agent,
        reason=reason,
    )
