"""Events: gap-free whatever happens at once; readers woken."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from aiwebhook.errors import AiWebhookError, Unavailable
from aiwebhook.ports.command_rows import Settlement
from aiwebhook.ports.news_rows import Settled
from tests.support.commands import CommandDriver


def any_write(rng: random.Random) -> tuple[str, dict[str, Any]]:
    """A write that works, loses a race, or breaks a rule."""
    memory = {"command": "store_memory", "data": {"type": "idea", "content": "b"}}
    forget = {"command": "forget_memory", "data": {"key": "hot"}}
    batch = {"commands": [memory, forget], "atomic": rng.random() < 0.5}
    choices: list[tuple[str, dict[str, Any]]] = [
        ("append_conversation", {"content": "x"}),
        ("append_conversation", {"content": "x", "chunk_id": f"c{rng.randrange(10)}"}),
        ("store_memory", {"type": "idea", "content": "x", "key": "hot"}),
        ("forget_memory", {"key": "hot"}),
        ("delegate_task", {"agent_name": "researcher", "description": "d"}),
        ("pause_session", {}),
        ("resume_session", {}),
        ("store_memory", {"type": "poem", "content": "x"}),
        ("batch", batch),
    ]
    return rng.choice(choices)


@pytest.mark.req("S9")
def test_seq_is_gap_free_while_eight_writers_write_and_fail(driver: CommandDriver) -> None:
    session = driver.session("s")

    def writer(seed: int) -> None:
        services = driver.twin()
        rng = random.Random(seed)
        for _ in range(30):
            command, data = any_write(rng)
            try:
                driver.send(command, session, data, services=services)
            except Unavailable:
                raise
            except AiWebhookError:
                continue

    with ThreadPoolExecutor(8) as pool:
        for job in [pool.submit(writer, seed) for seed in range(8)]:
            job.result()
    seqs = [seq for seq, _ in driver.events(session)]
    assert seqs == list(range(1, len(seqs) + 1))
    doubled = driver.sql(
        "SELECT key FROM memories WHERE project_id = %(project_id)s AND current"
        " GROUP BY key HAVING count(*) > 1"
    )
    assert doubled == []


@pytest.mark.req("S3", "S9")
def test_versions_of_one_memory_have_no_gap_under_concurrency(driver: CommandDriver) -> None:
    session = driver.session("s")

    def writer() -> None:
        services = driver.twin()
        for _ in range(10):
            memory = {"type": "idea", "content": "x", "key": "hot"}
            driver.send("store_memory", session, memory, services=services)

    with ThreadPoolExecutor(5) as pool:
        for job in [pool.submit(writer) for _ in range(5)]:
            job.result()
    rows = driver.sql(
        "SELECT version, current FROM memories WHERE project_id = %(project_id)s ORDER BY version"
    )
    assert [row["version"] for row in rows] == list(range(1, 51))
    assert [row["current"] for row in rows] == [False] * 49 + [True]


@pytest.mark.req("S9")
def test_batches_over_crossed_sessions_all_come_through(driver: CommandDriver) -> None:
    for session in ("a", "b"):
        driver.session(session)
    memory = {"command": "store_memory", "data": {"type": "idea", "content": "x"}}

    def writer(order: str) -> None:
        services = driver.twin()
        for _ in range(10):
            items = [{**memory, "session_id": session} for session in order]
            assert (
                driver.send("batch", None, {"commands": items}, services=services).data["failed"]
                == 0
            )

    with ThreadPoolExecutor(4) as pool:
        for job in [pool.submit(writer, order) for order in ("ab", "ba", "ab", "ba")]:
            job.result()
    assert len(driver.events("a")) == len(driver.events("b")) == 41


@pytest.mark.req("N4")
def test_a_write_wakes_the_readers(driver: CommandDriver) -> None:
    with psycopg.connect(driver.dsn, autocommit=True) as listener:
        listener.execute("LISTEN aiwebhook")
        driver.session("s")
        notices = [n.channel for n in listener.notifies(timeout=5, stop_after=1)]
    assert notices == ["aiwebhook"]


@pytest.mark.req("W2")
def test_a_committed_write_is_answered_although_settling_fails(
    driver: CommandDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.session("s")
    store = driver.services.store

    def away(_settlement: Settlement) -> Settled:
        raise Unavailable("away")

    monkeypatch.setattr(store, "settle", away)
    reply = driver.send("append_conversation", "s", {"content": "x"})
    assert driver.events("s")[-1] == (2, "conversation.appended")
    # Without a look at the news no number is safe to acknowledge.
    assert (reply.cursor, reply.updates, reply.next) == (None, (), None)


@pytest.mark.req("W2")
def test_a_write_is_answered_although_its_caller_is_gone_meanwhile(driver: CommandDriver) -> None:
    driver.session("s")
    driver.finish("t1")
    driver.sql("DELETE FROM api_keys WHERE project_id = %(project_id)s")
    assert driver.send("append_conversation", "s", {"content": "x"}).cursor == 3


@pytest.mark.req("O7")
@pytest.mark.parametrize(
    ("command", "session_id", "data"),
    [
        ("get_session_summary", "s", {}),
        ("append_conversation", "s", {"content": "x"}),
        ("retrieve_memory", "s", {"key": "k"}),
        ("get_task", None, {"task_id": "t1"}),
        ("cancel_task", None, {"task_id": "t1"}),
        ("get_artifact", None, {"artifact_id": "a1"}),
        ("delete_session", "s", {}),
    ],
)
def test_nothing_of_another_project_is_found(
    driver: CommandDriver,
    stranger: CommandDriver,
    command: str,
    session_id: str | None,
    data: dict[str, Any],
) -> None:
    driver.session("s")
    driver.send("store_memory", "s", {"type": "idea", "content": "x", "key": "k"})
    task = {"agent_name": "researcher", "description": "d", "task_id": "t1"}
    driver.send("delegate_task", "s", task)
    artifact = {"name": "n", "type": "t", "content": "c", "artifact_id": "a1"}
    driver.send("add_artifact", "s", artifact)
    before = driver.events("s")
    with pytest.raises(AiWebhookError) as caught:
        stranger.send(command, session_id, data)
    assert caught.value.code.endswith("not_found")
    for listing in ("list_sessions", "list_tasks", "list_artifacts"):
        assert stranger.send(listing).data["count"] == 0
    assert driver.events("s") == before
