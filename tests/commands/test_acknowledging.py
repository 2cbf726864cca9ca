"""Only an acknowledgement takes news away, and it takes no more than it says."""

from __future__ import annotations

from typing import Any

import pytest

from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.errors import AiWebhookError, Forbidden, Invalid, NotFound
from tests.support.commands import CommandDriver
from tests.support.news import read, told, told_elsewhere


@pytest.mark.req("N5")
def test_conversations_acknowledge_each_for_itself(driver: CommandDriver) -> None:
    driver.session("s")
    for reader in ("walk", "desk"):
        read(driver, reader=reader)
    driver.finish("t1")
    walk = read(driver, reader="walk")
    assert told(read(driver, reader="walk", ack=walk.cursor)) == []
    assert told(read(driver, reader="desk")) == ["t1"]
    assert told(read(driver)) == ["t1"]  # the session's own reader


@pytest.mark.req("N5")
def test_a_new_conversation_begins_where_any_has_acknowledged(driver: CommandDriver) -> None:
    driver.session("s")
    driver.finish("t1")
    read(driver, ack=read(driver).cursor)
    single = driver.finish("t2")
    driver.finish("t3")
    driver.send("ack_updates", None, {"ids": [single]})
    assert told(read(driver, reader="new")) == ["t3"]


@pytest.mark.req("N5")
def test_a_rotated_key_is_the_same_reader(driver: CommandDriver) -> None:
    driver.session("s")
    driver.finish("t1")
    read(driver, ack=read(driver).cursor)
    driver.caller = Caller(
        project_id=driver.project_id, key_id="another", scopes=frozenset({Scope.COMMANDS})
    )
    assert told(read(driver)) == []


@pytest.mark.req("N5")
def test_an_acknowledgement_counts_although_its_command_is_refused(driver: CommandDriver) -> None:
    driver.session("s")
    refused: list[tuple[str, dict[str, Any]]] = [
        ("retrieve_memory", {"key": "nowhere"}),
        ("store_memory", {"type": "poem"}),
        ("no_such_command", {}),
    ]
    for command, data in refused:
        driver.finish("t1")
        reply = read(driver)
        assert told(reply) == ["t1"]
        with pytest.raises(AiWebhookError):
            driver.send(command, "s", data, ack=reply.cursor)
        assert told(read(driver)) == []


@pytest.mark.req("N5")
def test_acknowledging_twice_or_less_than_before_changes_nothing(driver: CommandDriver) -> None:
    driver.session("s")
    driver.finish("t1")
    first = read(driver)
    driver.finish("t2")
    second = read(driver)
    for ack in (second.cursor, second.cursor, first.cursor, 0):
        assert told(read(driver, ack=ack)) == []


@pytest.mark.req("N5")
@pytest.mark.parametrize("beyond", [3, 2**63, 10**30])
def test_an_acknowledgement_beyond_the_end_is_refused_before_anything_happens(
    driver: CommandDriver, beyond: int
) -> None:
    driver.session("s")
    driver.finish("t1")
    before = driver.events("s")
    for command, data, ack in (
        ("append_conversation", {"content": "x"}, beyond),
        ("ack_updates", {"cursor": beyond}, None),
    ):
        with pytest.raises(Invalid) as caught:
            driver.send(command, "s", data, ack=ack)
        assert caught.value.code == "ack_beyond_end"
        assert f"at most 2, the last event of session 's', got {beyond}" in caught.value.detail
    assert driver.events("s") == before
    assert told(read(driver)) == ["t1"]


@pytest.mark.req("N5")
def test_an_acknowledgement_needs_a_session_a_reader_and_the_scope(driver: CommandDriver) -> None:
    driver.session("s")
    for command, session_id, reader in (
        ("list_sessions", None, None),
        ("get_session_summary", "s", "none"),
    ):
        with pytest.raises(Invalid) as caught:
            driver.send(command, session_id, ack=1, reader=reader)
        assert [error.pointer for error in caught.value.errors] == ["/ack"]
    with pytest.raises(NotFound):
        driver.send("list_tasks", "nowhere", ack=1)
    driver.caller = Caller(project_id=driver.project_id, key_id="k", scopes=frozenset({Scope.READ}))
    with pytest.raises(Forbidden):
        read(driver, ack=1)


