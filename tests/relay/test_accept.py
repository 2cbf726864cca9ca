"""A command of a known key, checked along with its own statement: nothing is promised less."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import Any

import psycopg
import pytest
from psycopg import sql

from aiwebhook.postgres.statements import statement
from tests.relay.conftest import Answer, RelayClient
from tests.relay.test_bad_input import assert_problem
from tests.support.commands import open_database

pytestmark = pytest.mark.req("W2")


def append(relay: RelayClient, content: str = "x", **more: Any) -> Answer:
    return relay.command("append_conversation", "s", {"content": content}, **more)


@pytest.fixture
def warm(relay: RelayClient) -> RelayClient:
    """A session, and a process that knows the key and has tokens of it."""
    relay.command("create_session", "s", {})
    assert append(relay).status == 200
    return relay


def statements(relay: RelayClient, **request: Any) -> list[str]:
    names: list[str] = []
    relay.driver.database.counted = names
    append(relay, **request)
    relay.driver.database.counted = None
    return names


def test_a_known_key_is_checked_along_with_the_write(warm: RelayClient) -> None:
    assert statements(warm) == ["recheck_key", "look_for_news", "append_conversation", "announce"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ("revoked_at = now()", 401, "key_revoked"),
        ("expires_at = now()", 401, "key_expired"),
        ("cidrs = '{198.51.100.0/24}'", 403, "address_not_allowed"),
        ("scopes = '{read}'", 403, "scope_missing"),
        ("scopes = '{worker}'", 403, "scope_missing"),
        ("key_hash = key_hash || 'x'::bytea", 401, "key_unknown"),
    ],
)
@pytest.mark.parametrize("data", [{"content": "x"}, {"content": 1}])
def test_what_befalls_a_key_holds_for_its_next_request(
    warm: RelayClient, change: str, status: int, code: str, data: dict[str, Any]
) -> None:
    before = warm.driver.events("s")
    warm.driver.sql("UPDATE api_keys SET " + change + " WHERE project_id = %(project_id)s")  # noqa: S608 — a literal of this test

    answer = warm.command("append_conversation", "s", data)

    assert_problem(answer, status)
    assert answer.body["code"] == code
    assert warm.driver.events("s") == before


def test_a_refused_request_costs_a_token_and_tells_the_limit(warm: RelayClient) -> None:
    warm.driver.sql("UPDATE api_keys SET rate_per_minute = 1 WHERE project_id = %(project_id)s")
    left = [remaining(append(warm)), remaining(append(warm, content="")), remaining(append(warm))]
    assert left == [left[0], left[0] - 1, left[0] - 2]


def remaining(answer: Answer) -> int:
    return int(answer.headers["RateLimit"].split("r=")[1].split(";")[0])


def test_a_connection_that_died_meanwhile_is_replaced_before_anything_is_written(
    warm: RelayClient,
) -> None:
    pid = warm.driver.database.connection.info.backend_pid
    with psycopg.connect(warm.driver.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
    before = len(other_events(warm))
    assert append(warm).status == 200
    assert len(warm.driver.events("s")) == before + 1


def other_events(relay: RelayClient) -> list[Any]:
    with psycopg.connect(relay.driver.dsn, autocommit=True) as other:
        query = "SELECT seq FROM events WHERE project_id = %s AND session_id = 's'"
        return other.execute(query, (relay.driver.project_id,)).fetchall()


def test_news_that_comes_while_the_write_waits_is_in_its_reply(warm: RelayClient) -> None:
    driver = warm.driver
    with closing(open_database(driver.dsn)) as other:
        answers: list[Answer] = []
        with other.connection.transaction():
            other.connection.execute(
                "WITH s AS (UPDATE sessions SET last_seq = last_seq + 1 WHERE project_id = %(p)s"
                " AND session_id = 's' RETURNING last_seq) INSERT INTO events"
                " (project_id, session_id, seq, type, task_id, data)"
                " SELECT %(p)s, 's', last_seq, 'task.completed', 't', '{}' FROM s",
                {"p": driver.project_id},
            )
            writer = threading.Thread(target=lambda: answers.append(append(warm)))
            writer.start()
            wait_for_lock_waiter(driver.dsn)
        writer.join()
    (answer,) = answers
    assert [update["task_id"] for update in answer.body["updates"]] == ["t"]
    assert answer.body["cursor"] == driver.events("s")[-1][0]


def wait_for_lock_waiter(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as observer:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while observer.execute(query).fetchone() == (0,):
            observer.execute("SELECT pg_sleep(0.01)")


def test_a_write_wakes_those_who_wait_for_events(warm: RelayClient) -> None:
    with psycopg.connect(warm.driver.dsn, autocommit=True) as listener:
        listener.execute(sql.SQL("LISTEN aiwebhook"))
        append(warm)
        assert list(listener.notifies(timeout=10, stop_after=1))


@pytest.mark.parametrize("name", ["recheck_key", "recheck_token", "look_for_news", "announce"])
def test_what_goes_along_with_a_write_leaves_its_commit_durable(name: str) -> None:
    assert "synchronous_commit" not in statement(name)


@pytest.mark.req("T1")
def test_an_agent_that_changed_is_not_presumed(warm: RelayClient) -> None:
    delegate(warm, "first")
    warm.driver.sql(
        """UPDATE agents SET manifest = manifest || '{"timeout_s": 77}'"""
        " WHERE project_id = %(project_id)s AND agent_name = 'researcher'"
    )
    delegate(warm, "second")
    delegate(warm, "third")
    rows = warm.driver.sql(
        "SELECT task_id, timeout_s FROM tasks WHERE project_id = %(project_id)s ORDER BY task_id"
    )
    assert {row["task_id"]: row["timeout_s"] == 77 for row in rows} == {
        "first": False,
        "second": True,
        "third": True,
    }


@pytest.mark.req("T1")
def test_a_name_that_means_another_agent_by_now_is_not_presumed(warm: RelayClient) -> None:
    warm.driver.sql(
        "UPDATE agents SET aliases = '{nick}'"
        " WHERE project_id = %(project_id)s AND agent_name = 'researcher'"
    )
    delegate(warm, "first", "nick")
    warm.driver.sql(
        "INSERT INTO agents (project_id, agent_name, manifest, max_concurrent)"
        " SELECT project_id, 'nick', manifest, 1 FROM agents"
        " WHERE project_id = %(project_id)s AND agent_name = 'researcher'"
    )
    delegate(warm, "second", "nick")
    rows = warm.driver.sql(
        "SELECT task_id, agent_name FROM tasks WHERE project_id = %(project_id)s"
    )
    assert {row["task_id"]: row["agent_name"] for row in rows} == {
        "first": "researcher",
        "second": "nick",
    }


def delegate(relay: RelayClient, task_id: str, agent_name: str = "researcher") -> None:
    data = {"task_id": task_id, "agent_name": agent_name, "description": "Why?"}
    answer = relay.command("delegate_task", "s", data)
    assert answer.status == 200, answer.body
