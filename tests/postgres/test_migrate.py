"""Migrations build exactly what schema.sql shows, once, and are never changed afterwards."""

# reason: all that a migration must stand, next to each other

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from importlib.resources import files

import psycopg
import pytest

from aiwebhook.domain.lease import RunLease
from aiwebhook.errors import ConfigurationError
from aiwebhook.ports.queue_rows import Completion, RunCheckpoint
from aiwebhook.ports.run_reports import RunReport
from aiwebhook.postgres.migrate import (
    Migration,
    Phase,
    migrate,
    read_migrations,
    shipped_migrations,
)
from aiwebhook.usecases.fail_run import release_run
from aiwebhook.usecases.heartbeat_worker import heartbeat_worker
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.postgres import clone
from tests.support.queue import KEYS, QueueDriver
from tests.support.waiting import eventually

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


FIRST_TASK = """
    INSERT INTO projects (project_id, name) VALUES ('p', 'P');
    INSERT INTO sessions (project_id, session_id) VALUES ('p', 's');
    INSERT INTO agents (project_id, agent_name, manifest, max_concurrent)
    VALUES ('p', 'a', '{}', 9);
    INSERT INTO tasks (project_id, task_id, session_id, agent_name, status, ready, fair_tag,
        attempts, max_attempts, timeout_s, lease_epoch, lease_until)
    VALUES ('p', 'old', 's', 'a', 'running', false, 1, 1, 3, 600, 7, now() + interval '1 hour');
    INSERT INTO task_payloads (project_id, task_id, session_id, correlation_id)
    VALUES ('p', 'old', 's', 'c');
    INSERT INTO task_attempts (project_id, task_id, lease_epoch, agent_name, status, worker_id)
    VALUES ('p', 'old', 7, 'a', 'running', 'w')
"""


@pytest.mark.req("T7")
def test_runs_under_way_go_on_over_the_migration_to_one_sequence_of_epochs(
    empty_database: str,
) -> None:
    """The new code works before and after the columns are widened, over one connection."""
    shipped = shipped_migrations()
    before = [m for m in shipped if m.name < "0008_pre_lease_epochs.sql"]
    migrate(empty_database, migrations=before)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(FIRST_TASK)
    migrate(empty_database, phases=[Phase.PRE])

    queue = QueueDriver(empty_database, project_id="p")
    with closing(queue.database):
        old = RunLease(project_id="p", task_id="old", lease_epoch=7)
        assert queue.store.heartbeat([old], lease_s=60)
        queue.session("session")
        queue.enqueue("new", agent_name="a")
        first = queue.running("a")
        assert first.lease_epoch > 1_000_007
        assert queue.store.heartbeat([first], lease_s=60)
        release_run(queue.store, first)

        migrate(empty_database, phases=[Phase.POST])
        second = queue.running("a")
        assert second.lease_epoch > first.lease_epoch
        assert not queue.store.heartbeat([first], lease_s=60)
        for lease in (old, second):
            assert queue.store.run_work(lease) is not None
            assert queue.store.heartbeat([lease], lease_s=60)
            report = RunReport(lease=lease, completion=Completion(output={}))
            assert queue.store.complete_runs([report]).leases


def test_an_epoch_of_more_than_four_bytes_is_as_good_as_any(queue: QueueDriver) -> None:
    queue.sql("SELECT setval('lease_epochs', 5000000000)")
    queue.enqueue("job")
    lease = queue.running()
    assert lease.lease_epoch > 5_000_000_000
    token = KEYS.lease_token(lease, datetime(2030, 1, 1, tzinfo=UTC))
    assert KEYS.verify_lease_token(token, datetime(2029, 1, 1, tzinfo=UTC)) == lease
    assert queue.store.heartbeat([lease], lease_s=60)
    assert queue.store.save_checkpoint(lease, RunCheckpoint(data={}, content_sha256=None, size=2))
    beat = heartbeat_worker(
        queue.store,
        project_id=queue.project_id,
        worker_id="worker_1",
        lease_tokens=[token],
        keys=KEYS,
        now=datetime(2029, 1, 1, tzinfo=UTC),
    )
    assert [(one.task_id, one.lost) for one in beat] == [("job", False)]
    report = RunReport(lease=lease, completion=Completion(output={}))
    assert queue.store.complete_runs([report]).leases
    assert queue.result("job")["lease_epoch"] == lease.lease_epoch


def test_a_row_that_an_older_version_claimed_goes_on_counting(queue: QueueDriver) -> None:
    queue.enqueue("job")
    queue.sql("UPDATE tasks SET lease_epoch = 3000000 WHERE project_id = %(project_id)s")
    assert queue.running().lease_epoch == 3_000_001


