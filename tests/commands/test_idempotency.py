"""One key, one effect: repeated, concurrent, reused, expired."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiwebhook.commands.envelope import NEWS_FIELDS
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.validation import prepare
from aiwebhook.errors import AiWebhookError, Conflict, Invalid
from aiwebhook.ports.command_rows import Settlement
from aiwebhook.ports.news_rows import Settled
from aiwebhook.postgres.command_store import PostgresCommandStore
from aiwebhook.postgres.queue_store import PostgresQueueStore
from tests.support.commands import CommandDriver, any_name

TASK = {"agent_name": "researcher", "description": "d", "task_id": "t1"}
WRITES: list[tuple[str, dict[str, Any], list[tuple[str, dict[str, Any]]]]] = [
    ("create_session", {"title": "New"}, []),
    ("append_conversation", {"content": "x"}, [("create_session", {})]),
    ("append_conversation", {"content": "x", "chunk_id": "c"}, [("create_session", {})]),
    ("store_memory", {"type": "idea", "content": "x", "key": "k"}, [("create_session", {})]),
    (
        "forget_memory",
        {"key": "k"},
        [
            ("create_session", {}),
            ("store_memory", {"type": "idea", "content": "x", "key": "k"}),
        ],
    ),
    ("pause_session", {}, [("create_session", {})]),
    ("complete_session", {}, [("create_session", {})]),
    ("resume_session", {}, [("create_session", {}), ("pause_session", {})]),
    ("delete_session", {}, [("create_session", {})]),
    ("add_artifact", {"name": "n", "type": "t", "content": "c"}, [("create_session", {})]),
    ("delegate_task", TASK, [("create_session", {})]),
    ("delegate_task", {"agent_name": "researcher", "description": "d"}, [("create_session", {})]),
    ("cancel_task", {"task_id": "t1"}, [("create_session", {}), ("delegate_task", TASK)]),
    (
        "retry_task",
        {"task_id": "t1"},
        [("create_session", {}), ("delegate_task", TASK), ("cancel_task", {"task_id": "t1"})],
    ),
    (
        "reply_to_task",
        {"task_id": "t1", "message": "m"},
        [("create_session", {}), ("delegate_task", TASK)],
    ),
    (
        "batch",
        {"commands": [{"command": "store_memory", "data": {"type": "idea", "content": "x"}}] * 2},
        [("create_session", {})],
    ),
]


@pytest.mark.req("W2")
@pytest.mark.parametrize(("command", "data", "before"), [w for w in WRITES if w[0] != "batch"])
def test_the_answer_is_kept_by_the_write_itself_and_never_written_again(
    driver: CommandDriver, command: str, data: dict[str, Any], before: list[Any]
) -> None:
    for step, more in before:
        driver.send(step, "s", more)
    driver.send(command, "s", data, key="once")
    (row,) = driver.sql(
        "SELECT k.xmin::text::bigint AS kept, e.xmin::text::bigint AS happened"
        " FROM idempotency_keys k, events e"
        " WHERE k.project_id = %(project_id)s AND k.key = 'once' AND e.project_id = k.project_id"
        " ORDER BY e.event_no DESC LIMIT 1"
    )
    # Own news is acknowledged after the commit: of a cancel, the event is the younger row.
    assert row["kept"] <= row["happened"]


def body_of(reply: Any) -> dict[str, Any]:
    """The answer without what is of now in every reply."""
    return {name: value for name, value in reply.as_json().items() if name not in NEWS_FIELDS}


@pytest.mark.req("S5", "S9")
@pytest.mark.parametrize(("command", "data", "before"), WRITES)
def test_the_second_time_answers_what_the_first_one_did(
    driver: CommandDriver,
    command: str,
    data: dict[str, Any],
    before: list[tuple[str, dict[str, Any]]],
) -> None:
    for step, more in before:
        driver.send(step, "s", more)
    first = driver.send(command, "s", data, key="k1")
    events = driver.events("s")
    again = driver.send(command, "s", data, key="k1")
    assert body_of(again) == body_of(first)
    assert (first.replayed, again.replayed) == (False, True)
    assert driver.events("s") == events


class Died(BaseException):
    """The process was killed; nothing catches it."""


class MortalStore(PostgresCommandStore):
    """Dies after the commit, before the settling."""

    def settle(self, settlement: Settlement) -> Settled:
        raise Died(settlement)


@pytest.mark.req("S5", "S9")
@pytest.mark.parametrize(("command", "data", "before"), WRITES)
def test_a_write_whose_process_died_after_the_commit_is_answered_and_not_repeated(
    driver: CommandDriver,
    command: str,
    data: dict[str, Any],
    before: list[tuple[str, dict[str, Any]]],
) -> None:
    for step, more in before:
        driver.send(step, "s", more)
    mortal = replace(driver.services, store=MortalStore(driver.database))
    with pytest.raises(Died):
        driver.send(command, "s", data, key="k1", services=mortal)
    events = driver.events("s")
    again = driver.send(command, "s", data, key="k1")
    assert again.replayed
    assert again.say
    assert again.message
    assert driver.events("s") == events


@pytest.mark.req("S5")
@pytest.mark.parametrize(("command", "data", "before"), WRITES)
def test_a_key_used_for_another_request_is_refused(
    driver: CommandDriver,
    command: str,
    data: dict[str, Any],
    before: list[tuple[str, dict[str, Any]]],
) -> None:
    driver.send("create_session", "first", {"title": "t"}, key="k1")
    for step, more in before:
        driver.send(step, "s", more)
    events = driver.events("s")
    with pytest.raises(Invalid) as caught:
        driver.send(command, "s", data, key="k1")
    assert caught.value.code == "idempotency_key_reused"
    assert driver.events("s") == events


@pytest.mark.req("S5")
def test_a_refused_request_leaves_its_key_free(driver: CommandDriver) -> None:
    with pytest.raises(AiWebhookError):
        driver.send("append_conversation", "s", {"content": "x"}, key="k1")
    driver.session("s")
    assert not driver.send("append_conversation", "s", {"content": "x"}, key="k1").replayed


@pytest.mark.req("S5")
def test_the_order_of_fields_and_the_alias_do_not_matter(driver: CommandDriver) -> None:
    driver.session("s")
    driver.send("append_conversation", "s", {"content": "x", "format": "summary"}, key="k1")
    again = driver.send("conversation_chunk", "s", {"format": "summary", "content": "x"}, key="k1")
    assert again.replayed


@pytest.mark.req("S5")
def test_a_key_is_free_again_after_a_day(driver: CommandDriver) -> None:
    driver.session("s")
    driver.send("store_memory", "s", {"type": "idea", "content": "x", "key": "a"}, key="k1")
    driver.sql(
        "UPDATE idempotency_keys SET created_at = now() - interval '25 hours'"
        " WHERE project_id = %(project_id)s"
    )
    reply = driver.send("store_memory", "s", {"type": "idea", "content": "y", "key": "b"}, key="k1")
    assert not reply.replayed
    assert driver.count("memories") == 2


@pytest.mark.req("O7")
def test_the_same_key_in_two_projects_is_two_keys(
    driver: CommandDriver, stranger: CommandDriver
) -> None:
    for one in (driver, stranger):
        assert not one.send("create_session", "s", {"title": "t"}, key="k1").replayed


@pytest.mark.req("S5")
@pytest.mark.parametrize("key", ["", "x" * 256, "a\0b", "é", "a\nb"])
def test_a_malformed_key_is_refused(driver: CommandDriver, key: str) -> None:
    with pytest.raises(Invalid):
        driver.send("create_session", "s", {}, key=key)
    assert driver.count("sessions") == 0


@pytest.mark.req("S5")
def test_a_key_in_flight_is_a_conflict_that_says_wait(driver: CommandDriver) -> None:
    driver.session("s")
    driver.database.connection.execute("SET lock_timeout = '50ms'")
    with psycopg.connect(driver.dsn) as other:
        other.execute(
            "INSERT INTO idempotency_keys (project_id, key, fingerprint, request_id, outcome)"
            " VALUES (%s, 'k1', '', 'r', '{}')",
            [driver.project_id],
        )
        for command, data in (
            ("store_memory", {"type": "idea", "content": "x"}),
            ("batch", {"commands": [{"command": "get_session_summary"}]}),
        ):
            with pytest.raises(Conflict) as caught:
                driver.send(command, "s", data, key="k1")
            assert caught.value.code == "idempotency_in_flight"
        other.rollback()
    assert driver.count("memories") == 0


@pytest.mark.req("S5")
@pytest.mark.parametrize("command", ["append_conversation", "create_session", "batch"])
def test_a_hundred_at_once_with_one_key_have_one_effect(
    driver: CommandDriver, command: str
) -> None:
    if command != "create_session":
        driver.session("s")
    data: dict[str, Any] = {
        "append_conversation": {"content": "x"},
        "create_session": {"title": "t"},
        "batch": {"commands": [{"command": "append_conversation", "data": {"content": "x"}}]},
    }[command]
    twins = [driver.twin() for _ in range(10)]

    def ten_times(services: CommandServices) -> list[tuple[str, bool]]:
        replies = [driver.send(command, "s", data, key="k1", services=services) for _ in range(10)]
        return [(reply.request_id, reply.replayed) for reply in replies]

    # Ten threads with a connection each: a connection serves one request at a time.
    with ThreadPoolExecutor(10) as pool:
        answers = [answer for answers in pool.map(ten_times, twins) for answer in answers]
    assert len(answers) == 100
    assert len({request_id for request_id, _ in answers}) == 1
    assert Counter(replayed for _, replayed in answers) == {True: 99, False: 1}
    assert len(driver.events("s")) == (1 if command == "create_session" else 2)


@pytest.mark.req("S5", "S9")
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations([0, 0, 0, 1, 1, 2, 2, 2]))
def test_any_interleaving_of_repeats_has_each_effect_once(
    driver: CommandDriver, order: list[int]
) -> None:
    session = driver.session()
    keys = [any_name("key") for _ in range(3)]
    answers: dict[int, dict[str, Any]] = {}
    for number in order:
        reply = driver.send(
            "append_conversation", session, {"content": f"{number}"}, key=keys[number]
        )
        assert answers.setdefault(number, body_of(reply)) == body_of(reply)
    assert [seq for seq, _ in driver.events(session)] == [1, 2, 3, 4]


@pytest.mark.req("S5")
@pytest.mark.parametrize(
    ("age", "kept"), [("23 hours 59 minutes", True), ("24 hours 1 minute", False)]
)
def test_a_key_lives_for_24_hours(driver: CommandDriver, *, age: str, kept: bool) -> None:
    """For a replay, for whoever would free it, and for the reaper that forgets it."""
    driver.send("create_session", "s", {"title": "A title"}, key="k1")
    driver.sql(
        "UPDATE idempotency_keys SET created_at = now() - %(age)s::interval"
        " WHERE project_id = %(project_id)s",
        age=age,
    )
    found = driver.services.store.find_outcome(project_id=driver.project_id, key="k1")
    assert (found is not None) == kept
    if kept:
        request = driver.request("create_session", "s", {"title": "A title"}, key="k1")
        driver.services.store.free_key(prepare(request).context.change())
    PostgresQueueStore(driver.database).prune(limit=100)
    assert driver.count("idempotency_keys") == int(kept)
