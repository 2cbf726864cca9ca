"""Times that decide when something happens say their zone, or the session does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.relay.conftest import Answer, RelayClient

WORK = {"agent_name": "researcher", "description": "Look into it"}


def delegate(relay: RelayClient, session_id: str = "s", **times: Any) -> Answer:
    return relay.command("delegate_task", session_id, {**WORK, **times})


@pytest.fixture
def berlin(relay: RelayClient) -> RelayClient:
    """A session without a zone, and one in Berlin."""
    relay.command("create_session", "s", {})
    answer = relay.command("create_session", "berlin", {"time_zone": "Europe/Berlin"})
    assert answer.status == 200, answer.body
    return relay


@pytest.mark.req("W2")
@pytest.mark.parametrize("name", ["not_before", "deadline"])
def test_a_time_without_zone_is_refused_and_the_remedy_shows_one(
    berlin: RelayClient, name: str
) -> None:
    answer = delegate(berlin, **{name: "2030-06-30T10:00:00"})

    assert (answer.status, answer.body["code"]) == (422, "time_zone_required")
    (error,) = answer.body["errors"]
    assert error["pointer"] == f"/data/{name}"
    assert "2030-06-30T10:00:00+02:00" in error["message"]
    assert delegate(berlin, **{name: error["suggestion"]}).status == 200


@pytest.mark.req("W2")
def test_the_sessions_zone_is_the_default_and_is_reported(berlin: RelayClient) -> None:
    answer = delegate(berlin, "berlin", not_before="2030-06-30T10:00:00")

    assert answer.status == 200, answer.body
    assert "not before 10:00 on 30 June 2030" in answer.body["say"]
    assert answer.body["data"]["local_times"] == {"not_before": "2030-06-30T10:00:00+02:00"}
    shown = berlin.command("get_task", data={"task_id": answer.body["data"]["task_id"]}).body
    assert shown["data"]["not_before"] == "2030-06-30T08:00:00.000Z"


@pytest.mark.req("W2")
def test_a_zone_that_was_said_goes_before_the_session_s(berlin: RelayClient) -> None:
    answer = delegate(
        berlin, "berlin", not_before="2030-06-30T10:00+09:00", deadline="2030-06-30T12:00+09:00"
    )

    assert "not before 10:00 on 30 June 2030, to be done by 12:00 on" in answer.body["say"]


@pytest.mark.req("W2")
@pytest.mark.parametrize(
    "time", ["2030-06-30t10:00:00z", "2030-06-30T10:00:00Z", "2030-06-30 10:00Z"]
)
def test_rfc_3339_is_read_in_small_letters_too(berlin: RelayClient, time: str) -> None:
    assert delegate(berlin, not_before=time).status == 200


@pytest.mark.req("W2")
@pytest.mark.parametrize("session_id", ["s", "berlin"])
def test_a_bare_date_is_not_a_time(berlin: RelayClient, session_id: str) -> None:
    answer = delegate(berlin, session_id, deadline="2030-06-30")

    assert answer.status == 422
    assert "time of day" in answer.body["errors"][0]["message"]


@pytest.mark.req("W2")
def test_a_deadline_lies_in_the_future_and_behind_the_start(berlin: RelayClient) -> None:
    past = delegate(berlin, deadline="2020-01-01T00:00:00Z")
    order = delegate(
        berlin, not_before="2030-06-30T12:00:00+02:00", deadline="2030-06-30T10:30:00Z"
    )
    wrong = delegate(
        berlin, "berlin", not_before="2030-06-30T12:31:00", deadline="2030-06-30T10:30:00Z"
    )

    assert (past.status, past.body["code"]) == (422, "deadline_past")
    assert order.status == 200, order.body
    assert (wrong.status, wrong.body["errors"][0]["pointer"]) == (422, "/data/deadline")


@pytest.mark.req("W2")
def test_a_replay_after_the_deadline_answers_as_before(berlin: RelayClient) -> None:
    body = {
        "command": "delegate_task",
        "session_id": "s",
        "request_id": "once",
        "data": {**WORK, "deadline": "2040-01-01T00:00:00Z"},
    }
    first = berlin.post(body)
    services = berlin.driver.services
    object.__setattr__(services, "clock", lambda: datetime(2041, 1, 1, tzinfo=UTC))

    again = berlin.post(body)

    assert (first.status, again.status) == (200, 200), again.body
    assert again.body["data"]["task_id"] == first.body["data"]["task_id"]


@pytest.mark.req("W2")
@pytest.mark.parametrize("zone", ["Berlin", "UTC+2", "", "../etc/passwd", "Europe", "x" * 65, "/"])
def test_a_zone_is_an_iana_name(relay: RelayClient, zone: str) -> None:
    answer = relay.command("create_session", "s", {"time_zone": zone})

    assert answer.status == 422
    assert answer.body["errors"][0]["pointer"] == "/data/time_zone"


@pytest.mark.req("W2")
def test_a_session_made_before_zones_is_created_again_as_before(relay: RelayClient) -> None:
    relay.command("create_session", "s", {"title": "A"})

    assert relay.command("create_session", "s", {"title": "A", "time_zone": None}).status == 200
    other = relay.command("create_session", "s", {"title": "A", "time_zone": "Asia/Tokyo"})
    assert other.status == 409


@pytest.mark.req("W2")
def test_times_that_only_record_stay_utc_without_zone(berlin: RelayClient) -> None:
    said = {"content": "Ana: hello", "start_time": "2026-11-22T10:30:00", "chunk_id": "c"}
    assert berlin.command("append_conversation", "berlin", said).status == 200

    row = berlin.driver.sql(
        "SELECT start_time, start_offset_s FROM conversation_chunks WHERE chunk_id = 'c'"
        " AND project_id = %(project_id)s"
    )[0]
    assert row["start_time"] == datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
    assert row["start_offset_s"] is None
