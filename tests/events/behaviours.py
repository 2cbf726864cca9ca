# reason: the rows of one table, told in order
"""What a chat meets at a server of MCP events: each behaviour as a question with a short answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook

from aiwebhook.clock import utc_now
from session_api.mcp.events.refusals import EVENTS_EXTENSION
from tests.events.served import Served
from tests.support.fake_chat import ChatReceiver, FakeChat, Fault, a_secret

Json = dict[str, Any]
KIND = "task.updated"
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Chats of one user with one server."""

    served: Served
    receiver: ChatReceiver
    chats: list[FakeChat] = field(default_factory=list[FakeChat])

    def chat(self, **more: Any) -> FakeChat:
        """Another, with a callback URL of its own."""
        served = self.served
        chat = FakeChat(server=served.server, token=served.token, hook=self.receiver.hook(), **more)
        self.chats.append(chat)
        return chat

    def following(self, *faults: Fault | None, **more: Any) -> FakeChat:
        """A chat whose subscription is granted; then its receiver does this."""
        chat = self.chat()
        chat.subscribed(KIND, **more)
        chat.hook.script.extend(faults)
        return chat

    def tell(self, marker: str) -> None:
        """Something happens, and whatever is due goes out."""
        self.served.happens(marker)
        self.served.deliver()

    def later(self, seconds: float, *, step_s: float | None = None) -> None:
        """Time passes, in steps; after each, whatever is due goes out."""
        step_s = step_s or seconds
        for _ in range(round(seconds / step_s)):
            self.served.time_passes(step_s)
            self.served.deliver()

    def restart(self) -> None:
        """The server is killed, and there again."""
        self.served.restart()
        for chat in self.chats:
            chat.server = self.served.server

    def end(self) -> None:
        """Nobody follows any more."""
        for chat in self.chats:
            chat.hook.always = None
            chat.unsubscribe(KIND)


Ask = Callable[[Meeting], str]
BEHAVIOURS: dict[str, dict[str, Ask]] = {}


def behaviour(part: str, title: str) -> Callable[[Ask], Ask]:
    """A row of the table."""

    def keep(ask: Ask) -> Ask:
        BEHAVIOURS.setdefault(part, {})[title] = ask
        return ask

    return keep


def told(answer: Json) -> str:
    """Whether it was granted, or how it was refused."""
    if "error" not in answer:
        return "granted"
    error = answer["error"]
    reason: Json = error.get("data") or {}
    return " ".join([str(error["code"]), *(str(reason[n]) for n in ("reason",) if n in reason)])


def yes(fact: object) -> str:
    return "yes" if fact else "no"


DISCOVERY, SUBSCRIBING = "Discovery", "Subscribing"
RECEIVERS, DELIVERING = "A receiver that is asked", "Delivering"


@behaviour(DISCOVERY, "`capabilities.events` at discovery")
def _key(meeting: Meeting) -> str:
    return yes("events" in meeting.chat().result("server/discover")["capabilities"])


@behaviour(DISCOVERY, "`capabilities.extensions` names the extension")
def _extension(meeting: Meeting) -> str:
    capabilities = meeting.chat().result("server/discover")["capabilities"]
    return yes(EVENTS_EXTENSION in (capabilities.get("extensions") or {}))


@behaviour(DISCOVERY, "how an event may be followed")
def _ways(meeting: Meeting) -> str:
    (kind,) = [e for e in meeting.chat().result("events/list")["events"] if e["name"] == KIND]
    return ", ".join(kind["delivery"])


@behaviour(DISCOVERY, "`events/poll`")
def _poll(meeting: Meeting) -> str:
    answer = meeting.chat().call("events/poll", {"name": KIND, "arguments": {}, "cursor": None})
    return "a cursor" if "result" in answer else told(answer)


@behaviour(SUBSCRIBING, "an unknown event")
def _unknown(meeting: Meeting) -> str:
    return told(meeting.chat().subscribe("nothing.such"))


@behaviour(SUBSCRIBING, "the same ten times at once")
def _once(meeting: Meeting) -> str:
    chat = meeting.chat()
    chat.hook.always, chat.hook.late_s = Fault.LATE, 0.5
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(chat.subscribe, [KIND] * 10))
    refused = {told(each) for each in answers if "error" in each}
    ids = {each["result"]["id"] for each in answers if "result" in each}
    return f"{len(ids)} id; {', '.join(['some refused', *refused]) if refused else 'all granted'}"


@behaviour(SUBSCRIBING, "the same three times in a row: challenges")
def _challenges(meeting: Meeting) -> str:
    chat = meeting.chat()
    for _ in range(3):
        chat.subscribed(KIND)
    return str(len(chat.hook.challenges))


@behaviour(SUBSCRIBING, "a secret of 23, 24, 64, 65 bytes")
def _secrets(meeting: Meeting) -> str:
    sizes = (23, 24, 64, 65)
    return ", ".join(told(meeting.chat(secret=a_secret(n)).subscribe(KIND)) for n in sizes)


