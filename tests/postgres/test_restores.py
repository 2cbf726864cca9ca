"""A database that was restored is noticed before its first write: every reader goes on, no number
is given out twice, and who had read what is no more is told so (ADR 0016).
"""

# reason: each way to restore a database, next to the others

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg
import pytest

from aiwebhook.postgres.database import Database
from aiwebhook.postgres.migrate import migrate, shipped_migrations
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.commands import open_database
from tests.support.postgres import clone
from tests.support.restores import another_server, back_up, dump, recovered, restore
from tests.support.session_api import ApiDriver, Json

pytestmark = pytest.mark.req("O8")
BURN: LiteralString = """
    DO $$ BEGIN
        CREATE TEMP TABLE burnt (n integer);
        FOR n IN 1..5000 LOOP
            BEGIN INSERT INTO burnt VALUES (n); EXCEPTION WHEN division_by_zero THEN NULL; END;
        END LOOP;
        DROP TABLE burnt;
    END $$
"""
"""Five thousand transaction ids: no young cluster gets there by itself."""


@pytest.fixture(scope="module")
def young(postgres_server: EmbeddedPostgres) -> Iterator[EmbeddedPostgres]:
    with another_server(postgres_server) as server:
        yield server


@dataclass(kw_only=True)
class Reader:
    """Reads the project's log and a session's, and keeps its place over a restore."""

    session_id: str
    cursor: str | None = None
    after_seq: int = 0
    project: list[str] = field(default_factory=list[str])
    session: list[str] = field(default_factory=list[str])
    truncated: list[str] = field(default_factory=list[str])

    def read(self, driver: ApiDriver) -> None:
        """All there is, in pages of two, as long as something comes."""
        while self._page_of_project(driver) | self._page_of_session(driver):
            assert len(self.project) < 100, "the same events come again and again"

    def _page_of_project(self, driver: ApiDriver) -> bool:
        cursor = "" if self.cursor is None else f"&after={self.cursor}"
        page = driver.get(f"/v1/events?limit=2&types=memory.stored{cursor}").body
        self.cursor = page["next_cursor"]
        self.project += [event["data"]["key"] for event in page["items"]]
        return self._more(page, "project")

    def _page_of_session(self, driver: ApiDriver) -> bool:
        path = f"/v1/sessions/{self.session_id}/events"
        page = driver.get(f"{path}?limit=2&after_seq={self.after_seq}").body
        self.after_seq = page["next_after_seq"]
        self.session += [e["data"]["key"] for e in page["items"] if e["type"] == "memory.stored"]
        return self._more(page, "session")

    def _more(self, page: Json, log: str) -> bool:
        if page.get("truncated"):
            self.truncated.append(log)
        return bool(page["items"]) or "truncated" in page


def store(driver: ApiDriver, session_id: str, *keys: str) -> None:
    for key in keys:
        body = {"type": "fact", "key": key, "content": key}
        assert driver.post(f"/v1/sessions/{session_id}/memories", body).status == 200


@contextmanager
def opened(dsn: str, project_id: str | None = None) -> Generator[ApiDriver]:
    driver = ApiDriver(dsn, project_id=project_id)
    try:
        yield driver
    finally:
        driver.outside.close()


def numbers(driver: ApiDriver) -> tuple[int, ...]:
    """What the next claim, event and message would get."""
    (row,) = driver.sql(
        "SELECT nextval('lease_epochs'), nextval('events_event_no_seq'),"
        " nextval('task_messages_message_no_seq')"
    )
    return row


def assert_goes_on(
    old: ApiDriver, new: ApiDriver, up_to_date: Reader, ahead: Reader, given_out: tuple[int, ...]
) -> None:
    """`up_to_date` had read what there still is, `ahead` more than that."""
    session_id = up_to_date.session_id
    store(new, session_id, "new_1", "new_2", "new_3")
    for reader in (up_to_date, ahead):
        reader.project.clear()
        reader.session.clear()
        reader.read(new)
        reader.read(new)
        assert reader.project == ["new_1", "new_2", "new_3"]
        assert reader.session == ["new_1", "new_2", "new_3"]
    assert up_to_date.truncated == []
    assert sorted(ahead.truncated) == ["project", "session"]
    assert all(new > old for new, old in zip(numbers(new), given_out, strict=True))
    assert old.project_id == new.project_id


