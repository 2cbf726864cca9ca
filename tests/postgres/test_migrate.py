"""Migrations build exactly what schema.sql shows, once, and are never changed afterwards."""

from collections.abc import Iterator
from importlib.resources import files

import psycopg
import pytest

from aiwebhook.errors import ConfigurationError
from aiwebhook.postgres.migrate import (
    Migration,
    Phase,
    migrate,
    read_migrations,
    shipped_migrations,
)
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.postgres import clone

CATALOG = """
    SELECT 'column', table_name, column_name, concat_ws(' ', data_type, udt_name, is_nullable,
    column_default, is_identity, identity_generation, is_generated)
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname =
    'public' UNION ALL SELECT 'constraint', conrelid::regclass::text, conname,
    pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND
    contype <> 'n' UNION ALL SELECT 'options', relname, relkind::text, reloptions::text
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'function', proname, prosrc, concat_ws(' ', provolatile, proparallel, prolang)
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ORDER BY 1, 2, 3
"""


@pytest.fixture
def empty_database(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    with clone(postgres_server, "template0", "migrate_from_nothing") as dsn:
        yield dsn


def catalog_of(dsn: str) -> list[tuple[str, ...]]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(CATALOG).fetchall()
    return [row for row in rows if not any("schema_migrations" in name for name in row[1:3])]


def any_migration(
    version: int = 9001, text: str = "CREATE TABLE extra (n integer)", phase: str = "pre"
) -> Migration:
    return read_migrations({f"{version}_{phase}_extra.sql": text})[0]


def test_migrations_build_exactly_the_schema_file(
    database: str, postgres_server: EmbeddedPostgres
) -> None:
    with clone(postgres_server, "template0", "schema_as_it_lies") as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(files("aiwebhook.postgres").joinpath("schema.sql").read_bytes())
        assert catalog_of(database) == catalog_of(dsn)


def test_migrating_again_does_nothing(empty_database: str) -> None:
    assert migrate(empty_database) == tuple(m.name for m in shipped_migrations())
    assert migrate(empty_database) == ()


def test_a_first_release_is_brought_up_to_date_with_its_follow_ups(empty_database: str) -> None:
    first, *_ = shipped_migrations()
    migrate(empty_database, migrations=[first])
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO projects (project_id, name) VALUES ('p', 'P');"
            " INSERT INTO sessions (project_id, session_id) VALUES ('p', 's');"
            " INSERT INTO agents (project_id, agent_name, manifest, max_concurrent)"
            " VALUES ('p', 'a', '{}', 1);"
            " INSERT INTO tasks (project_id, task_id, session_id, agent_name, ready, fair_tag,"
            " max_attempts, timeout_s) SELECT 'p', 't' || n, 's', 'a', true, 0, 1, 1"
            " FROM generate_series(1, 2) n;"
            " INSERT INTO task_messages (project_id, task_id, message)"
            " VALUES ('p', 't1', '{}'), ('p', 't1', '{}')"
        )
        migrate(empty_database)
        newest = connection.execute(
            "SELECT t.last_message_no = max(m.message_no) FROM tasks t"
            " LEFT JOIN task_messages m USING (project_id, task_id)"
            " GROUP BY t.project_id, t.task_id ORDER BY t.task_id"
        ).fetchall()
    assert newest == [(True,), (None,)]


def test_a_changed_applied_migration_is_refused(empty_database: str) -> None:
    migrate(empty_database, migrations=[any_migration()])
    with pytest.raises(ConfigurationError, match=r"9001_pre_extra\.sql was changed"):
        migrate(empty_database, migrations=[any_migration(text="CREATE TABLE extra (n bigint)")])


def test_a_database_from_the_future_is_refused(empty_database: str) -> None:
    migrate(empty_database, migrations=[any_migration()])
    with pytest.raises(
        ConfigurationError, match="migration 9001, which this version does not know"
    ):
        migrate(empty_database, migrations=[])


def test_a_failing_migration_leaves_nothing_behind(empty_database: str) -> None:
    broken = any_migration(text="CREATE TABLE extra (n integer); SELECT 1/0")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty_database, migrations=[broken])
    assert migrate(empty_database, migrations=[any_migration()]) == ("9001_pre_extra.sql",)


def test_post_migrations_wait_for_their_phase(empty_database: str) -> None:
    both = [any_migration(), any_migration(9002, "DROP TABLE extra", "post")]
    assert migrate(empty_database, phases=[Phase.PRE], migrations=both) == ("9001_pre_extra.sql",)
    assert migrate(empty_database, phases=[Phase.POST], migrations=both) == ("9002_post_extra.sql",)


def test_a_migration_gives_up_on_a_held_lock_rather_than_queue_everybody_behind_it(
    empty_database: str,
) -> None:
    migrate(empty_database, migrations=[any_migration()])
    grown = [
        any_migration(),
        any_migration(9002, "SET LOCAL lock_timeout = '50ms'; ALTER TABLE extra ADD m text"),
    ]
    with psycopg.connect(empty_database) as holder:
        holder.execute("LOCK TABLE extra IN ACCESS SHARE MODE")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            migrate(empty_database, migrations=grown)
    assert migrate(empty_database, migrations=grown) == ("9002_pre_extra.sql",)


@pytest.mark.parametrize("name", ["1_pre_x.sql", "0001_x.sql", "0001_during_x.sql"])
def test_a_misnamed_migration_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is not named"):
        read_migrations({name: ""})


def test_two_migrations_of_one_number_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="used twice"):
        read_migrations({"0001_pre_a.sql": "", "0001_post_b.sql": ""})
