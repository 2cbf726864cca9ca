"""A time on the wire is RFC 3339, however long ago it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from aiwebhook.clock import rfc3339


@pytest.mark.req("D1")
@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(2026, 11, 22, 10, 30, 0, 123_999, UTC), "2026-11-22T10:30:00.123Z"),
        (datetime(247, 10, 11, tzinfo=UTC), "0247-10-11T00:00:00.000Z"),
        (datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=9))), "2025-12-31T15:00:00.000Z"),
    ],
)
def test_a_time_is_told_in_utc_with_four_digits_and_milliseconds(
    moment: datetime, told: str
) -> None:
    assert rfc3339(moment) == told
