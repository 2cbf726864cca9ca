"""What RunTask is asked for a run, and which refusals are the account's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from aiwebhook.aws.ecs import FargateLauncher
from aiwebhook.domain.failure import ErrorClass
from aiwebhook.ports.launcher import LaunchRefused
from tests.aws.test_ecs import PLACE, STARTED, ScriptedClient, any_launch, refusal

LINKED_ROLE = (
    "Unable to assume the service linked role. Please verify that the ECS service linked role "
    "exists."
)


def failed(reason: str) -> dict[str, Any]:
    """RunTask's way of saying no: HTTP 200, and this."""
    return {"tasks": [], "failures": [{"reason": reason}]}


@pytest.mark.req("T3", "T6")
@pytest.mark.parametrize(
    ("answer", "error_class", "retryable"),
    [
        (failed("You've reached the limit on the number of vCPUs"), ErrorClass.ACCOUNT_LIMIT, True),
        (
            failed("The requested CPU configuration is above your limit"),
            ErrorClass.ACCOUNT_LIMIT,
            False,
        ),
        (
            refusal("ClientException", "You've reached the limit on tasks"),
            ErrorClass.ACCOUNT_LIMIT,
            True,
        ),
        (refusal("InvalidParameterException", LINKED_ROLE), ErrorClass.NO_ROLE, False),
        (failed("RESOURCE:MEMORY"), ErrorClass.LAUNCH, True),
        (refusal("InvalidParameterException", "No subnets"), ErrorClass.LAUNCH, False),
    ],
)
def test_what_the_account_lacks_has_a_class_of_its_own(
    answer: Mapping[str, Any] | Exception, error_class: ErrorClass, retryable: bool
) -> None:
    outcome = FargateLauncher(ScriptedClient(answer), PLACE).launch(any_launch())
    assert isinstance(outcome, LaunchRefused)
    assert (outcome.error_class, outcome.retryable) == (error_class, retryable)


@pytest.mark.req("T3")
def test_a_run_is_tagged_with_what_its_cost_belongs_to() -> None:
    client = ScriptedClient(STARTED)
    FargateLauncher(client, PLACE).launch(any_launch())
    request = client.requests[0][1]
    assert {tag["key"]: tag["value"] for tag in request["tags"]} == {
        "aiwebhook:agent": "researcher",
        "aiwebhook:project": "default",
        "aiwebhook:task": "task_1",
    }
    assert request["propagateTags"] == "TASK_DEFINITION"


@pytest.mark.req("T3")
def test_an_agent_on_spot_is_bought_so_and_no_other() -> None:
    """ECS takes a launch type or a strategy, and refuses both together."""
    client = ScriptedClient(STARTED)
    launcher = FargateLauncher(client, replace(PLACE, spot_agents=frozenset({"researcher"})))
    launcher.launch(any_launch())
    FargateLauncher(client, replace(PLACE, spot_agents=frozenset({"codex"}))).launch(any_launch())
    spot, other = (request for _, request in client.requests)
    assert spot["capacityProviderStrategy"] == [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    assert "launchType" not in spot
    assert "capacityProviderStrategy" not in other
