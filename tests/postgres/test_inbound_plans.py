"""Reading what came in stays cheap in a long log: index ranges, few buffers, no scan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import pytest

from aiwebhook.postgres.statements import statement
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.postgres.test_queue_plans import buffers_of, nodes_of, plan_of
from tests.support.postgres import clone
from tests.support.queue import QueueDriver

pytestmark = [pytest.mark.req("N5"), pytest.mark.timeout(600)]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
FILL: tuple[LiteralString, ...] = (
    """INSERT INTO inbound_deliveries (project_id, delivery_id, source, guid, event_type, action,
    repository, headers, body, body_sha256, received_at)
    SELECT %(p)s, 'in_' || n, CASE WHEN n %% 1000 = 0 THEN 'rare' ELSE 'github' END, 'g' || n,
    CASE WHEN n %% 3 = 0 THEN 'push' ELSE 'issues' END, 'opened', 'octo/r' || n %% 50, '{}', 'x',
    sha256(n::text::bytea), '2026-01-01Z'::timestamptz + make_interval(secs => n)
    FROM generate_series(1, %(rows)s) n WHERE n %% 10 = 0""",
    """INSERT INTO events (project_id, type, data, xid, created_at)
    SELECT %(p)s, CASE WHEN n %% 10 = 0 THEN 'delivery.received' ELSE 'agent.created' END,
    jsonb_build_object('delivery_id', 'in_' || n), n::text::xid8,
    '2026-01-01Z'::timestamptz + make_interval(secs => n)
    FROM generate_series(1, %(rows)s) n""",
    "VACUUM ANALYZE",
)


@pytest.fixture(scope="module", params=[20_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def long_log(
    request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres, migrated_template: str
) -> Iterator[QueueDriver]:
    """So many events, a second each, from the beginning of 2026; each tenth came in."""
    with clone(postgres_server, migrated_template, "long_log") as dsn:
        queue = QueueDriver(dsn)
        with closing(queue.database), closing(queue.twin().database) as bulk:
            bulk.connection.execute("SET statement_timeout = 0")
            for statement in FILL:
                bulk.connection.execute(statement, {"p": queue.project_id, "rows": request.param})
            yield queue


@pytest.fixture(params=["force_custom_plan", "force_generic_plan"])
def log(request: pytest.FixtureRequest, long_log: QueueDriver) -> QueueDriver:
    """The log, with plans made for the values at hand, or for any."""
    mode = request.param
    long_log.sql("SELECT set_config('plan_cache_mode', %(mode)s, false)", mode=mode)
    return long_log


def after(seconds: int) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def last_of(log: QueueDriver) -> int:
    """The number of the last event."""
    ((number,),) = log.database.connection.execute("SELECT max(event_no) FROM events").fetchall()
    return number


def list_params(**more: Any) -> dict[str, Any]:
    filters = ("source", "event", "action", "repository", "status", "since")
    page = {"limit": 50, "after_time": None, "after_id": None}
    return {**page, **dict.fromkeys(filters), **more}


@pytest.mark.parametrize(
    ("wanted", "most"),
    [({}, 20), ({"event": "push"}, 20), ({"repository": "octo/r10"}, 60), ({"source": "no"}, 20)],
)
def test_a_page_of_deliveries_is_a_range_wherever_it_begins(
    log: QueueDriver, wanted: dict[str, Any], most: int
) -> None:
    middle = last_of(log) // 2
    for place in ({}, {"after_time": after(middle), "after_id": f"in_{middle}"}):
        plan = plan_of(log, "list_inbound", list_params(**wanted, **place))
        assert not [n for n in nodes_of(plan) if n["Node Type"] == "Seq Scan"]
        assert buffers_of(plan) <= most, (place, buffers_of(plan))


def test_deliveries_since_a_time_are_looked_for_there_only(log: QueueDriver) -> None:
    wanted = list_params(repository="none", since=after(last_of(log) - 10_000))
    assert buffers_of(plan_of(log, "list_inbound", wanted)) <= 100


def test_a_channel_reads_on_from_its_place(log: QueueDriver) -> None:
    wanted = dict.fromkeys(("source", "event", "action", "repository"))
    place = {"after_xid": str(last_of(log) - 2000), "after_no": 0, "limit": 50}
    assert buffers_of(plan_of(log, "channel_deliveries", {**wanted, **place})) <= 300


def test_going_back_an_hour_does_not_read_what_was_before(log: QueueDriver) -> None:
    since = last_of(log) - 3600
    found = log.sql(statement("position_since"), since=after(since))
    plan = plan_of(log, "position_since", {"since": after(since)})

    assert found == [{"xid": str(since), "event_no": since - 1}]
    # Two hours, an event a second; in the large log it was 22,000 pages before.
    assert buffers_of(plan) <= 400, buffers_of(plan)


def test_going_back_misses_nothing_that_got_its_place_early(log: QueueDriver) -> None:
    since, early = last_of(log) - 3600, last_of(log) - 3700
    with log.connection.transaction(force_rollback=True):
        log.sql(
            "UPDATE events SET created_at = %(at)s WHERE xid = %(early)s::text::xid8",
            at=after(since + 5),
            early=str(early),
        )
        found = log.sql(statement("position_since"), since=after(since))
    assert found == [{"xid": str(early), "event_no": early - 1}]
