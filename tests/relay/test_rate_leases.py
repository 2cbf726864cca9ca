"""Processes that lease tokens of one key never spend more than its rate limit allows (ADR 0039)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiwebhook.domain.identity import hash_of_key
from aiwebhook.ports.authenticator import StaleKeyCheck
from aiwebhook.postgres.authenticator import PostgresAuthenticator
from tests.relay.conftest import RelayClient
from tests.relay.test_access import new_key
from tests.support.commands import open_database
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("W6")

BURST, PER_SECOND, PROCESSES = 20, 1, 3
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
steps = st.lists(
    st.tuples(st.integers(0, PROCESSES - 1), st.integers(1, 12), st.sampled_from([0, 0.5, 2, 30])),
    min_size=3,
    max_size=25,
)


def granted(process: PostgresAuthenticator, key: str) -> bool:
    key_hash = hash_of_key(key)
    known = process.recheck_key(key_hash=key_hash, address=None)
    if known is not None:
        try:
            return known.confirmed().granted
        except StaleKeyCheck:
            known.drop()
    found = process.check_key(key_hash=key_hash, address=None)
    assert found is not None
    return found.granted


@pytest.fixture
def processes(relay: RelayClient) -> Iterator[list[PostgresAuthenticator]]:
    databases = [open_database(relay.driver.dsn) for _ in range(PROCESSES)]
    yield [PostgresAuthenticator(database) for database in databases]
    for database in databases:
        database.close()


def test_processes_that_take_tokens_along_never_exceed_the_limit(
    relay: RelayClient, processes: list[PostgresAuthenticator]
) -> None:
    key = new_key(relay, rate_per_minute=1, burst=30)
    assert sum(granted(processes[n % 3], key) for n in range(300)) == 30


def test_tokens_that_nobody_used_for_a_second_come_back(
    relay: RelayClient, processes: list[PostgresAuthenticator]
) -> None:
    key = new_key(relay, rate_per_minute=1, burst=30)
    idle, busy, _ = processes
    assert granted(idle, key)  # and takes three along
    relay.driver.sql("UPDATE rate_leases SET used_at = used_at + interval '1 hour'")
    assert sum(granted(busy, key) for _ in range(100)) == 26

    relay.driver.sql("UPDATE rate_leases SET used_at = now() - interval '2 seconds'")

    assert sum(granted(busy, key) for _ in range(100)) == 3


@pytest.mark.parametrize("spent_first", [0, 1, 2, 3])
def test_tokens_leased_before_a_pause_are_part_of_the_burst(
    relay: RelayClient, processes: list[PostgresAuthenticator], spent_first: int
) -> None:
    key = new_key(relay, rate_per_minute=1, burst=30)
    assert [granted(process, key) for process in processes] == [True] * 3  # each leases three
    relay.driver.sql("UPDATE rate_leases SET used_at = used_at - interval '1 hour'")
    relay.driver.sql("UPDATE rate_buckets SET refilled_at = refilled_at - interval '1 hour'")

    first = sum(granted(process, key) for process in processes[:spent_first] for _ in range(3))

    assert first + sum(granted(processes[n % 3], key) for n in range(300)) == 30


def test_half_of_a_burst_is_never_leased(
    relay: RelayClient, processes: list[PostgresAuthenticator]
) -> None:
    key = new_key(relay, rate_per_minute=60, burst=30)
    assert granted(processes[0], key)
    relay.driver.sql(
        "INSERT INTO rate_leases (key_id, process, tokens, granted)"
        " SELECT key_id, 'other', 0, 12 FROM rate_leases ORDER BY used_at DESC LIMIT 1"
    )
    assert granted(processes[1], key)

    leased = (
        "SELECT sum(granted) FROM rate_leases GROUP BY key_id ORDER BY max(used_at) DESC LIMIT 1"
    )
    assert relay.driver.sql(leased) == [{"sum": 15}]


@pytest.mark.parametrize("spenders", [1, 2, 3])
def test_a_burst_is_complete_again_after_a_pause_that_filled_the_bucket(
    relay: RelayClient, processes: list[PostgresAuthenticator], spenders: int
) -> None:
    key = new_key(relay, rate_per_minute=1, burst=30)
    for process in processes[:spenders]:
        assert [granted(process, key) for _ in range(4)] == [True] * 4  # its lease of three, too
    relay.driver.sql("UPDATE rate_leases SET used_at = used_at - interval '1 hour'")
    relay.driver.sql("UPDATE rate_buckets SET refilled_at = refilled_at - interval '1 hour'")

    assert sum(granted(processes[n % spenders], key) for n in range(60)) == 30


def test_requests_that_wait_for_each_other_do_not_lease_more_than_half_together(
    relay: RelayClient, processes: list[PostgresAuthenticator]
) -> None:
    key = new_key(relay, rate_per_minute=1, burst=30)
    with psycopg.connect(relay.driver.dsn) as somebody, ThreadPoolExecutor(PROCESSES) as threads:
        assert granted(processes[0], key)
        relay.driver.sql("DELETE FROM rate_leases")
        somebody.execute("SELECT FROM rate_buckets FOR UPDATE")
        waiting = [threads.submit(granted, process, key) for process in processes]
        eventually(lambda: relay.driver.sql(WAITING) == [{"count": PROCESSES}])
        somebody.rollback()
        assert [answer.result() for answer in waiting] == [True] * PROCESSES

    leased = relay.driver.sql("SELECT granted FROM rate_leases")
    assert leased == [{"granted": 3}], "of the others, none could see what was leased before it"


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=steps)
def test_no_stretch_of_time_has_more_than_the_burst_and_what_came_due(
    relay: RelayClient,
    processes: list[PostgresAuthenticator],
    steps: list[tuple[int, int, float]],
) -> None:
    key = new_key(relay, rate_per_minute=60 * PER_SECOND, burst=BURST)
    paused_s, begun = 0.0, time.monotonic()
    spent: list[float] = []
    for number, requests, pause_s in steps:
        spent += [
            paused_s + time.monotonic() - begun
            for _ in range(requests)
            if granted(processes[number], key)
        ]
        paused_s += pause_s
        for table, column in (("rate_buckets", "refilled_at"), ("rate_leases", "used_at")):
            relay.driver.sql(f"UPDATE {table} SET {column} = {column} - interval '{pause_s} s'")  # noqa: S608 — names of this test

    for first, since in enumerate(spent):
        for last in range(first, len(spent)):
            due = (spent[last] - since) * PER_SECOND
            assert last - first + 1 <= BURST + due + 1, (first, last)