@behaviour(SUBSCRIBING, '`ttlMs` 0, -5, true, "x"')
def _ttl(meeting: Meeting) -> str:
    chat = meeting.chat()
    return ", ".join(told(chat.subscribe(KIND, ttlMs=ttl)) for ttl in (0, -5, True, "x"))


@behaviour(SUBSCRIBING, "granted for, when nothing is asked")
def _grant(meeting: Meeting) -> str:
    until = datetime.fromisoformat(meeting.chat().subscribed(KIND)["refreshBefore"])
    # The anchor reads a clock that may have been moved; only its order of size is asked for here.
    return f"{round((until - utc_now()).total_seconds() / 86_400)} days"


@behaviour(SUBSCRIBING, "a cursor in the answer, from which to go on")
def _cursor(meeting: Meeting) -> str:
    return yes(meeting.chat().subscribed(KIND)["cursor"])


@behaviour(SUBSCRIBING, "what happened while it had lapsed is replayed from its cursor")
def _replay(meeting: Meeting) -> str:
    chat = meeting.following()
    cursor = chat.subscribed(KIND)["cursor"]
    chat.unsubscribe(KIND)
    meeting.served.happens("meanwhile")
    chat.subscribe(KIND, cursor=cursor)
    meeting.served.deliver()
    return yes(chat.hook.shown)


@behaviour(SUBSCRIBING, "the fifty-first of one user")
def _many(meeting: Meeting) -> str:
    for _ in range(50):
        meeting.following()
    return told(meeting.chat().subscribe(KIND))


@behaviour(SUBSCRIBING, "ending what was never held")
def _never_held(meeting: Meeting) -> str:
    return told(meeting.chat().unsubscribe(KIND))


@behaviour(SUBSCRIBING, "after a kill it has the same id, and events come")
def _after_a_kill(meeting: Meeting) -> str:
    chat = meeting.following()
    before = chat.subscribed(KIND)["id"]
    meeting.restart()
    meeting.tell("after")
    return yes(chat.hook.shown and chat.subscribed(KIND)["id"] == before)


@behaviour(SUBSCRIBING, "how its delivery stands, in the answer to a refresh")
def _standing(meeting: Meeting) -> str:
    chat = meeting.following(Fault.BUSY)
    meeting.tell("once")
    status: Json = chat.subscribed(KIND).get("deliveryStatus") or {}
    return str(status.get("lastError", "not told"))


def _asked(fault: Fault) -> Ask:
    def ask(meeting: Meeting) -> str:
        chat = meeting.following()
        other = meeting.chat()
        if fault is Fault.STALE:  # the challenge that it has seen at another URL
            other.hook.arrived.extend(chat.hook.challenges)
        other.hook.script.append(fault)
        return told(other.subscribe(KIND))

    return ask


for _title, _fault in {
    "sends back another challenge": Fault.WRONG,
    "sends back the challenge of another time": Fault.STALE,
    "sends it back too late": Fault.LATE,
    "sends it back twice": Fault.TWICE,
    "never answers": Fault.HANG,
    "is gone (410)": Fault.GONE,
    "is busy (503)": Fault.BUSY,
    "redirects (302)": Fault.REDIRECT,
}.items():
    behaviour(RECEIVERS, _title)(_asked(_fault))


@behaviour(RECEIVERS, "does not listen")
def _closed(meeting: Meeting) -> str:
    chat = meeting.chat()
    chat.hook = replace(chat.hook, url="https://127.0.0.1:9/hook")
    return told(chat.subscribe(KIND))


@behaviour(RECEIVERS, "is called by http")
def _plain(meeting: Meeting) -> str:
    meeting.served.guard()
    chat = meeting.chat()
    chat.hook = replace(chat.hook, url="http://chat.example.com/hook")
    return told(chat.subscribe(KIND))


@behaviour(RECEIVERS, "is this machine, in production; connections made")
def _inside(meeting: Meeting) -> str:
    meeting.served.guard()
    chat = meeting.chat()
    return f"{told(chat.subscribe(KIND))}; {len(chat.hook.arrived)}"


@behaviour(DELIVERING, "the official library verifies it")
def _verified(meeting: Meeting) -> str:
    chat = meeting.following()
    meeting.tell("once")
    return yes(chat.hook.shown)


@behaviour(DELIVERING, "a retry has the same id and bytes, and a signature of its own")
def _retried(meeting: Meeting) -> str:
    chat = meeting.following(Fault.BUSY)
    meeting.tell("once")
    meeting.later(60)
    first, second = chat.hook.posts
    ids = {each.headers["webhook-id"] for each in (first, second)}
    return yes(len(ids) == 1 and first.body == second.body and second.verified)


@behaviour(DELIVERING, "the second try comes within")
def _second_try(meeting: Meeting) -> str:
    """Far apart: the servers' clocks run on meanwhile, by seconds on a busy machine."""
    chat = meeting.following(Fault.BUSY)
    meeting.tell("once")
    passed_s = 0
    for second in (1, 10, 30, 60, 120):
        meeting.later(second - passed_s)
        passed_s = second
        if chat.hook.shown:
            return f"{second} s"
    return "more than two minutes"


