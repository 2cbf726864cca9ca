"""A name out of a fixed list that is none of it is refused, and the list is told."""

from __future__ import annotations

from typing import Any

import pytest

from aiwebhook.domain.event import PUBLISHED, EventType
from tests.support.session_api import ApiDriver

URL = "https://example.com/hook"


@pytest.mark.req("N1")
@pytest.mark.parametrize("name", ["task.done", "Task.Completed", "task.progress", "*", ""])
def test_an_endpoint_is_for_published_types_only(driver: ApiDriver, name: str) -> None:
    told = driver.post("/v1/endpoints", {"url": URL, "event_types": [name]})

    assert told.status == 422, told.text
    (error,) = told.body["errors"]
    assert error["pointer"] == "/event_types/0"
    assert all(str(each) in error["message"] for each in PUBLISHED)
    assert driver.get("/v1/endpoints").body["items"] == []


@pytest.mark.req("N1")
def test_every_published_type_is_taken_and_changes_are_checked_too(driver: ApiDriver) -> None:
    types = sorted(PUBLISHED)
    made = driver.post("/v1/endpoints", {"url": URL, "event_types": types})
    assert made.status == 200, made.text

    path = f"/v1/endpoints/{made.body['endpoint_id']}"
    changed = driver.call("PATCH", path, {"event_types": ["task.done"]})

    assert changed.status == 422
    assert driver.get(path).body["event_types"] == types


@pytest.mark.req("D1")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/events?types=task.done", 422),
        ("/v1/events?types=" + ",".join(EventType), 200),
        ("/v1/deliveries?status=lost", 422),
        ("/v1/tasks?status=done", 422),
        ("/v1/tasks?agent_name=reseacher", 404),
        ("/v1/tasks?agent_name=researcher", 200),
        ("/v1/sessions?filter=open", 422),
    ],
)
def test_filters_of_names_that_there_are_not_are_no_empty_lists(
    driver: ApiDriver, path: str, status: int
) -> None:
    assert driver.get(path).status == status, path


@pytest.mark.req("T4")
def test_run_events_are_taken_as_a_bare_array_too(driver: ApiDriver) -> None:
    driver.task()
    run = driver.claim()
    lines: Any = [{"type": "log", "data": {"text": "one"}}, {"type": "log"}]

    told = run.post("events", lines)

    assert (told.status, told.body["accepted"]) == (200, 2), told.text


@pytest.mark.req("D1")
def test_health_has_an_alias(driver: ApiDriver) -> None:
    assert driver.get("/health", token=None).body == driver.get("/healthz", token=None).body
