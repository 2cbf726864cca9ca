"""events/list and events/poll: what may be followed, and what happened since."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from aiwebhook.clock import utc_now
from session_api.mcp.eras import MODERN
from session_api.mcp.events.refusals import EVENTS_EXTENSION
from tests.support.mcp import McpClient
from tests.support.session_api import BRIEF, ApiDriver

pytestmark = pytest.mark.req("N6")
Json = dict[str, Any]


def poll(client: McpClient, name: str = "task.updated", /, **params: Any) -> Json:
    """The result of a poll."""
    return client.result("events/poll", {"name": name, "arguments": {}, **params})


def error_of(client: McpClient, **params: Any) -> Json:
    """Of a poll that is refused."""
    return client.call("events/poll", {"name": "task.updated", **params})["error"]


def completed(driver: ApiDriver, session_id: str | None = None, say: str = "Copper it is.") -> str:
    """A task that has ended; its id."""
    task_id = driver.task(session_id)
    assert driver.claim().post("complete", {"output": BRIEF, "say": say}).status == 200
    return task_id


def now(client: McpClient, name: str = "task.updated", **arguments: Any) -> str:
    """A cursor for what happens from here on."""
    fresh = poll(client, name, arguments=arguments)
    assert (fresh["events"], fresh["truncated"], fresh["hasMore"]) == ([], False, False)
    return fresh["cursor"]


@pytest.mark.parametrize("version", [MODERN, "2025-11-25"])
def test_both_keys_announce_events_in_both_eras(driver: ApiDriver, version: str) -> None:
    client = McpClient(driver=driver, version=version)
    method = "server/discover" if version == MODERN else "initialize"
    capabilities = client.result(method, {"protocolVersion": version})["capabilities"]
    assert (
        capabilities["events"]
        == capabilities["extensions"][EVENTS_EXTENSION]
        == {"listChanged": False}
    )


def test_every_kind_is_described_and_its_schemas_are_schemas(client: McpClient) -> None:
    listed = client.result("events/list")
    names = [each["name"] for each in listed["events"]]
    assert names[0] == "task.updated"
    assert len(set(names)) == len(names)
    assert "nextCursor" not in listed
    for each in listed["events"]:
        assert each["description"]
        assert each["delivery"]
        assert set(each["delivery"]) <= {"webhook", "poll"}
        Draft202012Validator.check_schema(each["inputSchema"])
        Draft202012Validator.check_schema(each["payloadSchema"])
    assert client.call("events/list", {"cursor": "x"})["error"]["code"] == -32602


def test_a_poll_tells_what_happened_behind_its_cursor_and_nothing_earlier(
    driver: ApiDriver, client: McpClient
) -> None:
    completed(driver, say="Too early.")
    cursor = now(client)
    session = driver.session()
    task = completed(driver, session)
    told = poll(client, cursor=cursor)
    (event,) = told["events"]
    assert event["name"] == "task.updated"
    assert event["data"] == {
        "say": "Copper it is.",
        "title": "A title",
        "type": "task.completed",
        "status": "completed",
        "task_id": task,
        "session_id": session,
        "agent": "researcher",
        "seq": event["data"]["seq"],
        "read_with": {"tool": "get_task", "arguments": {"task": task}},
        "actor": {"kind": "agent", "self": False},
    }
    (logged,) = driver.get("/v1/events?types=task.completed&after=" + cursor).body["items"]
    assert (event["eventId"], event["timestamp"]) == (logged["id"], logged["time"])
    assert poll(client, cursor=cursor)["events"] == told["events"]
    assert poll(client, cursor=told["cursor"])["events"] == []
    assert poll(client, cursor=event["cursor"])["events"] == []


def test_every_kind_tells_what_its_schema_promises(driver: ApiDriver, client: McpClient) -> None:
    kinds = {each["name"]: each for each in client.result("events/list")["events"]}
    cursor = now(client)
    session = driver.session()
    driver.post(f"/v1/sessions/{session}/memories", {"type": "fact", "key": "a", "content": "b"})
    driver.task(session)
    run = driver.claim()
    run.post("events", {"events": [{"type": "progress", "data": {"message": "half"}}]})
    run.post("artifacts", {"name": "plan.md", "type": "report", "content": "# Plan"})
    run.post("complete", {"output": BRIEF})
    driver.task(session, max_attempts=1)
    driver.claim().post("fail", {"error_class": "bad_luck", "message": "m"})
    seen = {name: poll(client, name, cursor=cursor)["events"] for name in kinds}
    quiet = {"delivery.received", "task.input_required"}
    assert {name for name, events in seen.items() if not events} == quiet
    for name, events in seen.items():
        promised: Any = Draft202012Validator(kinds[name]["payloadSchema"])
        for event in events:
            promised.validate(event["data"])
            assert len(json.dumps(event)) < 5_000


def test_filters_keep_to_a_session_a_task_an_agent_and_types(
    driver: ApiDriver, client: McpClient
) -> None:
    cursor = now(client)
    session = driver.session()
    task, other = completed(driver, session), completed(driver)

    def tasks(**arguments: Any) -> set[str]:
        events = poll(client, cursor=cursor, arguments=arguments)["events"]
        return {event["data"]["task_id"] for event in events}

    assert tasks() == {task, other}
    assert tasks(session_id=session) == {task}
    assert tasks(task_id=other) == {other}
    assert tasks(agent="researcher", types=["task.completed"]) == {task, other}
    assert tasks(agent="notes") == tasks(types=["task.failed"]) == set()
    for name in ("session_id", "task_id"):
        refusal = error_of(client, arguments={name: "nowhere"})
        assert refusal["code"] == -32011
        assert refusal["data"] == {"kind": name.removesuffix("_id")}


def test_no_more_than_asked_for_comes_and_the_rest_follows(
    driver: ApiDriver, client: McpClient
) -> None:
    cursor = now(client)
    tasks = [completed(driver) for _ in range(3)]
    first = poll(client, cursor=cursor, maxEvents=2)
    assert (len(first["events"]), first["hasMore"]) == (2, True)
    rest = poll(client, cursor=first["cursor"], maxEvents=2)
    assert (len(rest["events"]), rest["hasMore"]) == (1, False)
    told = [event["data"]["task_id"] for event in first["events"] + rest["events"]]
    assert told == tasks


def test_a_quiet_cursor_moves_on(driver: ApiDriver, client: McpClient) -> None:
    cursor = now(client)
    driver.session()
    later = poll(client, cursor=cursor)
    assert later["events"] == []
    assert later["cursor"] != cursor
    completed(driver)
    assert len(poll(client, cursor=later["cursor"])["events"]) == 1


@pytest.mark.parametrize("cursor", ["x", "gone", "e30"])
def test_a_cursor_that_nobody_can_read_is_truncated_and_no_error(
    driver: ApiDriver, client: McpClient, cursor: str
) -> None:
    fresh = poll(client, cursor=cursor)
    assert (fresh["events"], fresh["truncated"]) == ([], True)
    completed(driver)
    assert len(poll(client, cursor=fresh["cursor"])["events"]) == 1


def test_an_age_passes_over_what_is_older_and_says_so(driver: ApiDriver, client: McpClient) -> None:
    cursor = now(client)
    completed(driver)
    young = poll(client, cursor=cursor, maxAgeMs=60_000)
    assert (len(young["events"]), young["truncated"]) == (1, False)
    driver.at(utc_now() + timedelta(hours=1))
    old = poll(client, cursor=cursor, maxAgeMs=60_000)
    assert (old["events"], old["truncated"]) == ([], True)
    assert poll(client, cursor=None, maxAgeMs=60_000)["truncated"] is False
    assert poll(client, cursor=old["cursor"])["events"] == []


def test_what_retention_took_is_truncated(driver: ApiDriver, client: McpClient) -> None:
    cursor = now(client)
    completed(driver)
    driver.sql(
        "INSERT INTO feed_floors SELECT project_id, xid, event_no FROM events"
        " ORDER BY xid DESC, event_no DESC LIMIT 1"
    )
    told = poll(client, cursor=cursor)
    assert told["truncated"] is True
    assert poll(client, cursor=told["cursor"])["truncated"] is False


def test_a_poll_may_wait_for_what_comes(driver: ApiDriver, client: McpClient) -> None:
    cursor = now(client)
    waited: list[float] = []

    class Signal:
        """Something ends while the poll waits."""

        def wait_for_change(self, *, timeout_s: float) -> None:
            waited.append(timeout_s)
            completed(driver)

    driver.api.observations.wait_for_change = Signal().wait_for_change
    told = poll(client, cursor=cursor, timeoutMs=10**9)
    assert len(told["events"]) == len(waited) == 1


@pytest.mark.parametrize(
    "params",
    [
        {"name": ["task.updated"]},
        {"name": None},
        {"arguments": []},
        {"arguments": {"session": "s"}},
        {"arguments": {"session_id": 5}},
        {"arguments": {"types": "task.completed"}},
        {"arguments": {"types": ["session.created"]}},
        {"cursor": 5},
        {"maxEvents": 0},
        {"maxEvents": True},
        {"maxAgeMs": -1},
        {"timeoutMs": "soon"},
    ],
)
def test_what_does_not_fit_is_an_error_of_json_rpc(client: McpClient, params: Json) -> None:
    assert error_of(client, **params)["code"] == -32602


def test_an_unknown_kind_is_not_found_by_the_numbers_of_the_clients_text(
    driver: ApiDriver,
) -> None:
    params = {"name": "task.deleted"}
    sketch = McpClient(driver=driver, version=MODERN)
    error = sketch.call("events/poll", params)["error"]
    assert (error["code"], error["data"]) == (-32011, {"kind": "event"})
    sep = McpClient(
        driver=driver, version=MODERN, capabilities={"extensions": {EVENTS_EXTENSION: {}}}
    )
    assert sep.call("events/poll", params)["error"]["code"] == -32023


def test_nothing_of_another_project_is_returned(driver: ApiDriver, client: McpClient) -> None:
    other = driver.other_project()
    cursor = now(client)
    session = other.session()
    completed(other, session)
    assert poll(client, cursor=cursor)["events"] == []
    refusal = error_of(client, cursor=cursor, arguments={"session_id": session})
    assert refusal["code"] == -32011


def test_there_is_no_stream(client: McpClient) -> None:
    assert client.call("events/stream", {"name": "task.updated"})["error"]["code"] == -32601
