from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiwebhook.ports.deliveries import ClaimedDelivery
from aiwebhook.usecases.callback_body import FULL_LIMIT, callback_body
from tests.support.events import SOME_TIME
from tests.support.notifier import NotifierDriver

CLAIMED = ClaimedDelivery(
    delivery_id="dlv_1",
    project_id="default",
    url="https://hooks.example.com/",
    attempts=1,
    leased_until=SOME_TIME,
    endpoint_id="ep_1",
    responsive=True,
    payload="thin",
    failures=0,
    secret_version=1,
    rotating=False,
    event_no=7,
    event_id="evt_1",
    event_type="task.completed",
    session_id="carbon_planning",
    seq=42,
    task_id="task_1",
    agent_name="researcher",
    event_data={"agent_name": "researcher"},
    correlation_id="corr_1",
    created_at=SOME_TIME,
    say="The brief is ready.",
    output={"brief": "long"},
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)
objects = st.dictionaries(st.text(), values, max_size=10)


def told(claimed: ClaimedDelivery) -> dict[str, Any]:
    return json.loads(callback_body(claimed))


@pytest.mark.req("N1")
def test_a_thin_callback_tells_what_happened_and_where_the_result_is() -> None:
    assert told(CLAIMED) == {
        "type": "task.completed",
        "timestamp": "2026-11-22T10:30:00.000Z",
        "data": {
            "event_id": "evt_1",
            "project_id": "default",
            "session_id": "carbon_planning",
            "seq": 42,
            "task_id": "task_1",
            "agent_name": "researcher",
            "status": "completed",
            "say": "The brief is ready.",
            "result_url": "/v1/tasks/task_1",
            "correlation_id": "corr_1",
        },
    }


@pytest.mark.req("T6")
def test_a_failure_tells_its_class_and_remedy() -> None:
    error = {"error_class": "auth", "message": "No key.", "remedy": "Set a key.", "stack": "x"}
    data = told(replace(CLAIMED, event_type="task.failed", error=error))["data"]
    assert data["status"] == "failed"
    assert data["error"] == {
        "error_class": "auth",
        "message": "No key.",
        "remedy": "Set a key.",
    }


@pytest.mark.req("N1")
def test_other_events_tell_their_plain_facts() -> None:
    facts = {"key": "goal", "type": "decision", "version": 2, "tags": ["a"], "big": "x" * 9000}
    stored = replace(CLAIMED, event_type="memory.stored", task_id=None, event_data=facts, say=None)
    data = told(stored)["data"]
    assert data["facts"] == {"key": "goal", "type": "decision", "version": 2}
    assert data["result_url"] == "/v1/sessions/carbon_planning/events?after_seq=41&limit=1"
    assert "status" not in data


@pytest.mark.req("N1")
def test_an_artifact_is_named_by_its_own_url() -> None:
    made = replace(CLAIMED, event_type="artifact.created", event_data={"artifact_id": "a/b"})
    assert told(made)["data"]["result_url"] == "/v1/artifacts/a%2Fb"


@pytest.mark.req("N1")
def test_a_full_callback_carries_everything() -> None:
    data = told(replace(CLAIMED, payload="full"))["data"]
    assert data["output"] == {"brief": "long"}
    assert data["event"] == {"agent_name": "researcher"}


@pytest.mark.req("N1")
def test_a_full_callback_that_is_too_large_is_sent_thin_and_says_so() -> None:
    large = replace(CLAIMED, payload="full", output="x" * FULL_LIMIT)
    data = told(large)["data"]
    assert data["truncated"] is True
    assert "output" not in data


@pytest.mark.req("N1")
@settings(max_examples=60)
@given(
    say=st.none() | st.text().map(lambda text: text * 1000),
    error=st.none() | objects,
    facts=objects,
    event_type=st.sampled_from(["task.failed", "memory.stored", "agent.offline"]),
)
def test_a_thin_callback_stays_below_20_kb(
    say: str | None, error: dict[str, Any] | None, facts: dict[str, Any], event_type: str
) -> None:
    claimed = replace(CLAIMED, say=say, error=error, event_data=facts, event_type=event_type)
    assert len(callback_body(claimed)) < 20_000


@pytest.mark.req("N1")
@pytest.mark.parametrize("text", ["😀" * 5000, "\x00" * 5000, "é" * 5000, '"' * 9000])
def test_text_that_grows_when_escaped_is_cut_by_its_escaped_size(text: str) -> None:
    error = {"error_class": text, "message": text, "remedy": text}
    claimed = replace(CLAIMED, say=text, error=error, event_data={"a": text}, correlation_id=text)
    assert len(callback_body(claimed)) < 20_000


@pytest.mark.req("N1")
def test_a_completed_task_tells_its_result(notifier: NotifierDriver) -> None:
    task_id = notifier.enqueue(agent_name="researcher")
    notifier.sql(
        "INSERT INTO task_results (project_id, task_id, lease_epoch, output, say)"
        " VALUES (%(project_id)s, %(task_id)s, 1, '{\"brief\": 1}', 'Done.')",
        task_id=task_id,
    )
    event_no = notifier.event(task_id=task_id)
    notifier.deliver_to(notifier.register(), event_no=event_no)
    notifier.deliver_to(notifier.register(payload="full"), event_no=event_no)
    notifier.notify(event_no)
    bodies = [json.loads(callback.body)["data"] for callback in notifier.sender.sent]
    thin, full = sorted(bodies, key=lambda data: "output" in data)
    assert (thin["say"], thin["agent_name"], thin["task_id"]) == ("Done.", "researcher", task_id)
    assert full["output"] == {"brief": 1}