def test_readers_continue_where_keys_were_and_old_work_is_not_news_elsewhere(
    empty_database: str,
) -> None:
    before = [m for m in shipped_migrations() if m.version < 10]
    migrate(empty_database, migrations=before)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO projects (project_id, name) VALUES ('p', 'P');"
            " INSERT INTO sessions (project_id, session_id, last_seq) VALUES ('p', 's', 3);"
            " INSERT INTO api_keys (key_id, project_id, name, prefix, key_hash, scopes,"
            " rate_per_minute, burst) SELECT k, 'p', k, k, k::bytea, '{commands}', 1, 1"
            " FROM unnest(ARRAY['k1', 'k2']) k;"
            " INSERT INTO events (project_id, session_id, seq, type)"
            " SELECT 'p', 's', n, 'task.completed' FROM generate_series(1, 3) n;"
            " INSERT INTO reader_cursors VALUES ('k1', 'p', 's', 1), ('k2', 'p', 's', 2)"
        )
        migrate(empty_database)
        connection.execute(
            "INSERT INTO events (project_id, session_id, seq, type)"
            " VALUES ('p', 's', 4, 'task.completed')"
        )
        readers = connection.execute(
            "SELECT principal, reader, acked_seq FROM readers ORDER BY reader"
        ).fetchall()
        elsewhere = connection.execute(
            "SELECT e.seq FROM unacknowledged_news u JOIN events e USING (event_no) ORDER BY e.seq"
        ).fetchall()
    assert readers == [("project", "", 2), ("project", "s", 2)]
    assert elsewhere == [(4,)]


def test_a_changed_applied_migration_is_refused(empty_database: str) -> None:
    migrate(empty_database, migrations=[any_migration()])
    with pytest.raises(ConfigurationError, match=r"9001_pre_extra\.sql was changed"):
        migrate(empty_database, migrations=[any_migration(text="CREATE TABLE extra (n bigint)")])


def test_an_older_release_comes_back_until_a_newer_one_took_something_away(
    empty_database: str,
) -> None:
    ours = [any_migration()]
    newer = [*ours, any_migration(9002, "ALTER TABLE extra ADD m text")]
    beyond = [*newer, any_migration(9003, "ALTER TABLE extra DROP n", "post")]
    migrate(empty_database, migrations=newer)
    assert migrate(empty_database, migrations=ours) == ()
    migrate(empty_database, migrations=beyond)
    with pytest.raises(
        ConfigurationError, match=r"9003_post_extra\.sql, which took away what this version needs"
    ):
        migrate(empty_database, migrations=ours)


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


_INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?(\w+)\s+ON (\w+)")


def test_an_index_of_a_table_that_grows_is_built_while_others_write(empty_database: str) -> None:
    first = "CREATE TABLE extra (n integer); INSERT INTO extra VALUES (1)"
    text = (
        "-- outside a transaction\n-- Why; and more.\n\n"
        "DROP INDEX CONCURRENTLY IF EXISTS extra_n;\n"
        "CREATE INDEX CONCURRENTLY extra_n ON extra (n);\n"
    )
    both = [any_migration(text=first), any_migration(9002, text)]
    migrate(empty_database, migrations=both[:1])
    with (
        psycopg.connect(empty_database, autocommit=True) as other,
        psycopg.connect(empty_database) as writer,
        ThreadPoolExecutor(2) as pool,
    ):
        other.execute("CREATE INDEX extra_n ON extra ((n + 1))")  # as an interrupted try left it
        writer.execute("INSERT INTO extra VALUES (2)")
        two = [pool.submit(migrate, empty_database, migrations=both) for _ in range(2)]
        waits = "SELECT 1 FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted"
        eventually(lambda: other.execute(waits).fetchone())
        other.execute("SET lock_timeout = '1ms'")
        other.execute("INSERT INTO extra VALUES (3)")
        writer.commit()
        applied = [migrating.result(timeout=60) for migrating in two]
        made = other.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'extra_n'")
        assert "(n)" in str(made.fetchone())
        valid = "SELECT 1 FROM pg_index WHERE NOT indisvalid"
        assert other.execute(valid).fetchone() is None
    assert sorted(applied) == [(), ("9002_pre_extra.sql",)]


def test_no_migration_of_a_released_table_builds_an_index_in_its_transaction() -> None:
    """Writers would wait for it: 0003 is the first version that anybody has data in."""
    blocking: list[str] = []
    for migration in shipped_migrations():
        made = set(re.findall(r"CREATE TABLE (\w+)", migration.text))
        for concurrently, index, table in _INDEX.findall(migration.text):
            assert bool(concurrently) != migration.in_transaction, index
            if migration.version > 3 and not concurrently and table not in made:
                blocking.append(f"{migration.name}: {index}")
    assert blocking == []


@pytest.mark.parametrize("name", ["1_pre_x.sql", "0001_x.sql", "0001_during_x.sql"])
def test_a_misnamed_migration_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is not named"):
        read_migrations({name: ""})


def test_two_migrations_of_one_number_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="used twice"):
        read_migrations({"0001_pre_a.sql": "", "0001_post_b.sql": ""})
