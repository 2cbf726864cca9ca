"""When events go out; time is a number that the test turns."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any, cast

import pytest

from aiwebhook.client import Run, TransportOptions
from aiwebhook.client.retry import NO_RETRY
from aiwebhook.client.wire import ClientRequest, HttpReply, NotReached
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.lease import reporter
from aiwebhook_runner.lease.lease_keeper import LeaseKeeper
from aiwebhook_runner.lease.reporter import EventReporter
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("T4")
_AN_HOUR_S = 3600.0


@dataclass(slots=True)
class HeardApi:
    """The Runs API behind the transport, as far as events go."""

    batches: list[list[str]] = field(default_factory=list[list[str]])

    def answer(self, request: ClientRequest) -> HttpReply:
        assert isinstance(request.body, bytes)
        events: list[dict[str, Any]] = json.loads(request.body)["events"]
        self.batches.append([event["data"]["message"] for event in events])
        return HttpReply(status=200, content=b'{"accepted": 1, "cancel": false}')


def lease_at(answer: Callable[[ClientRequest], HttpReply]) -> Run:
    options = TransportOptions(retry=NO_RETRY, exchange=answer)
    return Run("http://any", {"task_id": "any", "lease_token": "any"}, options)


@dataclass(slots=True)
class Kept:
    """A lease that nobody takes."""

    lost: Event = field(default_factory=Event)


def test_an_event_after_silence_goes_at_once_and_those_that_follow_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # An hour: what waits for the batch by mistake never comes, and the test says so.
    monkeypatch.setattr(reporter, "BATCH_S", _AN_HOUR_S)
    api, time = HeardApi(), [0.0]
    events = EventReporter(
        lease_at(api.answer),
        cast("LeaseKeeper", Kept()),
        JsonLog(service="runner", stream=io.StringIO()),
        monotonic=lambda: time[0],
    )
    events.start()

    events.report("progress", {"message": "first"})
    assert eventually(lambda: api.batches) == [["first"]]
    time[0] += _AN_HOUR_S
    events.report("progress", {"message": "after silence"})
    eventually(lambda: len(api.batches) == 2)
    events.report("progress", {"message": "soon after"})
    events.report("progress", {"message": "together"})
    events.close(within_s=20)

    assert api.batches == [["first"], ["after silence"], ["soon after", "together"]]


def nobody(_request: ClientRequest) -> HttpReply:
    raise NotReached("no answer")


def test_events_that_could_not_be_sent_are_counted_in_the_log() -> None:
    log = io.StringIO()
    events = EventReporter(
        lease_at(nobody), cast("LeaseKeeper", Kept()), JsonLog(service="runner", stream=log)
    )
    events.start()
    events.report("progress", {"message": "unheard"})

    events.close(within_s=0.2)

    (line,) = map(json.loads, log.getvalue().splitlines())
    assert (line["message"], line["count"]) == ("events_dropped", 1)
