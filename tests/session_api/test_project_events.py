"""The project's log read page by page: every event once, in the order of its transactions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import ExitStack

import psycopg
import pytest

from aiwebhook.ports.observation import EventPosition
from aiwebhook.usecases.watch_feed import watch_feed
from aiwebhook_local.postgres import EmbeddedPostgres
from session_api.pages import cursor_at
from tests.support.session_api import ApiDriver

# Below every transaction that a test server can have in flight: a fresh cluster begins near 700.
ACROSS_DIGITS = (7, 8, 9, 10, 11, 98, 99, 100, 101)


def log_events(driver: ApiDriver, xids: Sequence[int]) -> None:
    """One event per transaction id, written in this order; each is named after its transaction."""
    with psycopg.connect(driver.dsn) as connection:
        for xid in xids:
            connection.execute(
                "INSERT INTO events (project_id, type, xid, data)"
                " VALUES (%s, 'agent.online', %s::text::xid8, jsonb_build_object('xid', %s::int))",
                (driver.project_id, str(xid), xid),
            )


def read_log(driver: ApiDriver, *, limit: int, after: str | None = None) -> list[int]:
    """The transactions of all events behind a cursor, as read in pages of `limit`."""
    seen: list[int] = []
    while True:
        cursor = "" if after is None else f"&after={after}"
        page = driver.get(f"/v1/events?limit={limit}{cursor}").body
        if not page["items"]:
            return seen
        seen += [event["data"]["xid"] for event in page["items"]]
        after = page["next_cursor"]
        assert len(seen) <= 100, "the same events come again and again"


@pytest.mark.req("S9")
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_transaction_ids_that_gain_a_digit_are_read_in_their_order(
    driver: ApiDriver, limit: int
) -> None:
    log_events(driver, ACROSS_DIGITS)
    assert read_log(driver, limit=limit) == list(ACROSS_DIGITS)


@pytest.mark.req("S9")
def test_a_transaction_that_began_first_comes_first_though_its_event_was_written_later(
    driver: ApiDriver,
) -> None:
    shuffled = list(ACROSS_DIGITS)
    random.Random(1).shuffle(shuffled)
    log_events(driver, shuffled)
    assert read_log(driver, limit=2) == list(ACROSS_DIGITS)


@pytest.mark.req("S9")
def test_nothing_is_skipped_or_repeated_while_transactions_overlap(driver: ApiDriver) -> None:
    """Ten transactions take their ids in order, write in another, and commit in a third."""
    rng = random.Random(2)
    seen: list[int] = []
    cursor = driver.get("/v1/events?after=latest").body["next_cursor"]
    with ExitStack() as stack:
        open_: list[tuple[int, psycopg.Connection]] = []
        for number in range(10):
            connection = stack.enter_context(psycopg.connect(driver.dsn))
            connection.execute("SELECT pg_current_xact_id()")
            open_.append((number, connection))
        for number, connection in rng.sample(open_, 10):
            connection.execute(
                "INSERT INTO events (project_id, type, data)"
                " VALUES (%s, 'agent.online', jsonb_build_object('xid', %s::int))",
                (driver.project_id, number),
            )
        for _, connection in rng.sample(open_, 10):
            connection.commit()
            page = driver.get(f"/v1/events?after={cursor}&limit=3").body
            seen += [event["data"]["xid"] for event in page["items"]]
            cursor = page["next_cursor"]
    assert seen + read_log(driver, limit=3, after=cursor) == list(range(10))


@pytest.mark.req("S9")
def test_times_within_an_event_are_written_like_its_own(driver: ApiDriver) -> None:
    session_id = driver.session()
    driver.task(session_id, not_before="2030-01-02T03:04:05+01:00")
    driver.task(session_id)
    driver.claim().post("fail", {"error_class": "network", "message": "connection reset"})
    times = [
        event["data"][name]
        for event in driver.get(f"/v1/sessions/{session_id}/events").body["items"]
        for name in ("not_before", "run_after")
        if name in event["data"]
    ]
    assert len(times) == 2
    assert times[0] == "2030-01-02T02:04:05.000Z"
    assert times[1].endswith("Z")


@pytest.mark.req("O8")
def test_a_foreign_transaction_that_holds_the_log_back_can_be_noticed(
    driver: ApiDriver, postgres_server: EmbeddedPostgres
) -> None:
    """It need not even be in our database: snapshots look at the whole cluster."""
    cursor = driver.get("/v1/events?after=latest").body["next_cursor"]
    with psycopg.connect(postgres_server.dsn()) as foreign:
        foreign.execute("SELECT pg_current_xact_id()")
        driver.session()
        driver.sql(
            "UPDATE events SET created_at = now() - interval '90 seconds'"
            " WHERE event_no = (SELECT max(event_no) FROM events)"
        )
        assert driver.get(f"/v1/events?after={cursor}").body["items"] == []
        assert driver.get("/readyz").body["feed_held_back_s"] in range(90, 200)
        assert watch_feed(driver.api.runs).feed_held_back_s in range(90, 200)
    assert len(driver.get(f"/v1/events?after={cursor}").body["items"]) == 1
    assert watch_feed(driver.api.runs).as_dict() == {"databases_adopted": 0, "feed_held_back_s": 0}


@pytest.mark.req("O8")
def test_a_cursor_beyond_the_end_is_put_at_the_end(driver: ApiDriver) -> None:
    """As from a copy of files that nobody promoted: nothing else shows that it is no more."""
    beyond = cursor_at(EventPosition(xid=str(2**62), event_no=7))
    page = driver.get(f"/v1/events?wait=20&after={beyond}").body
    assert (page["items"], page["truncated"]) == ([], True)
    driver.session()
    page = driver.get(f"/v1/events?after={page['next_cursor']}").body
    assert [event["type"] for event in page["items"]] == ["session.created"]
    assert "truncated" not in page