def test_a_dump_in_a_younger_cluster_goes_on_above_the_old_numbers(
    database: str, postgres_server: EmbeddedPostgres, young: EmbeddedPostgres
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(BURN)
    with opened(database) as old:
        session_id = old.session()
        up_to_date, ahead = Reader(session_id=session_id), Reader(session_id=session_id)
        store(old, session_id, "kept_1", "kept_2")
        up_to_date.read(old)
        dumped = dump(database)
        store(old, session_id, "lost_1", "lost_2")
        ahead.read(old)
        assert up_to_date.project == ["kept_1", "kept_2"]
        assert ahead.project == ["kept_1", "kept_2", "lost_1", "lost_2"]
        given_out = numbers(old)
        with opened(restore(young, dumped, "restored"), old.project_id) as new:
            assert_goes_on(old, new, up_to_date, ahead, given_out)
            fresh = Reader(session_id=session_id)
            fresh.read(new)
            assert fresh.project == ["kept_1", "kept_2", "new_1", "new_2", "new_3"]
            assert fresh.truncated == []


def test_a_recovery_to_a_point_in_time_gives_no_number_out_twice(
    postgres_server: EmbeddedPostgres,
) -> None:
    with another_server(postgres_server) as lost:
        migrate(lost.dsn())
        backup = back_up(lost)
        with opened(lost.dsn(), "p") as old:
            session_id = old.session()
            up_to_date, ahead = Reader(session_id=session_id), Reader(session_id=session_id)
            store(old, session_id, "kept_1", "kept_2")
            up_to_date.read(old)
            old.sql("SELECT pg_create_restore_point('before')")
            store(old, session_id, "lost_1")
            ahead.read(old)
            given_out = numbers(old)
            told = old.get(f"/v1/sessions/{session_id}").body["cursor"]
        with (
            recovered(backup, lost, to_point="before") as server,
            opened(server.dsn(), "p") as new,
        ):
            assert new.sql("SELECT count(*) FROM feed_breaks") == [(1,)]
            assert_goes_on(old, new, up_to_date, ahead, given_out)
            # A cursor of the lost future acknowledges nothing of what came instead.
            assert new.get(f"/v1/sessions/{session_id}").body["cursor"] > told + 1_000_000


def test_a_cursor_of_a_lost_future_is_reported_at_once_and_not_at_the_next_event(
    database: str, young: EmbeddedPostgres
) -> None:
    with opened(database) as old:
        session_id = old.session()
        store(old, session_id, "kept")
        dumped = dump(database)
        store(old, session_id, "lost")
        ahead = Reader(session_id=session_id)
        ahead.read(old)
    with opened(restore(young, dumped, "waiting"), old.project_id) as new:
        page = new.get(f"/v1/events?wait=20&types=memory.stored&after={ahead.cursor}").body
        assert (page["items"], page["truncated"]) == ([], True)
        path = f"/v1/sessions/{session_id}/events"
        page = new.get(f"{path}?wait=20&after_seq={ahead.after_seq}").body
        assert (page["items"], page["truncated"]) == ([], True)
        store(new, session_id, "new")
        again = new.get(f"{path}?after_seq={page['next_after_seq']}").body
        assert [event["seq"] for event in again["items"]] == [page["first_seq"]]
        assert "truncated" not in again


def test_a_dump_restored_beside_the_database_it_came_from_is_another_one(
    database: str, postgres_server: EmbeddedPostgres
) -> None:
    with psycopg.connect(database) as connection:
        if connection.info.server_version < 170_000:
            pytest.skip("the wheel's pg_restore sets what servers have since 17")
    with opened(database) as old:
        old.session()
        dumped = dump(database)
        claimed = numbers(old)
    name = "restored_beside"
    try:
        with opened(restore(postgres_server, dumped, name), old.project_id) as new:
            assert numbers(new) > claimed
            assert new.sql("SELECT count(*) FROM feed_breaks") == [(1,)]
    finally:
        with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
            connection.execute("DROP DATABASE restored_beside WITH (FORCE)")


def test_a_session_opened_after_a_restore_has_no_number_of_one_that_is_lost(
    database: str, young: EmbeddedPostgres
) -> None:
    with opened(database) as old:
        dumped = dump(database)
        lost = old.session()
        store(old, lost, "lost")
        ahead = Reader(session_id=lost)
        ahead.read(old)
    with opened(restore(young, dumped, "reopened"), old.project_id) as new:
        assert new.post("/v1/sessions", {"session_id": lost}).status == 200
        store(new, lost, "new_1", "new_2")
        ahead.session.clear()
        ahead.read(new)
        assert ahead.session == ["new_1", "new_2"]
        assert "session" in ahead.truncated


def test_a_database_that_is_the_same_keeps_its_numbers(
    database: str, postgres_server: EmbeddedPostgres
) -> None:
    with opened(database) as first:
        session_id = first.session()
        store(first, session_id, "one")
    with opened(database, first.project_id) as again:
        store(again, session_id, "two")
        assert again.sql("SELECT count(*) FROM feed_breaks") == [(0,)]
        assert again.get(f"/v1/sessions/{session_id}").body["cursor"] == 3
        assert again.sql("SELECT bool_and(xid = xmin::text::xid8) FROM events") == [(True,)]


def test_many_who_come_at_once_after_a_restore_raise_the_counters_once(
    database: str, young: EmbeddedPostgres
) -> None:
    with opened(database) as old:
        store(old, old.session(), "kept")
    dsn = restore(young, dump(database), "at_once")
    with ExitStack() as stack:
        databases = [open_database(dsn) for _ in range(6)]
        for each in databases:
            stack.callback(each.close)
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(Database.check, databases))
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM feed_breaks").fetchone() == (1,)


