"""ECS: one Fargate task per attempt, started and stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from aiwebhook.aws.signed_request import AwsClient, AwsRefused
from aiwebhook.domain.failure import ErrorClass
from aiwebhook.domain.plain_text import plain_line
from aiwebhook.ports.launcher import RUN_CONTAINER, Launched, LaunchRefused, LaunchRequest

_SERVICE = "AmazonEC2ContainerServiceV20141113"
_TARGET = f"{_SERVICE}.RunTask"
_GONE = frozenset({"ClusterNotFoundException", "InvalidParameterException"})
"""StopTask of a task that stopped more than an hour ago, or went with its cluster."""
# Refusals that waiting does not cure: somebody must change the deployment first.
_PERMANENT = frozenset(
    {
        "AccessDeniedException",
        "BlockedException",
        "ClusterNotFoundException",
        "InvalidParameterException",
        "PlatformTaskDefinitionIncompatibilityException",
        "PlatformUnknownException",
        "UnsupportedFeatureException",
    }
)


_ECS_OWN = _PERMANENT | {"ClientException", "LimitExceededException"}
"""Whose messages are ECS's; those of the signature repeat signed headers."""
_DEPLOY = "Deploy the stack again: its cluster or the agent's task definition is not there."
_ALLOW = "Let the dispatcher's role run and pass the roles of this task definition."
_STOPPED_FOR = "It was cancelled, or its lease has ended."
_COMPUTE = "Give the agent a compute size that Fargate sells and the account allows."
_LONGEST = 400  # characters of a reason: it becomes a task's error
# How a reason of `failures[]` begins ("API failure reasons" of the ECS guide). RESOURCE:*, AGENT,
# LOCATION and the words about capacity are missing here: they pass with time.
_FOR_GOOD: Mapping[str, str] = {
    "MISSING": _DEPLOY,
    "INACTIVE": _DEPLOY,
    "ATTRIBUTE": _COMPUTE,
    "EMPTY CAPACITY PROVIDER": _DEPLOY,
    "NO ACTIVE INSTANCES": _DEPLOY,
}
_NEVER = "above your limit"
"""Of a quota that one run alone is too large for: waiting does not help."""
_LIMITS = (_NEVER, "reached the limit", "limit exceeded", "LimitExceeded")
_SERVICE_ROLE = "service linked role"
_REMEDIES: Mapping[str, str] = {
    "AccessDeniedException": _ALLOW,
    "ClusterNotFoundException": _DEPLOY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FargatePlace:
    """Where runs are started; `task_definitions` is agent name → family, without a revision,
    because a revision named here is inactive after the next deployment."""

    cluster_arn: str
    task_definitions: Mapping[str, str]
    subnet_ids: tuple[str, ...]
    security_group_id: str
    api_url: str
    spot_agents: frozenset[str] = frozenset()
    """Whose runs are bought as Spot: cheaper, and taken back with two minutes' warning."""


class FargateLauncher:
    """TaskLauncher by RunTask. The client token is the attempt id: asking twice starts one task."""

    def __init__(self, client: AwsClient, place: FargatePlace) -> None:
        self._client = client
        self._place = place

    def launch(self, request: LaunchRequest) -> Launched | LaunchRefused:
        """Start one run. Raises Unavailable when the outcome is unknown: ask again with
        the same attempt.
        """
        family = self._place.task_definitions.get(request.agent_name)
        if family is None:
            return LaunchRefused(
                reason=f"No task definition for agent '{request.agent_name}'.",
                retryable=False,
                remedy=_DEPLOY,
            )
        try:
            answer = self._client.json(_TARGET, self._run_task(request, family))
        except AwsRefused as exc:
            return _refusal(exc)
        return _outcome(answer)

    def _run_task(self, request: LaunchRequest, family: str) -> dict[str, Any]:
        # Overrides are echoed in DescribeTasks, ECS events and CloudTrail: ids and a single-use
        # code only.
        environment = {
            "AIWEBHOOK_API_URL": self._place.api_url,
            "AIWEBHOOK_TASK_ID": request.task_id,
            "AIWEBHOOK_BOOTSTRAP_CODE": request.bootstrap_code,
            "AIWEBHOOK_CORRELATION_ID": request.correlation_id,
        }
        return {
            "cluster": self._place.cluster_arn,
            "taskDefinition": family,
            "clientToken": request.attempt_id,
            "startedBy": request.attempt_id,
            "count": 1,
            **self._purchase(request.agent_name),
            # Under these a bill shows what an agent or a project costs. The stack's
            # own tags come from the task definition.
            "propagateTags": "TASK_DEFINITION",
            "tags": [
                {"key": "aiwebhook:agent", "value": request.agent_name},
                {"key": "aiwebhook:project", "value": request.project_id},
                {"key": "aiwebhook:task", "value": request.task_id},
            ],
            "networkConfiguration": {
                "awsvpcConfiguration": {
                    "subnets": list(self._place.subnet_ids),
                    "securityGroups": [self._place.security_group_id],
                    "assignPublicIp": "ENABLED",  # no NAT to pay for; the group has no ingress
                }
            },
            "overrides": {
                "containerOverrides": [
                    {
                        "name": RUN_CONTAINER,
                        "environment": [{"name": n, "value": v} for n, v in environment.items()],
                    }
                ]
            },
        }

    def _purchase(self, agent_name: str) -> dict[str, Any]:
        if agent_name in self._place.spot_agents:
            return {"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]}
        return {"launchType": "FARGATE"}


class FargateStopper:
    """RunStopper by StopTask: SIGTERM, and SIGKILL after the container's stopTimeout."""

    def __init__(self, client: AwsClient) -> None:
        self._client = client

    def stop(self, runtime_ref: str) -> None:
        """Have the task of this ARN ended. Raises Unavailable."""
        # arn:aws:ecs:<region>:<account>:task/<cluster>/<id>
        cluster = runtime_ref.split("/")[-2]
        request = {"cluster": cluster, "task": runtime_ref, "reason": _STOPPED_FOR}
        try:
            self._client.json(f"{_SERVICE}.StopTask", request)
        except AwsRefused as exc:
            if exc.aws_code not in _GONE:
                raise


def _outcome(answer: Mapping[str, Any]) -> Launched | LaunchRefused:
    tasks = cast(list[dict[str, Any]], answer.get("tasks") or [])
    if tasks:
        return Launched(runtime_ref=str(tasks[0].get("taskArn", "")))
    # HTTP 200 with an empty list is how RunTask says no.
    failures = cast(list[dict[str, Any] | None], answer.get("failures") or [])
    reasons = [(f.get("reason"), f.get("detail")) for f in failures if f]
    lines = [": ".join(str(part) for part in parts if part) for parts in reasons]
    reason = plain_line("; ".join(filter(None, lines)), limit=_LONGEST)
    reason = reason or "RunTask started no task and gave no reason."
    of_account = _lacking_in_account(reason)
    if of_account is not None:
        return of_account
    remedy = next((text for start, text in _FOR_GOOD.items() if reason.startswith(start)), None)
    return LaunchRefused(reason=reason, retryable=remedy is None, remedy=remedy)


def _lacking_in_account(reason: str) -> LaunchRefused | None:
    """A quota or a role that the account lacks, which no deployment of ours changes."""
    if _SERVICE_ROLE in reason.replace("-", " "):
        return LaunchRefused(reason=reason, retryable=False, error_class=ErrorClass.NO_ROLE)
    if any(words.lower() in reason.lower() for words in _LIMITS):
        waiting_helps = _NEVER not in reason
        return LaunchRefused(
            reason=reason, retryable=waiting_helps, error_class=ErrorClass.ACCOUNT_LIMIT
        )
    return None


def _refusal(exc: AwsRefused) -> Launched | LaunchRefused:
    if exc.aws_code == "ConflictException":
        # The token was used with another request, for example before a deployment: that task runs.
        known = cast(list[str], exc.fault.get("resourceIds") or [])
        if known:
            return Launched(runtime_ref=known[0])
    if exc.throttled:
        return LaunchRefused(reason=exc.aws_code, retryable=True)
    if exc.status >= 500:
        raise exc
    of_account = _lacking_in_account(_explained(exc)) if exc.aws_code in _ECS_OWN else None
    if of_account is not None:
        return of_account
    if exc.aws_code in _PERMANENT:
        remedy = _REMEDIES.get(exc.aws_code)
        return LaunchRefused(reason=_explained(exc), retryable=False, remedy=remedy)
    if exc.aws_code == "ClientException":  # limits reached, but also "TaskDefinition is inactive"
        gone = "TaskDefinition" in exc.aws_message
        return LaunchRefused(
            reason=_explained(exc), retryable=not gone, remedy=_DEPLOY if gone else None
        )
    return LaunchRefused(reason=exc.aws_code, retryable=True)  # expired credentials and the like


def _explained(exc: AwsRefused) -> str:
    """Only for ECS's own errors: those of the signature repeat signed headers in their message."""
    return plain_line(f"{exc.aws_code}: {exc.aws_message}", limit=_LONGEST)