@pytest.mark.req("N5", "O7")
def test_unknown_ids_and_those_of_others_are_refused_and_nothing_is_acknowledged(
    driver: CommandDriver, stranger: CommandDriver
) -> None:
    for one in (driver, stranger):
        one.session("s")
    mine, foreign = driver.finish("t1"), stranger.finish("t1")
    (created,) = driver.sql(
        "SELECT event_name(event_id, created_at, event_no) AS event_id FROM events"
        " WHERE project_id = %(project_id)s AND type = 'session.created'"
    )
    for wrong in (foreign, "evt_nowhere", created["event_id"]):
        with pytest.raises(Invalid) as caught:
            driver.send("ack_updates", "s", {"ids": [mine, wrong], "cursor": 2})
        assert caught.value.code == "update_not_found"
        assert [error.pointer for error in caught.value.errors] == ["/data/ids/1"]
    assert told(read(driver)) == told(read(stranger)) == ["t1"]
    assert driver.send("ack_updates", None, {"ids": [mine]}).data == {"acknowledged": 1}
    assert told(read(driver)) == []
    assert told(read(stranger)) == ["t1"]
    assert told_elsewhere(read(stranger, None)) == ["t1"]


@pytest.mark.req("N5")
def test_single_updates_are_acknowledged_out_of_order(
    driver: CommandDriver, stranger: CommandDriver
) -> None:
    stranger.session("s")
    stranger.finish("t0")
    driver.session("s")
    ids = [driver.finish(f"t{number}") for number in range(5)]
    driver.send("ack_updates", "s", {"ids": [ids[3], ids[1], ids[1]]})
    assert told(read(driver)) == ["t0", "t2", "t4"]
    again = driver.send("ack_updates", "s", {"ids": [ids[1], ids[0]]})
    assert again.data == {"acknowledged": 1}
    assert told(again) == ["t2", "t4"]
    driver.send("ack_updates", "s", {"ids": [ids[2], ids[4]]})
    (row,) = driver.sql(
        "SELECT acked_seq, acked_seqs FROM readers WHERE project_id = %(project_id)s"
        " AND reader = 's'"
    )
    assert row == {"acked_seq": 6, "acked_seqs": []}


@pytest.mark.req("N5")
def test_ack_updates_is_idempotent_under_its_key(driver: CommandDriver) -> None:
    driver.session("s")
    event_id = driver.finish("t1")
    first = driver.send("ack_updates", "s", {"ids": [event_id]}, key="k1")
    again = driver.send("ack_updates", "s", {"ids": [event_id]}, key="k1")
    assert (first.data, again.data, again.replayed) == (
        {"acknowledged": 1},
        {"acknowledged": 1},
        True,
    )
    with pytest.raises(Invalid) as caught:
        driver.send("ack_updates", "s", {"cursor": 1}, key="k1")
    assert caught.value.code == "idempotency_key_reused"


@pytest.mark.req("N5")
@pytest.mark.parametrize(
    ("session_id", "data", "pointer"),
    [
        (None, {"cursor": 1}, "/data/cursor"),
        ("s", {}, "/data"),
        ("s", {"ids": []}, "/data"),
        ("s", {"cursor": -1}, "/data/cursor"),
        ("s", {"ids": [""]}, "/data/ids/0"),
        ("s", {"ids": ["x"] * 101}, "/data/ids"),
    ],
)
def test_an_acknowledgement_of_nothing_is_refused(
    driver: CommandDriver, session_id: str | None, data: dict[str, Any], pointer: str
) -> None:
    driver.session("s")
    with pytest.raises(Invalid) as caught:
        driver.send("ack_updates", session_id, data)
    assert [error.pointer for error in caught.value.errors] == [pointer]


@pytest.mark.req("N5")
def test_a_late_conversation_does_not_move_back_where_new_ones_begin(
    driver: CommandDriver,
) -> None:
    driver.session("s")
    for reader in ("walk", "desk"):
        read(driver, reader=reader)
    driver.finish("t1")
    early = read(driver, reader="desk")
    driver.finish("t2")
    read(driver, reader="walk", ack=read(driver, reader="walk").cursor)
    read(driver, reader="desk", ack=early.cursor)
    assert told(read(driver, reader="new")) == []
    assert told(read(driver, reader="desk")) == ["t2"]
