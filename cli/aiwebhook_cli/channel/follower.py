"""Polls a deployment for events and pushes each of them, at least once and seldom twice.

The cursor is kept after each push: a channel that is killed in between pushes that event again,
with the same `event_id`, and loses none.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiwebhook.client.retry import RetryPolicy
from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.channel.place import HOUR_S, WAKES, PlaceFile

Json = dict[str, Any]
Poll = Callable[[str | None], Json]
Push = Callable[[str, Mapping[str, str]], None]
_BACKOFF = RetryPolicy(attempts=sys.maxsize, base_s=1.0, cap_s=30.0, patience_s=HOUR_S)
_CAPPED = 6
"""From this failure on, the pause is as long as it may be."""
_AT_ONCE_S = 1.0
_NOTICE = f"No more for now: that was {WAKES} events within an hour. Later ones come then."
_GAP = "Some earlier events are no longer kept and were not told. get_updates says what is unread."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a channel needs of the world. `hint` takes a sentence for whoever reads the log."""

    hint: Callable[[str], None]
    pause: Callable[[float], object]
    clock: Callable[[], float] = time.time
    """Seconds since 1970: it is compared with times of earlier runs."""


class Follower:
    """Follows one kind of events from the place in the file on."""

    def __init__(self, *, poll: Poll, push: Push, file: PlaceFile, outside: Outside) -> None:
        """`poll` takes a cursor and returns the result of events/poll."""
        self._poll, self._push, self._file, self._outside = poll, push, file, outside
        self._place = file.load()

    def run(self) -> None:
        """Without an end. Raises what no repetition changes: a key that is refused, for example."""
        while True:
            self.step()

    def step(self) -> None:
        """One poll, and a push for each event that it returned."""
        first, begun = self._place.cursor is None, self._outside.clock()
        page = self._answer()
        if page["truncated"]:
            self._push(_GAP, {"type": "gap"})
        for event in page["events"]:
            self._tell(event)
        self._place = self._place.at_cursor(page["cursor"])
        self._file.save(self._place)
        is_quick = self._outside.clock() - begun < _AT_ONCE_S
        if is_quick and not first and not page["hasMore"] and page["nextPollMs"]:
            # The request was not held: ask as often as the server wants it. A server that holds
            # requests says 0 when something came.
            self._outside.pause(page["nextPollMs"] / 1000)

    def _answer(self) -> Json:
        """The next page, however long the server is away; it is said once that it is."""
        failures = 0
        while True:
            try:
                page = self._poll(self._place.cursor)
            except AiWebhookError as error:
                if not error.retryable:
                    raise
                failures += 1
                if failures == 1:
                    self._outside.hint(
                        f"{error.detail} Trying again until there is; no event is lost."
                    )
                self._outside.pause(_pause_s(failures, error))
            else:
                if failures:
                    self._outside.hint("The server answers again.")
                return page

    def _tell(self, event: Json) -> None:
        if self._place.has_told(event["eventId"]):
            return
        if self._place.next_wake_s(self._outside.clock()):
            self._outside.hint(_NOTICE)
        while wait_s := self._place.next_wake_s(self._outside.clock()):
            self._outside.pause(wait_s)
        now = self._outside.clock()
        is_last = self._place.wakes_left(now) == 1
        self._push(_content(event["data"], notice=_NOTICE if is_last else None), _meta(event))
        self._place = self._place.after(event["eventId"], cursor=event["cursor"], at=now)
        self._file.save(self._place)


def _pause_s(failures: int, error: AiWebhookError) -> float:
    pause = _BACKOFF.pause(min(failures, _CAPPED), retry_after_s=error.retry_after_s)
    return _BACKOFF.cap_s if pause is None else pause


def _content(data: Json, *, notice: str | None) -> str:
    lines = [data["say"]]
    if (more := data.get("read_with")) is not None:
        lines.append(f"More: {more['tool']} {json.dumps(more['arguments'], ensure_ascii=False)}")
    return "\n".join([*lines, *([notice] if notice else [])])


def _meta(event: Json) -> Mapping[str, str]:
    """Attributes of the message; the client takes only text, under names of letters, digits, _."""
    data = event["data"]
    told = {name: data.get(name) for name in ("type", "status", "task_id", "session_id", "agent")}
    told |= {"event_id": event["eventId"], "time": event["timestamp"]}
    return {name: value for name, value in told.items() if isinstance(value, str)}
