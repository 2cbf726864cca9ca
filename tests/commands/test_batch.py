"""Batches: in order, one commit, a result per item, or all or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiwebhook.errors import Conflict, Invalid, NotFound
from tests.support.commands import CommandDriver, any_name

IDEA: dict[str, Any] = {"command": "store_memory", "data": {"type": "idea", "content": "x"}}
BAD: dict[str, Any] = {"command": "store_memory", "data": {"type": "poem", "content": "x"}}
GONE: dict[str, Any] = {"command": "forget_memory", "data": {"key": "nothing"}}


@pytest.mark.req("S5")
def test_a_batch_does_a_whole_workflow_in_order(driver: CommandDriver) -> None:
    reply = driver.send(
        "batch",
        "s",
        {
            "commands": [
                {"command": "create_session", "data": {"title": "T"}},
                {"command": "conversation_chunk", "data": {"content": "hello"}},
                IDEA,
                {
                    "command": "delegate_task",
                    "data": {"agent_name": "researcher", "description": "d"},
                },
                {"command": "get_session_summary"},
            ]
        },
    )
    results = reply.data["results"]
    assert [r["command"] for r in results] == [
        "create_session",
        "append_conversation",
        "store_memory",
        "delegate_task",
        "get_session_summary",
    ]
    assert [r["cursor"] for r in results] == [1, 2, 3, 4, None]
    assert results[3]["data"]["queue"]["position"] == 1
    assert results[4]["data"]["stats"]["active_tasks"] == 1
    assert reply.cursor == 4
    assert len(driver.waker.woken) == 1
    assert driver.count("outbox") == 0


@pytest.mark.req("S5")
def test_the_conversation_chunk_comes_first(driver: CommandDriver) -> None:
    driver.session("s")
    reply = driver.send(
        "batch", "s", {"commands": [IDEA], "conversation_chunk": {"content": "hello"}}
    )
    assert reply.data["conversation_chunk"]["status"] == "success"
    types = [type_ for _, type_ in driver.events("s")]
    assert types == ["session.created", "conversation.appended", "memory.stored"]


@pytest.mark.req("S5")
@pytest.mark.parametrize("bad", [BAD, GONE, {"command": "nope"}, {"commnd": "x"}, "x", None, 5, []])
def test_a_bad_item_of_a_loose_batch_fails_alone(driver: CommandDriver, bad: object) -> None:
    driver.session("s")
    reply = driver.send("batch", "s", {"commands": [IDEA, bad, IDEA]})
    assert [r["status"] for r in reply.data["results"]] == ["success", "error", "success"]
    assert (reply.data["succeeded"], reply.data["failed"]) == (2, 1)
    problem = reply.data["results"][1]["problem"]
    assert problem["status"] in {404, 422}
    assert driver.count("memories") == 2
    assert [seq for seq, _ in driver.events("s")] == [1, 2, 3]


@pytest.mark.req("S5")
@pytest.mark.parametrize(("bad", "error"), [(BAD, Invalid), (GONE, NotFound)])
def test_a_bad_item_of_an_atomic_batch_undoes_all_and_is_named(
    driver: CommandDriver, bad: dict[str, Any], error: type[Exception]
) -> None:
    driver.session("s")
    with pytest.raises(error) as caught:
        driver.send("batch", "s", {"commands": [IDEA, IDEA, bad], "atomic": True})
    assert "commands/2" in str(caught.value)
    assert "Nothing was stored" in str(caught.value)
    assert driver.count("memories") == 0
    assert len(driver.events("s")) == 1
    assert driver.publisher.published == []


@pytest.mark.req("S5")
def test_an_item_error_points_into_the_batch(driver: CommandDriver) -> None:
    driver.session("s")
    reply = driver.send("batch", "s", {"commands": [IDEA, BAD]})
    errors = reply.data["results"][1]["problem"]["errors"]
    assert [e["pointer"] for e in errors] == ["/data/commands/1/data/type"]


@pytest.mark.req("S5")
@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({}, "/data/commands"),
        ({"commands": []}, "/data/commands"),
        ({"commands": [IDEA] * 1001}, "/data/commands"),
        ({"commands": {"a": 1}}, "/data/commands"),
        ({"commands": [IDEA], "atomic": "yes"}, "/data/atomic"),
        ({"commands": [IDEA], "conversation_chunk": "x"}, "/data/conversation_chunk"),
    ],
)
def test_a_batch_of_the_wrong_shape_is_refused(
    driver: CommandDriver, data: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as caught:
        driver.send("batch", "s", data)
    assert [error.pointer for error in caught.value.errors] == [pointer]


@pytest.mark.req("S5")
def test_a_batch_holds_no_batch(driver: CommandDriver) -> None:
    nested = {"command": "batch", "data": {"commands": [IDEA]}}
    with pytest.raises(Invalid) as caught:
        driver.send("batch", "s", {"commands": [nested], "atomic": True})
    assert caught.value.code == "nested_batch"


@pytest.mark.req("S5")
def test_a_batch_of_a_thousand_is_taken(driver: CommandDriver) -> None:
    driver.session("s")
    reply = driver.send("batch", "s", {"commands": [IDEA] * 1000}, key=any_name("key"))
    assert reply.data["succeeded"] == 1000
    assert reply.cursor == 1001
    assert [seq for seq, _ in driver.events("s")] == list(range(1, 1002))


@pytest.mark.req("S5")
def test_items_may_name_other_sessions(driver: CommandDriver) -> None:
    driver.session("a")
    driver.session("b")
    items = [{**IDEA, "session_id": "a"}, {**IDEA, "session_id": "b"}, {**IDEA, "session_id": "a"}]
    reply = driver.send("batch", None, {"commands": items})
    assert [r["session_id"] for r in reply.data["results"]] == ["a", "b", "a"]


@pytest.mark.req("S5")
def test_an_item_that_takes_a_used_id_fails_alone(driver: CommandDriver) -> None:
    driver.session("s")
    chunk = {"command": "append_conversation", "data": {"content": "x", "chunk_id": "c"}}
    other = {"command": "append_conversation", "data": {"content": "y", "chunk_id": "c"}}
    reply = driver.send("batch", "s", {"commands": [chunk, other, chunk]})
    assert [r["status"] for r in reply.data["results"]] == ["success", "error", "success"]
    assert driver.count("conversation_chunks") == 1


ITEMS = st.lists(st.sampled_from(["good", "bad", "gone"]), min_size=1, max_size=8)


@pytest.mark.req("S5", "S9")
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kinds=ITEMS, atomic=st.booleans())
def test_any_batch_is_all_or_nothing_when_atomic_and_gap_free_always(
    driver: CommandDriver, kinds: list[str], *, atomic: bool
) -> None:
    session = driver.session()
    items = [{"good": IDEA, "bad": BAD, "gone": GONE}[kind] for kind in kinds]
    good = kinds.count("good")
    stored = good
    try:
        driver.send("batch", session, {"commands": items, "atomic": atomic})
    except (Invalid, NotFound, Conflict):
        assert atomic
        assert good < len(kinds)
        stored = 0
    events = driver.events(session)
    assert [seq for seq, _ in events] == list(range(1, stored + 2))


@pytest.mark.req("S5")
def test_large_reads_of_a_batch_that_do_not_fit_are_named(driver: CommandDriver) -> None:
    driver.session("s")
    added = {"name": "n", "type": "t", "content": "x" * 2_000_000, "artifact_id": "a"}
    driver.send("add_artifact", "s", added)
    item = {"command": "get_artifact", "data": {"artifact_id": "a"}}

    results = driver.send("batch", "s", {"commands": [item] * 4}).data["results"]

    assert [result["status"] for result in results] == ["success", "success", "error", "error"]
    assert results[2]["problem"]["code"] == "answer_too_large"
