"""What a stopped container leads to, in the words of ECS ("Stopped tasks error codes")."""

from __future__ import annotations

import pytest

from aiwebhook.domain.failure import RULES, ErrorClass
from aiwebhook.domain.say_ending import say_of_end
from aiwebhook.domain.stopped_run import StoppedRun, decide_stop

PULL = "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
SECRETS = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: "
)
NOT_FOUND = f"{PULL}failed to resolve ref 1.dkr.ecr.eu-west-1.amazonaws.com/runner:x: not found"
NO_PLATFORM = f"{PULL}image Manifest does not contain descriptor matching platform 'linux/arm64'"
PULL_TIMEOUT = f"{PULL}dial tcp 10.0.0.1:443: i/o timeout"
NO_SPACE = "CannotPullContainerError: write /var/lib/x: no space left on device"
NO_SECRET = (
    f"{SECRETS}unable to retrieve secret from asm: service call has been retried 1 time(s): failed "
    "to fetch secret arn:aws:secretsmanager:eu-west-1:1:secret:agent from secrets manager: "
    "ResourceNotFoundException: Secrets Manager can't find the specified secret."
)
NO_JSON_KEY = (
    f"{SECRETS}retrieved secret from Secrets Manager did not contain json key ANTHROPIC_API_KEY"
)
NO_TOKEN = f"{SECRETS}retrieved secret from Secrets Manager did not contain json key GITHUB_TOKEN"
NO_ROUTE = (
    f"{SECRETS}unable to retrieve ecr registry auth: service call has been retried 3 time(s): "
    "RequestError: send request failed"
)
NO_ACCESS_TO_SECRET = (
    f"{SECRETS}unable to retrieve secret from asm: AccessDeniedException: is not authorized to "
    "perform: secretsmanager:GetSecretValue"
)
NO_REGISTRY = f"{SECRETS}unable to retrieve ecr registry auth: AccessDeniedException"
LOGS = "ResourceInitializationError: failed to validate logger args: create stream has been retried"
NO_RIGHT_TO_PULL = (
    f"{SECRETS}unable to retrieve ecr registry auth: AccessDeniedException: User: x is "
    "not authorized to perform: ecr:GetAuthorizationToken on resource: *"
)
NO_ASSUMED_ROLE = (
    "ECS was unable to assume the role 'arn:aws:iam::1:role/execution' that was provided for this "
    "task."
)
NO_LINKED_ROLE = (
    "Unable to assume the service linked role. Please verify that the ECS service linked role "
    "exists."
)
LIMIT = "You've reached the limit on the number of vCPUs you can run concurrently"
START = "CannotStartContainerError: failed to get container status: exec format error"
ENI = "Timeout waiting for network interface provisioning to complete."
UNHEALTHY = "Task failed to start: container gateway did not become healthy"
LOCAL_SECRET = "cannot read secret AgentSecretAnthropicApiKey"
OUT_OF_MEMORY = (
    "Essential container in task exited; OutOfMemoryError: Container killed due to memory usage"
)
SPOT = "Your Spot Task was interrupted."
EXITED = "Essential container in task exited"
MAINTENANCE = (
    "Amazon ECS is performing maintenance on the underlying infrastructure hosting the task."
)

