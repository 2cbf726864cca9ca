"""What an accepted command costs the database, through the relay: statement by statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from aiwebhook.commands.catalogue import CATALOGUE
from tests.relay.conftest import RelayClient
from tests.support.cost import CostMeter, Step, median

ROUNDS = 5
READ = 130
"""Bytes of a read: its commit, and at times a page that PostgreSQL prunes because it is read."""
# A change here is a change of what every command costs. Bytes have a little room: a page that is
# pruned in passing costs some. A read writes its token of the unlogged lease: a commit of 40 bytes.
COSTS = {  # command: its statements, round trips, commits, bytes of WAL at most
    "create_session": ("recheck_key create_session announce settle", 2, 2, 2_000),
    "append_conversation": ("recheck_key look_for_news append_conversation announce", 1, 1, 3_100),
    "store_memory": ("recheck_key look_for_news store_memory announce settle", 2, 2, 2_100),
    "retrieve_memory": ("recheck_key look_for_news find_memory", 1, 1, READ),
    "forget_memory": (
        "recheck_key look_for_news lock_sessions forget_memory announce",
        1,
        1,
        1_450,
    ),
    "query_memories": ("recheck_key look_for_news query_memories find_session", 2, 1, READ),
    "list_memories": ("recheck_key look_for_news query_memories find_session", 2, 1, READ),
    "delegate_task": ("recheck_key look_for_news delegate_task announce", 1, 1, 2_700),
    "get_task": ("recheck_key look_for_news find_task list_artifacts explain_task", 3, 1, READ),
    "list_tasks": ("recheck_key look_for_news list_tasks", 1, 1, READ),
    "reply_to_task": ("recheck_key look_for_news reply_to_task announce", 1, 1, 1_800),
    "cancel_task": ("recheck_key look_for_news cancel_task announce settle", 2, 2, 4_000),
    "retry_task": ("recheck_key look_for_news retry_task announce", 1, 1, 2_300),
    "add_artifact": ("recheck_key look_for_news add_artifact announce settle", 2, 2, 2_150),
    "get_artifact": ("recheck_key look_for_news find_artifact", 1, 1, READ),
    "list_artifacts": ("recheck_key look_for_news list_artifacts", 1, 1, READ),
    "get_conversation": ("recheck_key look_for_news page_conversation", 1, 1, READ),
    "get_session_summary": ("recheck_key look_for_news summarize_session", 1, 1, READ),
    "catch_up": ("recheck_key look_for_news catch_up", 1, 1, READ),
    "list_agents": ("recheck_key look_for_news describe_agents", 1, 1, READ),
    "list_sessions": ("recheck_key look_for_news list_sessions", 1, 1, READ),
    "get_updates": ("recheck_key session_news", 1, 1, READ),
    "ack_updates": ("recheck_key acknowledge announce look_for_news", 1, 1, 1_000),
    "pause_session": ("recheck_key look_for_news change_session_status announce", 1, 1, 1_350),
    "resume_session": (
        "recheck_key look_for_news change_session_status announce catch_up",
        2,
        1,
        1_350,
    ),
    "help": ("recheck_key look_for_news", 1, 1, READ),
    "batch": (
        f"recheck_key reserve_key lock_sessions {'append_conversation ' * 2}keep_outcome settle",
        8,  # one per item: what begins and releases its savepoint goes along with it
        5,  # of which two are savepoints
        6_500,
    ),
    "complete_session": ("recheck_key look_for_news change_session_status announce", 1, 1, 1_400),
    "delete_session": (
        "recheck_key look_for_news lock_session_tasks lock_sessions delete_session announce",
        1,
        1,
        2_900,
    ),
}
TEXT = "We decided to ship on Friday, and Ana writes the notes. " * 20
Json = dict[str, Any]


def commands(number: int) -> Iterator[tuple[str, Json]]:
    """One of each, in an order in which each succeeds."""
    task, key = f"task_{number}", f"key_{number}"
    yield "append_conversation", {"content": TEXT}
    yield "store_memory", {"key": key, "type": "decision", "content": "We take copper"}
    yield "retrieve_memory", {"key": key}
    yield "forget_memory", {"key": key}
    yield "query_memories", {"text": "copper"}
    yield "list_memories", {}
    yield "delegate_task", {"task_id": task, "agent_name": "researcher", "description": "Why?"}
    yield "get_task", {"task_id": task}
    yield "list_tasks", {}
    yield "reply_to_task", {"task_id": task, "message": "Go on"}
    yield "cancel_task", {"task_id": task}
    yield "retry_task", {"task_id": task}
    yield (
        "add_artifact",
        {
            "artifact_id": f"art_{number}",
            "name": "Plan",
            "type": "document",
            "content": "# The plan",
        },
    )
    yield "get_artifact", {"artifact_id": f"art_{number}"}
    yield "list_artifacts", {}
    yield "get_conversation", {}
    yield "get_session_summary", {}
    yield "catch_up", {}
    yield "list_agents", {}
    yield "list_sessions", {}
    yield "get_updates", {}
    yield "ack_updates", {"cursor": 1}
    yield "pause_session", {}
    yield "resume_session", {}
    yield "help", {"command": "batch"}
    yield "batch", {"commands": [{"command": "append_conversation", "data": {"content": TEXT}}] * 2}
    yield "complete_session", {}
    yield "delete_session", {}


@pytest.fixture
def meter(relay: RelayClient) -> Iterator[CostMeter]:
    with closing(psycopg.connect(relay.driver.dsn, autocommit=True)) as observer:
        yield CostMeter(database=relay.driver.database, observer=observer)


def run_all(relay: RelayClient, meter: CostMeter, number: int) -> None:
    session = f"costs_{number}"
    for command, data in (("create_session", {"title": "Costs"}), *commands(number)):
        headers = {"Idempotency-Key": f"{command}-{number}"}
        with meter.step(command):
            answer = relay.command(command, session, data, headers=headers)
        assert answer.status == 200, (command, answer.body)


@pytest.mark.req("T2")
def test_what_each_command_costs(relay: RelayClient, meter: CostMeter) -> None:
    relay.driver.sql(
        "UPDATE api_keys SET burst = 1000000, rate_per_minute = 1000000"
        " WHERE project_id = %(project_id)s"
    )
    lives: list[list[Step]] = []
    for number in range(2 + ROUNDS):
        meter.steps = []
        run_all(relay, meter, number)
        lives.append(meter.steps)
    steps = median(lives[2:])
    told = "\n".join(str(step) for step in steps)
    assert [step.name for step in steps] == list(dict.fromkeys(step.name for step in steps))
    assert {step.name for step in steps} == set(CATALOGUE)
    for step in steps:
        statements, round_trips, commits, wal = COSTS[step.name]
        assert " ".join(step.statements) == statements, told
        assert (step.round_trips, step.commits) == (round_trips, commits), told
        assert step.wal <= wal, told
