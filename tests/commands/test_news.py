"""News of a session: told to its readers until they acknowledge it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from aiwebhook.errors import Invalid
from tests.support.commands import CommandDriver
from tests.support.news import read, told, told_elsewhere


@pytest.mark.req("N5")
def test_finished_work_rides_on_every_reply_until_it_is_acknowledged(
    driver: CommandDriver,
) -> None:
    driver.session("s")
    event_id = driver.finish("t1")
    first = driver.send("append_conversation", "s", {"content": "x"})
    second = read(driver)
    third = read(driver, ack=second.cursor)
    assert (told(first), told(second), told(third)) == (["t1"], ["t1"], [])
    (update,) = second.updates
    assert (update["id"], update["seq"], update["times"]) == (event_id, 2, 2)
    assert (update["say"], update["data"]) == ("t1 is completed.", {"say": "t1 is completed."})
    assert update["time"].endswith("Z")
    assert second.next == (
        f'Acknowledge this with "ack": {second.cursor} in your next command for this session.'
    )
    assert third.next is None
    assert told(read(driver)) == []


@pytest.mark.req("N5")
def test_two_replies_lost_in_a_row_lose_no_news(driver: CommandDriver) -> None:
    driver.session("s")
    driver.finish("t1")
    memory = {"type": "idea", "content": "x"}
    lost = driver.send("store_memory", "s", memory, key="k1")
    lost_again = driver.send("store_memory", "s", memory, key="k1")
    driver.finish("t2")
    arrived = driver.send("store_memory", "s", memory, key="k1")
    assert (told(lost), told(lost_again), told(arrived)) == (["t1"], ["t1"], ["t1", "t2"])
    assert arrived.replayed
    after = driver.send("store_memory", "s", memory, key="k1", ack=arrived.cursor)
    assert (after.replayed, told(after)) == (True, [])


@pytest.mark.req("N5")
def test_a_replay_tells_the_news_of_now_and_the_cursor_of_now(driver: CommandDriver) -> None:
    driver.session("s")
    first = driver.send("append_conversation", "s", {"content": "x"}, key="k1")
    driver.finish("t1")
    replay = driver.send("append_conversation", "s", {"content": "x"}, key="k1")
    assert (first.cursor, replay.cursor, told(replay)) == (2, 3, ["t1"])


@pytest.mark.req("N5")
def test_updates_come_oldest_first_twenty_at_a_time_with_a_count_of_the_rest(
    driver: CommandDriver,
) -> None:
    driver.session("s")
    for number in range(45):
        driver.finish(f"t{number}")
    pages: list[list[str]] = []
    ack = None
    for more in (25, 5, 0):
        reply = read(driver, ack=ack)
        assert reply.updates_more == more
        pages.append(told(reply))
        ack = reply.cursor
        assert reply.cursor == reply.updates[-1]["seq"]
    assert [len(page) for page in pages] == [20, 20, 5]
    assert [task for page in pages for task in page] == [f"t{number}" for number in range(45)]
    last = read(driver, ack=ack)
    assert (last.updates, last.updates_more, last.cursor) == ((), 0, 46)


@pytest.mark.req("N5")
def test_a_reader_that_never_acknowledges_is_told_five_times_then_only_a_count(
    driver: CommandDriver,
) -> None:
    driver.session("s")
    driver.finish("t1")
    times = [reply.updates[0]["times"] for reply in (read(driver) for _ in range(5))]
    assert times == [1, 2, 3, 4, 5]
    sixth = read(driver)
    assert (sixth.updates, sixth.updates_more, sixth.next) == ((), 1, None)
    driver.finish("t2")
    assert told(read(driver)) == ["t2"]
    for _ in range(3):
        listed = driver.send("get_updates", "s").data
        assert [(u["task_id"], u["times"]) for u in listed["updates"]] == [("t1", 5), ("t2", 1)]
        assert listed["total"] == 2
    assert read(driver, ack=sixth.cursor).updates_more == 0
    assert [u["task_id"] for u in driver.send("get_updates", "s").data["updates"]] == ["t2"]


@pytest.mark.req("N5")
def test_a_backlog_is_told_through_though_nobody_acknowledges(driver: CommandDriver) -> None:
    driver.session("s")
    for number in range(30):
        driver.finish(f"t{number}")
    counts = dict.fromkeys((f"t{number}" for number in range(30)), 0)
    for _ in range(12):
        for task_id in told(read(driver)):
            counts[task_id] += 1
    assert set(counts.values()) == {5}
    assert driver.send("get_updates", "s").data["total"] == 30


@pytest.mark.req("N5")
@pytest.mark.parametrize("look", ["safe", "none", "get_updates"])
def test_a_look_spends_nothing_and_acknowledges_nothing(driver: CommandDriver, look: str) -> None:
    driver.session("s")
    driver.finish("t1")
    before = driver.sql("SELECT * FROM readers WHERE project_id = %(project_id)s ORDER BY reader")
    for _ in range(7):
        if look == "safe":
            reply = read(driver, safe=True)
            assert (told(reply), reply.updates[0]["times"]) == (["t1"], 1)
            driver.send("list_sessions", safe=True)
        elif look == "none":
            reply = driver.send(
                "store_memory", "s", {"type": "idea", "content": "x"}, reader="none"
            )
            assert (reply.updates, reply.updates_more, reply.elsewhere) == ((), 0, ())
        else:
            driver.send("get_updates", "s")
            driver.send("get_updates")
    after = driver.sql("SELECT * FROM readers WHERE project_id = %(project_id)s ORDER BY reader")
    assert after == before
    assert read(driver).updates[0]["times"] == 1


@pytest.mark.req("N5")
def test_two_phones_that_read_one_conversation_share_what_it_has_acknowledged(
    driver: CommandDriver,
) -> None:
    driver.session("s")
    driver.finish("t1")
    assert told(read(driver, reader="walk")) == ["t1"]
    other_phone = read(driver, reader="walk")
    assert [u["times"] for u in other_phone.updates] == [2]
    assert told(read(driver, reader="walk", ack=other_phone.cursor)) == []
    assert told(read(driver, reader="walk")) == []


@pytest.mark.req("N5")
def test_a_session_that_is_created_anew_tells_its_own_news_only(driver: CommandDriver) -> None:
    driver.session("s")
    for number in range(3):
        driver.finish(f"t{number}")
    read(driver, ack=read(driver).cursor)
    gone = driver.finish("t3")
    old = read(driver)
    driver.send("delete_session", "s")
    assert read(driver, None).elsewhere == ()
    driver.session("s")
    assert told(read(driver, ack=old.cursor)) == []
    driver.finish("new")
    reply = read(driver, ack=old.cursor)  # a late acknowledgement of the old session
    assert told(reply) == ["new"]
    assert told(read(driver, ack=reply.cursor)) == []
    with pytest.raises(Invalid):
        driver.send("ack_updates", "s", {"ids": [gone]})


@pytest.mark.req("N5")
def test_a_clock_that_jumps_changes_no_order(driver: CommandDriver) -> None:
    driver.session("s")
    driver.session("t")
    for number in range(4):
        driver.finish(f"t{number}")
    driver.sql(
        "UPDATE events SET created_at = now() - seq * interval '1 year'"
        " WHERE project_id = %(project_id)s"
    )
    driver.sql(
        "UPDATE events SET created_at = now() + interval '9 years'"
        " WHERE project_id = %(project_id)s AND task_id = 't1'"
    )
    reply = read(driver)
    assert told(reply) == ["t0", "t1", "t2", "t3"]
    assert told_elsewhere(read(driver, "t")) == ["t0", "t1", "t2"]
    assert told(read(driver, ack=reply.cursor)) == []


@pytest.mark.req("N5")
def test_readers_finishers_and_acknowledgers_at_once_lose_nothing(driver: CommandDriver) -> None:
    driver.session("s")
    read(driver, reader="walk")
    seen: list[str] = []

    def finisher(start: int) -> None:
        one = CommandDriver(driver.dsn, project_id=driver.project_id)
        for number in range(start, start + 15):
            one.finish(f"t{number}")
        one.close()

    def reader() -> None:
        services = driver.twin()
        ack = None
        for _ in range(25):
            reply = driver.send("list_tasks", "s", services=services, reader="walk", ack=ack)
            seen.extend(told(reply))
            ack = reply.cursor

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(finisher, start) for start in (0, 100)] + [pool.submit(reader)]
        for job in jobs:
            job.result()
    rest = told(read(driver, reader="walk"))
    everything = {f"t{n}" for start in (0, 100) for n in range(start, start + 15)}
    assert set(seen) | set(rest) == everything
