"""The sample rules on GitHub's own examples: what they are for starts, and nothing else."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.domain.rule import EventRule, rule_of
from aiwebhook.domain.rule_decision import Occurrence, decide_rule, order_of
from tests.support.github_examples import EDITIONS, FOLDER, GithubExample, github_examples
from tests.support.rules import came_from_github

pytestmark = [
    pytest.mark.req("W9"),
    pytest.mark.skipif(not FOLDER.exists(), reason="`make test-relay` installs them"),
]
SAMPLES = Path(__file__).resolve().parents[2] / "examples/rules/github.toml"
Change = Callable[[dict[str, Any]], None]


def samples() -> dict[str, EventRule]:
    rules = tomllib.loads(SAMPLES.read_text("utf-8"))["rule"]
    return {
        rule["rule_id"]: rule_of(
            rule["rule_id"], source="github", event=rule["event"], definition=rule
        )
        for rule in rules
    }


def came(example: GithubExample, change: Change | None = None) -> Occurrence:
    payload = json.loads(example.text)
    if change is not None:
        change(payload)
    return came_from_github(payload, event=example.event)


def started(example: GithubExample, change: Change | None = None) -> list[str]:
    event = came(example, change)
    return [name for name, rule in samples().items() if decide_rule(rule, event).starts]


@pytest.mark.parametrize("edition", EDITIONS)
def test_no_example_starts_anything_as_it_is(edition: str) -> None:
    examples = github_examples(edition)
    assert len(examples) == EDITIONS[edition]
    for example in examples:
        assert started(example) == [], example.event
        for name, rule in samples().items():
            assert order_of(rule, came(example), delivery_id="in_1").data, name


def label_agent(payload: dict[str, Any]) -> None:
    payload["label"]["name"] = "agent"


def ask_in_a_pull_request(payload: dict[str, Any]) -> None:
    payload["issue"]["pull_request"] = {"url": "https://api.github.com/…"}
    payload["comment"]["body"] = "/agent what do you think?"


def fail_on_main(payload: dict[str, Any]) -> None:
    payload["workflow_run"] |= {"conclusion": "failure", "event": "push", "head_branch": "main"}


@pytest.mark.parametrize(
    ("rule_id", "event", "action", "change"),
    [
        ("agent-issues", "issues", "labeled", label_agent),
        ("pull-request-comments", "issue_comment", "created", ask_in_a_pull_request),
        ("failed-ci", "workflow_run", "completed", fail_on_main),
    ],
)
def test_each_sample_starts_for_what_it_is_for(
    rule_id: str, event: str, action: str, change: Change
) -> None:
    found = [e for e in github_examples("api.github.com") if (e.event, e.action) == (event, action)]
    assert found
    for example in found:
        assert started(example, change) == [rule_id]
        order = order_of(samples()[rule_id], came(example, change), delivery_id="in_1")
        assert "Codertocat/Hello-World" in order.data["description"] or rule_id == "failed-ci"
        assert ": null" not in order.data["description"].split("----- data")[1]


@pytest.mark.parametrize("rule_id", ["agent-issues", "pull-request-comments"])
def test_a_stranger_starts_no_sample(rule_id: str) -> None:
    changes = {
        "agent-issues": ("issues", label_agent, "issue"),
        "pull-request-comments": ("issue_comment", ask_in_a_pull_request, "comment"),
    }
    event, change, author = changes[rule_id]

    def by_a_stranger(payload: dict[str, Any]) -> None:
        change(payload)
        payload[author]["author_association"] = "NONE"

    for example in github_examples("api.github.com"):
        if example.event == event and example.action in {"labeled", "created"}:
            assert started(example, by_a_stranger) == []
