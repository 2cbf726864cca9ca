"""Rules are rows: kept, listed, replaced, forgotten; and tried without an effect."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.domain.identity import Scope
from tests.support.rules import any_rule, labelled_issue
from tests.support.session_api import ApiDriver

pytestmark = pytest.mark.req("W9")
SAMPLES = Path("examples/rules/github.toml")


def keep(driver: ApiDriver, rule_id: str = "agent-issues", **fields: Any) -> dict[str, Any]:
    made = driver.post("/v1/rules", any_rule(rule_id, **fields))
    assert made.status == 200, made.text
    return made.body


def tried(driver: ApiDriver, event: str = "issues", **fields: Any) -> list[dict[str, Any]]:
    body = {"event": event, "payload": labelled_issue(), **fields}
    answer = driver.post("/v1/rule-tests", body)
    assert answer.status == 200, answer.text
    return answer.body["items"]


def test_a_rule_is_kept_shown_replaced_and_forgotten(driver: ApiDriver) -> None:
    made = keep(driver)
    assert made["status"] == "active"
    assert (made["per_hour"], made["per_subject"]) == (10, 5)
    assert driver.get("/v1/rules/agent-issues").body == made
    keep(driver, "another")
    listed = driver.get("/v1/rules").body["items"]
    assert [rule["rule_id"] for rule in listed] == ["agent-issues", "another"]

    replaced = keep(driver, event="push", when=[], status="disabled", per_hour=3)
    assert (replaced["event"], replaced["when"], replaced["per_hour"]) == ("push", [], 3)
    assert replaced["created_at"] == made["created_at"]
    assert driver.call("DELETE", "/v1/rules/agent-issues").body == {"deleted": "agent-issues"}
    for refused in (
        driver.get("/v1/rules/agent-issues"),
        driver.get("/v1/rules/agent-issues/runs"),
        driver.call("DELETE", "/v1/rules/agent-issues"),
    ):
        assert (refused.status, refused.body["code"]) == (404, "rule_not_found")


TASK = any_rule()["task"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"rule_id": "Upper"}, "/rule_id"),
        ({"source": "a/b"}, "/source"),
        ({"when": [{"pointer": "/a"}]}, "/when/0"),
        ({"when": [{"pointer": "/a", "equals": "x", "exists": True}]}, "/when/0"),
        ({"when": [{"pointer": "a", "equals": "x"}]}, "/when/0/pointer"),
        ({"when": [{"pointer": "/a", "matches": "x"}]}, "/when/0/matches"),
        ({"senders": {"associations": ["FRIEND"]}}, "/senders/associations/0"),
        ({"task": {**TASK, "instructions": ""}}, "/task/instructions"),
        ({"task": {**TASK, "fields": ["issue"]}}, "/task/fields/0"),
        ({"task": {**TASK, "repo": "no repository"}}, "/task/repo"),
        ({"task": {**TASK, "pr": "draft"}}, "/task"),
        ({"task": {**TASK, "callback_url": "https://example.com"}}, "/task/callback_url"),
        ({"per_hour": 0}, "/per_hour"),
    ],
)
def test_what_cannot_work_is_refused(
    driver: ApiDriver, fields: dict[str, Any], pointer: str
) -> None:
    refused = driver.post("/v1/rules", {**any_rule(), **fields})
    assert refused.status == 422, refused.text
    assert any(e["pointer"].startswith(pointer) for e in refused.body["errors"]), refused.text
    assert driver.get("/v1/rules").body["items"] == []


def test_a_project_has_so_many_rules_at_most(driver: ApiDriver) -> None:
    keep(driver, "last")
    for number in range(99):
        keep(driver, f"rule-{number}")
    refused = driver.post("/v1/rules", any_rule("one-more"))
    assert (refused.status, refused.body["code"]) == (409, "too_many_rules")
    keep(driver, "last", description="replacing is possible")


@pytest.mark.req("S4")
def test_only_admins_of_the_project_see_and_change_a_rule(driver: ApiDriver) -> None:
    keep(driver)
    other, weak = driver.other_project(), driver.make_key(Scope.COMMANDS)
    path = "/v1/rules/agent-issues"
    assert other.get(path).status == other.call("DELETE", path).status == 404
    assert other.get(f"{path}/runs").status == 404
    assert other.get("/v1/rules").body["items"] == []
    assert tried(other) == []
    assert driver.get(path, token=weak).status == 403
    assert driver.get(path).status == 200
    keep(other)
    assert other.call("DELETE", path).status == 200
    assert driver.get(path).status == 200


def test_a_try_says_what_would_be_delegated_and_starts_nothing(driver: ApiDriver) -> None:
    keep(driver)
    keep(driver, "other", event="push")
    keep(driver, "off", status="disabled")
    keep(driver, "nobody", task={**TASK, "agent_name": "nobody_like_that"})
    by_id = {item["rule_id"]: item for item in tried(driver)}

    starts = by_id["agent-issues"]
    assert (starts["starts"], starts["subject"]) == (True, "octo/tree#7")
    assert starts["task"]["agent_name"] == "researcher"
    assert '"/issue/body": "They drip at night."' in starts["task"]["description"]
    assert by_id["other"]["reason"] == "it is for the event push"
    assert by_id["off"]["reason"] == "it is disabled"
    assert by_id["nobody"]["reason"] == "delegate_task refuses it: agent_not_found"
    assert driver.get("/v1/sessions").body["data"]["sessions"] == []
    assert driver.get("/v1/rules/agent-issues/runs").body["items"] == []


def test_rules_that_are_not_kept_can_be_tried(driver: ApiDriver) -> None:
    (item,) = tried(driver, rules=[any_rule("draft")])
    assert (item["rule_id"], item["starts"]) == ("draft", True)
    assert driver.get("/v1/rules").body["items"] == []


def test_the_samples_can_be_kept(driver: ApiDriver) -> None:
    for rule in tomllib.loads(SAMPLES.read_text("utf-8"))["rule"]:
        kept = driver.post("/v1/rules", rule)
        assert kept.status == 200, kept.text
    assert len(driver.get("/v1/rules").body["items"]) == 3