def test_an_older_database_restored_into_a_younger_cluster_is_mended_by_the_upgrade(
    young: EmbeddedPostgres,
) -> None:
    """Its feed has been deaf since; who had read all of it hears again."""
    old_ones = [m for m in shipped_migrations() if m.version <= 19]
    with clone(young, "template0", "deaf") as dsn:
        migrate(dsn, migrations=old_ones)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("INSERT INTO projects (project_id, name) VALUES ('p', 'p')")
            connection.execute(
                "INSERT INTO events (project_id, type, xid) VALUES ('p', 'agent.online', '1000000')"
            )
        migrate(dsn)
        with opened(dsn, "p") as driver:
            seen = driver.get("/v1/events").body
            assert [event["type"] for event in seen["items"]] == ["agent.online"]
            driver.session()
            more = driver.get(f"/v1/events?after={seen['next_cursor']}").body
            assert [event["type"] for event in more["items"]] == ["session.created"]


def test_an_upgrade_while_somebody_else_writes_raises_nothing(young: EmbeddedPostgres) -> None:
    with clone(young, "template0", "upgraded_busy") as dsn, psycopg.connect(young.dsn()) as busy:
        migrate(dsn, migrations=[m for m in shipped_migrations() if m.version <= 19])
        busy.execute("SELECT pg_current_xact_id()")
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("INSERT INTO projects (project_id, name) VALUES ('p', 'p')")
            connection.execute("INSERT INTO events (project_id, type) VALUES ('p', 'agent.online')")
        migrate(dsn)
        with opened(dsn, "p") as driver:
            assert driver.sql("SELECT count(*) FROM feed_breaks") == [(0,)]


def test_any_role_may_look_which_database_it_is(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE ROLE anybody")
        try:
            connection.execute("SET ROLE anybody")
            connection.execute(
                "SELECT system_identifier, pg_walfile_name(pg_current_wal_lsn()),"
                " pg_is_in_recovery() FROM pg_control_system()"
            )
        finally:
            connection.execute("RESET ROLE")
            connection.execute("DROP ROLE anybody")
