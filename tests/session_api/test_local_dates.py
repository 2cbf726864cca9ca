"""Agents reckon "today" in the offset that was said, or in the session's zone."""

from __future__ import annotations

import pytest

from aiwebhook_agents.extraction.extract import extract
from tests.support.commands import any_name
from tests.support.session_api import ApiDriver

SAID = "Ana: I will send the offer to Ben today."


@pytest.mark.req("S2")
@pytest.mark.parametrize(
    ("zone", "said_at", "day"),
    [
        (None, "2026-11-23T08:00:00+09:00", "2026-11-23"),
        (None, "2026-11-22T20:00:00-05:00", "2026-11-22"),
        (None, "2026-11-22T23:00:00Z", "2026-11-22"),
        ("Asia/Tokyo", "2026-11-22T23:00:00Z", "2026-11-23"),
        ("Asia/Tokyo", "2026-11-22T23:00:00", "2026-11-23"),
        ("Asia/Tokyo", "2026-11-22T20:00:00-05:00", "2026-11-22"),
    ],
)
def test_today_is_the_day_it_was_where_it_was_said(
    driver: ApiDriver, zone: str | None, said_at: str, day: str
) -> None:
    session_id = any_name("session")
    driver.post("/v1/sessions", {"session_id": session_id, "time_zone": zone})
    chunk = {"content": SAID, "start_time": said_at}
    assert driver.post(f"/v1/sessions/{session_id}/conversation", chunk).status == 200
    driver.task(session_id)

    context = driver.claim().get("context").body

    (item,) = extract(tuple(context["chunks"]))
    assert (item.due_text, str(item.due)) == ("today", day)
    assert "start_offset_s" not in context["chunks"][0]