@behaviour(DELIVERING, "tries in the first six minutes of a receiver that is down")
def _tries(meeting: Meeting) -> str:
    chat = meeting.following()
    chat.hook.always = Fault.BUSY
    meeting.tell("once")
    meeting.later(1)
    meeting.later(360, step_s=12)
    return str(len(chat.hook.posts))


@behaviour(DELIVERING, "an event of a receiver that was down for 72 hours")
def _outage(meeting: Meeting) -> str:
    chat = meeting.following()
    chat.hook.always = Fault.BUSY
    meeting.tell("once")
    meeting.later(72 * HOUR_S, step_s=4 * HOUR_S)
    chat.hook.always = None
    meeting.later(2 * HOUR_S, step_s=HOUR_S)
    return "is told" if chat.hook.shown else "is lost"


@behaviour(DELIVERING, "a refresh has what waits sent at once")
def _refreshed(meeting: Meeting) -> str:
    chat = meeting.following(*[Fault.BUSY] * 4)
    meeting.tell("once")
    meeting.later(360, step_s=90)
    chat.hook.script.clear()
    chat.hook.script.append(Fault.BUSY)
    meeting.tell("twice")
    before = len(chat.hook.shown)
    chat.subscribed(KIND)
    meeting.served.deliver()
    return yes(len(chat.hook.shown) > before)


def _ended(fault: Fault) -> Ask:
    def ask(meeting: Meeting) -> str:
        chat = meeting.following(fault)
        meeting.tell("once")
        meeting.later(HOUR_S)
        again = len(chat.hook.posts) > 1
        meeting.tell("next")
        follows = any("next" in json.dumps(event) for event in chat.hook.shown)
        return f"{'tried again' if again else 'dropped'}; the next one {_comes(follows)}"

    return ask


def _comes(follows: bool) -> str:
    return "comes" if follows else "does not come"


for _title, _fault in {
    "an event answered by 410": Fault.GONE,
    "by 413": Fault.TOO_LARGE,
    "by 425": Fault.EARLY,
    "by 503": Fault.BUSY,
    "by a redirect": Fault.REDIRECT,
    "by nothing": Fault.HANG,
}.items():
    behaviour(DELIVERING, _title)(_ended(_fault))


@behaviour(DELIVERING, "a redirect is followed")
def _followed(meeting: Meeting) -> str:
    meeting.receiver.unknown.clear()
    meeting.following(Fault.REDIRECT)
    meeting.tell("once")
    return yes(meeting.receiver.unknown)


@behaviour(DELIVERING, "POSTs of one event with four senders at once")
def _senders(meeting: Meeting) -> str:
    chat = meeting.following()
    chat.hook.always, chat.hook.late_s = Fault.LATE, 0.7
    meeting.served.happens("once")
    meeting.served.deliver(senders=4)
    return str(len(chat.hook.posts))


@behaviour(DELIVERING, "while a secret is replaced, the old one and the new one verify")
def _rotated(meeting: Meeting) -> str:
    chat = meeting.following(Fault.BUSY)
    old = chat.secret
    meeting.tell("once")
    chat.rotate(KIND)
    meeting.later(60)
    last = chat.hook.posts[-1]
    for secret in (old, chat.secret):
        Webhook(secret).verify(last.body, last.headers)
    return yes(chat.hook.shown)


@behaviour(DELIVERING, "an event that a 200 lost can be polled")
def _lost(meeting: Meeting) -> str:
    chat = meeting.chat()
    start = chat.call("events/poll", {"name": KIND, "arguments": {}, "cursor": None})
    chat.subscribed(KIND)
    chat.hook.script.append(Fault.LOSE)
    meeting.tell("once")
    assert not chat.hook.shown
    if "error" in start:
        return "no"
    params: Json = {"name": KIND, "arguments": {}, "cursor": start["result"]["cursor"]}
    polled = chat.result("events/poll", params)["events"]
    return yes([e["eventId"] for e in polled] == [e.headers["webhook-id"] for e in chat.hook.posts])


@behaviour(DELIVERING, "thirty events in an hour: POSTs")
def _budget(meeting: Meeting) -> str:
    chat = meeting.following()
    for number in range(30):
        meeting.served.happens(f"number {number}")
    meeting.served.deliver()
    return str(len(chat.hook.posts))


@behaviour(DELIVERING, "a kill between event and delivery loses it")
def _killed(meeting: Meeting) -> str:
    chat = meeting.following()
    meeting.served.happens("once")
    meeting.restart()
    meeting.served.deliver()
    return yes(not chat.hook.shown)


@behaviour(DELIVERING, "a body says up to where nothing is missing")
def _watermark(meeting: Meeting) -> str:
    chat = meeting.following()
    meeting.tell("once")
    return yes(chat.hook.shown[0].get("cursor"))
