"""Retention in any order of events, and while everybody works, loses nothing that is pending."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiwebhook.usecases.retain import prune
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.fetched import fetched
from tests.support.postgres import clone
from tests.support.session_api import ApiDriver, Run, session_api_on

pytestmark = pytest.mark.req("O8")
STEPS = ("say", "ask", "claim", "end", "age", "prune", "read", "deliver", "reopen")

PENDING = (
    """SELECT t.project_id FROM tasks t JOIN events e USING (project_id, task_id)
    WHERE t.status NOT IN ('completed', 'failed', 'cancelled')""",
    """SELECT t.project_id FROM tasks t JOIN task_attempts a USING (project_id, task_id)
    WHERE t.status NOT IN ('completed', 'failed', 'cancelled')""",
    """SELECT d.project_id FROM deliveries d JOIN events e USING (event_no)
    WHERE d.status IN ('pending', 'held')""",
    "SELECT o.project_id FROM outbox o JOIN events e USING (event_no)",
    "SELECT project_id FROM task_results",
    "SELECT project_id FROM sessions",
)
"""All that somebody still needs: each is counted."""


@pytest.fixture(scope="module")
def dsn(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    with clone(postgres_server, migrated_template, "retained") as dsn:
        yield dsn


@dataclass(kw_only=True)
class World:
    """One project with a session, a reader of it, and what must be there."""

    driver: ApiDriver
    session_id: str = ""
    runs: list[Run] = field(default_factory=list[Run])
    waiting: int = 0
    given_out: int = 0
    after_seq: int = 0

    def __post_init__(self) -> None:
        self.session_id = self.driver.session()
        self.driver.post("/v1/endpoints", {"url": "https://a.example/hook"})

    def say(self) -> None:
        body = {"type": "idea", "content": "x"}
        self.driver.post(f"/v1/sessions/{self.session_id}/memories", body)

    def ask(self) -> None:
        self.driver.task(self.session_id)
        self.waiting += 1

    def claim(self) -> None:
        if self.waiting:
            self.runs.append(self.driver.claim())
            self.waiting -= 1

    def end(self) -> None:
        if self.runs:
            assert self.runs.pop().post("fail", {"error_class": "bad_input"}).status == 200

    def age(self) -> None:
        self.sql("UPDATE events SET created_at = created_at - interval '60 days'")
        self.sql("UPDATE deliveries SET created_at = created_at - interval '60 days'")
        self.sql("UPDATE task_attempts SET finished_at = finished_at - interval '60 days'")

    def prune(self) -> None:
        pending = self.pending()
        prune(
            self.driver.api.runs,
            project_id=self.driver.project_id,
            apply=True,
            has_time=lambda: True,
        )
        assert self.pending() == pending

    def read(self) -> None:
        """Every number once, in order, or it is said that some are missing."""
        path = f"/v1/sessions/{self.session_id}/events?after_seq={self.after_seq}"
        page = self.driver.get(path).body
        seqs = [event["seq"] for event in page["items"]]
        if seqs != list(range(self.after_seq + 1, self.after_seq + 1 + len(seqs))):
            assert page["truncated"]
            assert page["first_seq"] == seqs[0]
        self.after_seq = page["next_after_seq"]
        assert self.after_seq >= self.given_out
        self.given_out = self.after_seq

    def deliver(self) -> None:
        self.sql("UPDATE deliveries SET status = 'delivered'")

    def reopen(self) -> None:
        """The session is deleted, and another one takes its id: numbers go on."""
        self.read()
        self.driver.call("DELETE", f"/v1/sessions/{self.session_id}")
        self.runs.clear()
        self.waiting = 0
        assert self.driver.post("/v1/sessions", {"session_id": self.session_id}).status == 200
        self.read()

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        text = f"{statement} WHERE project_id = '{self.driver.project_id}'"
        with psycopg.connect(self.driver.dsn, autocommit=True) as connection:
            cursor = connection.execute(text.encode())
            return fetched(cursor)

    def pending(self) -> list[list[tuple[object, ...]]]:
        """How much of it there is."""
        return [self.sql(f"SELECT count(*) FROM ({query}) x") for query in PENDING]  # noqa: S608  reason: constants of this file


@given(st.lists(st.sampled_from(STEPS), min_size=10, max_size=20))
@settings(
    derandomize=True,
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_no_order_of_events_loses_what_is_pending(dsn: str, steps: list[str]) -> None:
    world = World(driver=ApiDriver(dsn))
    try:
        for step in steps:
            getattr(world, step)()
        world.age()
        world.prune()
        world.read()
        while world.waiting or world.runs:
            world.claim()
            world.end()
    finally:
        world.driver.outside.close()


def test_pruning_beside_writers_and_readers_loses_nothing(dsn: str) -> None:
    """Everything is old at once; the reader sees each number once, in order, or is told."""
    world = World(driver=ApiDriver(dsn))
    beside = ApiDriver(dsn, project_id=world.driver.project_id)
    runs = session_api_on(dsn, beside.outside).runs

    def prune_all() -> None:
        world.age()
        prune(runs, project_id=beside.project_id, apply=True, has_time=lambda: True)

    with going_on(prune_all, lambda: beside.task(world.session_id)):
        for _ in range(40):
            world.say()
            world.read()
    beside.outside.close()
    world.prune()
    (tasks,) = world.sql("SELECT count(*) FROM tasks")
    (created,) = world.sql(
        "SELECT count(*) FROM (SELECT * FROM events WHERE type = 'task.created') e"
    )
    assert created == tasks, "every task waits, so its events are kept"
    world.driver.outside.close()


@contextmanager
def going_on(*works: Callable[[], object]) -> Generator[None]:
    """Each again and again beside the block, in a thread of its own; raises what they raised."""
    stop = threading.Event()

    def keep(work: Callable[[], object]) -> None:
        while not stop.is_set():
            work()

    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(keep, work) for work in works]
        try:
            yield
        finally:
            stop.set()
        for each in running:
            each.result()
