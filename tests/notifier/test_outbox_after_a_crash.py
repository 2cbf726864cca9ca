"""A crash of the server empties the unlogged outbox: the log fills it again (ADR 0037)."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import psycopg
import pytest

from aiwebhook.postgres.database import Database
from aiwebhook.postgres.migrate import migrate
from aiwebhook.postgres.outbox_store import PostgresOutboxStore
from aiwebhook.usecases.publish_outbox import sweep_outbox
from aiwebhook_local.postgres import EmbeddedPostgres
from aiwebhook_local.waiting import wait_until
from tests.support.fakes import FakePublisher, FakeWaker
from tests.support.notifier import NotifierDriver
from tests.support.queue import credentials_of
from tests.support.restores import another_server

pytestmark = pytest.mark.req("N1")


@pytest.fixture(scope="module")
def crashing(postgres_server: EmbeddedPostgres) -> Iterator[EmbeddedPostgres]:
    with another_server(postgres_server) as server:
        migrate(server.dsn())
        yield server


def crash(server: EmbeddedPostgres) -> None:
    """An immediate shutdown, as of a power cut, and the recovery from it."""
    os.kill(server.pid, signal.SIGQUIT)
    wait_until(lambda: not server.running, timeout_s=30)
    server.start()


def as_after_a_crash(notifier: NotifierDriver) -> None:
    """What a recovery does to tables that are not logged."""
    notifier.sql("TRUNCATE outbox, outbox_witness")


def write(notifier: NotifierDriver, event_type: str = "task.completed") -> int:
    """An event of a minute ago with its row in the outbox."""
    event_no = notifier.event(event_type)
    notifier.sql(
        "UPDATE events SET created_at = now() - interval '1 minute' WHERE event_no = %(event_no)s",
        event_no=event_no,
    )
    notifier.sql(
        "INSERT INTO outbox (project_id, kind, event_no, created_at)"
        " VALUES (%(project_id)s, 'publish', %(event_no)s, now() - interval '1 minute')",
        event_no=event_no,
    )
    return event_no


def swept(database: Database, publisher: FakePublisher | None = None) -> list[int]:
    """The numbers of the events that one sweep pushes."""
    publisher = publisher or FakePublisher()
    sweep_outbox(PostgresOutboxStore(database), FakeWaker(), publisher)
    return [event.event_no for event in publisher.published]


def test_what_was_committed_and_not_pushed_is_pushed_after_a_crash(
    crashing: EmbeddedPostgres,
) -> None:
    notifier = NotifierDriver(crashing.dsn())
    write(notifier)
    swept(notifier.database)
    waiting = [write(notifier), write(notifier, "memory.stored"), write(notifier, "delivery.dead")]
    write(notifier, "task.message")  # published to nobody
    notifier.sql("DELETE FROM outbox WHERE event_no NOT IN (SELECT unnest(%(w)s))", w=waiting)
    notifier.database.close()
    crash(crashing)
    database = Database(lambda: credentials_of(crashing.dsn()))
    with psycopg.connect(crashing.dsn()) as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    assert swept(database) == waiting
    assert swept(database) == []
    database.close()


def test_numbers_of_the_outbox_survive_a_crash(crashing: EmbeddedPostgres) -> None:
    """Or a writer that comes back would delete another's row as his own."""
    query = "SELECT nextval('outbox_outbox_id_seq')"
    with psycopg.connect(crashing.dsn()) as connection:
        before = connection.execute(query).fetchone()
    crash(crashing)
    with psycopg.connect(crashing.dsn()) as connection:
        after = connection.execute(query).fetchone()
    assert before is not None
    assert after is not None
    assert after[0] > before[0]


def test_what_a_sweep_has_seen_pushed_is_not_pushed_again(notifier: NotifierDriver) -> None:
    write(notifier)
    swept(notifier.database)
    as_after_a_crash(notifier)
    assert swept(notifier.database) == []


def test_what_sns_refused_before_the_crash_is_tried_again(notifier: NotifierDriver) -> None:
    first, second, third = (write(notifier) for _ in range(3))
    poison = frozenset(
        row["event_id"]
        for row in notifier.sql(
            "SELECT event_name(event_id, created_at, event_no) AS event_id FROM events"
            " WHERE event_no = %(n)s",
            n=second,
        )
    )
    assert swept(notifier.database, FakePublisher(poison=poison)) == [first, third]
    as_after_a_crash(notifier)
    assert swept(notifier.database) == [second, third]  # the last one once more


def test_an_event_in_flight_during_a_sweep_is_not_passed_over(notifier: NotifierDriver) -> None:
    twin = NotifierDriver(notifier.dsn, project_id=notifier.project_id)
    with twin.connection.transaction():
        late = write(twin)
        write(notifier)
        swept(notifier.database)
    as_after_a_crash(notifier)
    assert late in swept(notifier.database)
    twin.database.close()


def test_no_progress_is_noted_before_the_outbox_is_filled_again(notifier: NotifierDriver) -> None:
    lost = write(notifier)
    as_after_a_crash(notifier)
    PostgresOutboxStore(notifier.database).note_outbox_progress()
    assert swept(notifier.database) == [lost]


def test_what_has_its_row_already_is_not_put_back_twice(notifier: NotifierDriver) -> None:
    lost = write(notifier)
    as_after_a_crash(notifier)
    written = write(notifier)
    assert sorted(swept(notifier.database)) == [lost, written]