TABLE = [
    ("TaskFailedToStart", None, NOT_FOUND, ErrorClass.NO_IMAGE, True),
    ("TaskFailedToStart", None, NO_PLATFORM, ErrorClass.NO_IMAGE, True),
    ("TaskFailedToStart", None, "CannotPullECRContainerError: denied", ErrorClass.NO_IMAGE, True),
    ("TaskFailedToStart", None, NO_REGISTRY, ErrorClass.NO_IMAGE, True),
    ("TaskFailedToStart", None, NO_RIGHT_TO_PULL, ErrorClass.NO_IMAGE, True),
    ("TaskFailedToStart", None, NO_ASSUMED_ROLE, ErrorClass.NO_ROLE, True),
    ("TaskFailedToStart", None, NO_LINKED_ROLE, ErrorClass.NO_ROLE, True),
    ("TaskFailedToStart", None, LIMIT, ErrorClass.ACCOUNT_LIMIT, True),
    ("TaskFailedToStart", None, PULL_TIMEOUT, ErrorClass.NETWORK, True),
    ("TaskFailedToStart", None, NO_ROUTE, ErrorClass.NETWORK, True),
    ("TaskFailedToStart", None, NO_SPACE, ErrorClass.OOM, True),
    ("TaskFailedToStart", None, NO_SECRET, ErrorClass.NO_SECRET, True),
    ("TaskFailedToStart", None, NO_ACCESS_TO_SECRET, ErrorClass.NO_SECRET, True),
    ("TaskFailedToStart", None, NO_TOKEN, ErrorClass.NO_SECRET, True),
    ("TaskFailedToStart", None, LOCAL_SECRET, ErrorClass.NO_SECRET, True),
    ("TaskFailedToStart", None, NO_JSON_KEY, ErrorClass.NO_SECRET, True),
    ("TaskFailedToStart", None, LOGS, ErrorClass.LAUNCH, True),
    ("TaskFailedToStart", None, START, ErrorClass.LAUNCH, True),
    ("TaskFailedToStart", None, ENI, ErrorClass.LAUNCH, True),
    ("TaskFailedToStart", None, UNHEALTHY, ErrorClass.LAUNCH, True),
    ("TaskFailedToStart", None, "", ErrorClass.LAUNCH, True),
    ("EssentialContainerExited", None, NOT_FOUND, ErrorClass.NO_IMAGE, True),
    (None, None, NO_SECRET, ErrorClass.NO_SECRET, True),
    ("EssentialContainerExited", 137, OUT_OF_MEMORY, ErrorClass.OOM, True),
    ("EssentialContainerExited", 137, EXITED, ErrorClass.KILLED, True),
    ("EssentialContainerExited", 137, "", ErrorClass.KILLED, True),
    (None, 137, "", ErrorClass.KILLED, True),
    ("EssentialContainerExited", 1, EXITED, ErrorClass.LOST, True),
    ("EssentialContainerExited", 0, EXITED, ErrorClass.LOST, True),
    ("EssentialContainerExited", 139, EXITED, ErrorClass.LOST, True),
    (None, None, "", ErrorClass.LOST, True),
    ("SpotInterruption", 137, SPOT, ErrorClass.KILLED, False),
    ("SpotInterruption", None, "", ErrorClass.KILLED, False),
    ("TerminationNotice", 143, "", ErrorClass.KILLED, False),
    ("EssentialContainerExited", None, MAINTENANCE, ErrorClass.KILLED, False),
    ("UserInitiated", 143, "", ErrorClass.CANCELLED, True),
]


@pytest.mark.req("T7", "T6")
@pytest.mark.parametrize(("stop_code", "exit_code", "reason", "error_class", "charged"), TABLE)
def test_a_stop_is_classified_by_what_ecs_says(
    stop_code: str | None,
    exit_code: int | None,
    reason: str,
    error_class: ErrorClass,
    charged: bool,
) -> None:
    stop = StoppedRun(
        attempt_id="att_1", stop_code=stop_code, exit_code=exit_code, stopped_reason=reason
    )
    verdict = decide_stop(stop)
    assert verdict.error is not None
    assert verdict.error.error_class is error_class
    assert (verdict.charged, verdict.retryable) == (charged, RULES[error_class].retryable)
    assert verdict.cancelled == (error_class is ErrorClass.CANCELLED)
    assert verdict.disables_agent == (
        error_class
        in {ErrorClass.NO_IMAGE, ErrorClass.NO_SECRET, ErrorClass.NO_KEY, ErrorClass.NO_ROLE}
    )
    assert verdict.reason
    say = say_of_end("failed", agent="Claude Code", error=verdict.error.as_json())
    cause = RULES[error_class].cause.replace("{agent}", "Claude Code")
    assert say.startswith(cause), "what AWS says is for those who read"


@pytest.mark.req("T6")
@pytest.mark.parametrize(
    "reason",
    [NOT_FOUND, NO_SECRET, NO_JSON_KEY, NO_SPACE, LOGS, UNHEALTHY, ENI, NO_LINKED_ROLE, ""],
)
def test_what_is_no_quota_is_not_answered_with_quotas(reason: str) -> None:
    stop = StoppedRun(attempt_id="att_1", stop_code="TaskFailedToStart", stopped_reason=reason)
    error = decide_stop(stop).error
    assert error is not None
    assert "quota" not in error.remedy.lower()


@pytest.mark.req("T6")
def test_remedies_of_stops_name_what_to_change() -> None:
    def remedy(reason: str) -> str:
        stop = StoppedRun(attempt_id="att_1", stop_code="TaskFailedToStart", stopped_reason=reason)
        error = decide_stop(stop).error
        assert error is not None
        return error.remedy

    assert "aiwebhook cloud images" in remedy(NOT_FOUND)
    assert "execution role" in remedy(NO_RIGHT_TO_PULL)
    assert "create-service-linked-role" in remedy(NO_LINKED_ROLE)
    assert "Deploy the stack again" in remedy(NO_ASSUMED_ROLE)
    assert "Service Quotas" in remedy(LIMIT)
    assert "that the message names" in remedy(NO_JSON_KEY)
    assert "execution role" in remedy(NO_SECRET)
    assert "subnets" in remedy(PULL_TIMEOUT)
    assert "ephemeral_gib" in remedy(NO_SPACE)
