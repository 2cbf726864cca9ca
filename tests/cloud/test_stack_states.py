"""Stacks in a state that a deployment has left: what helps is said before the next one begins."""

from __future__ import annotations

import json

import pytest

from aiwebhook_cli.cloud.account import Account
from aiwebhook_cli.cloud.stack_states import is_being_worked_on, stack_statuses, stuck_stacks
from tests.cloud.conftest import REGION, Cloud, always

pytestmark = pytest.mark.req("O1")
DATA = "AiWebhook-prod-data"


def left(monkeypatch: pytest.MonkeyPatch, status: str, *, protected: bool = False) -> Account:
    """The data stack alone is there, in this state."""

    def stack_status(_self: Account, name: str) -> str | None:
        return status if name == DATA else None

    monkeypatch.setattr(Account, "stack_status", stack_status)
    monkeypatch.setattr(Account, "is_protected", always(protected))
    monkeypatch.setattr(Account, "tags", always({"aiwebhook:stage": "prod"}))
    return Account(region=REGION, client=always(None))


@pytest.mark.parametrize(
    ("status", "protected", "remedy"),
    [
        ("UPDATE_ROLLBACK_FAILED", True, "continue-update-rollback --stack-name " + DATA),
        ("DELETE_FAILED", False, "'aiwebhook cloud destroy --stage prod'"),
        ("DELETE_IN_PROGRESS", False, "wait stack-delete-complete --stack-name " + DATA),
        ("ROLLBACK_COMPLETE", True, "--no-enable-termination-protection --stack-name " + DATA),
        ("ROLLBACK_FAILED", True, "--no-enable-termination-protection --stack-name " + DATA),
        # The CDK gets out of these by itself.
        ("ROLLBACK_COMPLETE", False, None),
        ("REVIEW_IN_PROGRESS", True, None),
        ("UPDATE_IN_PROGRESS", True, None),
        ("UPDATE_ROLLBACK_COMPLETE", True, None),
        ("UPDATE_COMPLETE", True, None),
    ],
)
def test_a_stack_that_no_deployment_gets_out_of_its_state_is_named_with_what_helps(
    monkeypatch: pytest.MonkeyPatch, status: str, protected: bool, remedy: str | None
) -> None:
    account = left(monkeypatch, status, protected=protected)
    found = list(stuck_stacks(account, "prod", stack_statuses(account, "prod")))
    assert [(each.name, each.status) for each in found] == ([(DATA, status)] if remedy else [])
    assert all(str(remedy) in each.remedy for each in found)


@pytest.mark.parametrize(
    ("status", "waits"),
    [("UPDATE_IN_PROGRESS", True), ("REVIEW_IN_PROGRESS", False), ("CREATE_COMPLETE", False)],
)
def test_two_deployments_at_once_wait_for_each_other(status: str, waits: bool) -> None:
    assert is_being_worked_on(status) is waits


def test_a_stuck_stack_stops_the_deployment_before_anything_is_built(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    left(monkeypatch, "UPDATE_ROLLBACK_FAILED")
    outcome = cloud("deploy", "--stage", "prod", "--json")
    problem = json.loads(outcome.err)
    assert (outcome.code, problem["code"]) == (1, "stack_stuck")
    assert "continue-update-rollback" in problem["remedy"]
    assert cloud.calls == []
    left(monkeypatch, "UPDATE_IN_PROGRESS")
    checks = {
        check["name"]: check for check in cloud("check", "--stage", "prod", "--json").json["checks"]
    }
    assert checks["stage"]["ok"] is None
    assert "somebody deploys, or a deployment was stopped" in checks["stage"]["found"]
