"""A fake ChatGPT on our server, over HTTP and TLS: what its user is told, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.events.behaviours import KIND, Meeting
from tests.events.served import Ours
from tests.support.fake_chat import Fault, chat_receiver
from tests.support.tls import Tls

pytestmark = pytest.mark.req("N6")


@pytest.fixture
def meeting(module_database: str, tmp_path: Path) -> Generator[Meeting]:
    """Chats of one user with our server."""
    tls = Tls(tmp_path, name="127.0.0.1")
    ours = Ours(dsn=module_database, tls=tls.client)
    with chat_receiver(tls.server) as receiver:
        ours.fresh()
        yield Meeting(served=ours, receiver=receiver)
        ours.close()


def test_a_chat_finds_the_event_follows_it_and_says_what_came(meeting: Meeting) -> None:
    chat = meeting.chat()
    assert "events" in chat.result("server/discover")["capabilities"]
    first, *_ = chat.result("events/list")["events"]
    chat.subscribed(first["name"])
    meeting.tell("Copper it is.")
    (event,) = chat.hook.shown
    assert event["data"]["say"] == "Copper it is."
    read = event["data"]["read_with"]
    told = chat.result("tools/call", {"name": read["tool"], "arguments": read["arguments"]})
    assert told["structuredContent"]["data"]["status"] == "completed"
    assert [each.verified for each in chat.hook.arrived] == [True, True]


@pytest.mark.parametrize("fault", [f for f in Fault if f not in {Fault.GONE, Fault.TOO_LARGE}])
def test_no_fault_of_the_receiver_loses_the_news(meeting: Meeting, fault: Fault) -> None:
    """It comes again, or, where a 200 hid the loss, it stays in `updates` and in polls."""
    chat = meeting.chat()
    start = chat.result("events/poll", {"name": KIND})["cursor"]
    chat.subscribed(KIND)
    chat.hook.script.extend([fault, fault])
    meeting.tell("Copper it is.")
    meeting.later(60, step_s=20)
    assert meeting.receiver.unknown == [], "where a redirect leads nobody is called"
    polled = chat.result("events/poll", {"name": KIND, "cursor": start})["events"]
    assert [each["data"]["say"] for each in polled] == ["Copper it is."]
    if fault is Fault.LOSE:
        told = chat.result("tools/call", {"name": "get_updates", "arguments": {}})
        assert "Copper it is." in str(told["structuredContent"])
    else:
        ids = {each.headers["webhook-id"] for each in chat.hook.posts}
        assert ids == {polled[0]["eventId"]}
        assert len({each.body for each in chat.hook.posts}) == 1


@pytest.mark.parametrize("fault", [Fault.GONE, Fault.TOO_LARGE])
def test_an_answer_that_ends_one_delivery_ends_no_other(meeting: Meeting, fault: Fault) -> None:
    chat = meeting.following(fault)
    meeting.tell("One.")
    meeting.tell("Two.")
    meeting.later(60)
    assert [each["data"]["say"] for each in chat.hook.shown] == ["Two."]
    assert len(chat.hook.posts) == 2


def test_a_secret_that_is_replaced_between_two_tries_verifies_the_next(meeting: Meeting) -> None:
    """The chat may have forgotten the old one by then, or not know the new one yet."""
    chat = meeting.following(Fault.BUSY, Fault.BUSY)
    old = chat.secret
    meeting.tell("Copper it is.")
    chat.rotate(KIND)
    chat.forget_old_secrets()
    meeting.later(1)
    chat.hook.secrets[:] = [old]
    meeting.later(10)
    chat.forget_old_secrets()
    meeting.later(60)
    assert [each.verified for each in chat.hook.posts] == [True, True, True]
    assert len(chat.hook.shown) == 1
