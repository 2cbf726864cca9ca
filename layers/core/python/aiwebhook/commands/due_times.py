"""When a task may start and must be done: in a zone that was said, or in the session's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiwebhook.commands.base import CommandContext
from aiwebhook.commands.catalogue import CATALOGUE
from aiwebhook.commands.refusals import example_of, join, remedy_with
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import require_session
from aiwebhook.errors import FieldError, Invalid

_MONTHS = (
    "January February March April May June July August September October November December".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTimes:
    """Aware, in the zone they were said in."""

    not_before: datetime | None = None
    deadline: datetime | None = None

    def told(self) -> dict[str, str]:
        """As replies keep them: RFC 3339 with the local offset."""
        both = {"not_before": self.not_before, "deadline": self.deadline}
        return {name: moment.isoformat() for name, moment in both.items() if moment is not None}


def due_times(
    services: CommandServices,
    context: CommandContext,
    *,
    not_before: datetime | None,
    deadline: datetime | None,
) -> DueTimes:
    """Raises Invalid: no zone was said and the session has none; they are in the wrong order; the
    deadline is past. Raises NotFound when the session is asked for its zone and is not there.
    """
    naive = [t for t in (not_before, deadline) if t is not None and t.tzinfo is None]
    zone: str | None = require_session(services, context).time_zone if naive else None
    times = DueTimes(
        not_before=_aware(context, "not_before", not_before, zone),
        deadline=_aware(context, "deadline", deadline, zone),
    )
    if times.deadline is None:
        return times
    if times.not_before is not None and times.deadline <= times.not_before:
        raise _refused(context, "deadline", "must be after not_before")
    now = services.clock()
    if times.deadline <= now:
        message = f"must lie in the future; it is {now.isoformat(timespec='seconds')}"
        raise _refused(context, "deadline", message, code="deadline_past")
    return times


def spoken(time: str) -> str:
    """`10:00 on 30 June 2030`, from RFC 3339 with the local offset."""
    moment = datetime.fromisoformat(time)
    return f"{moment:%H:%M} on {moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def start_and_end(times: Mapping[str, str]) -> str:
    """What `say` adds about them: `, not before …, to be done by …`."""
    said = [
        f"{words} {spoken(times[name])}"
        for name, words in (("not_before", "not before"), ("deadline", "to be done by"))
        if name in times
    ]
    return "".join(f", {each}" for each in said)


def _aware(
    context: CommandContext, name: str, moment: datetime | None, zone: str | None
) -> datetime | None:
    if moment is None or moment.tzinfo is not None:
        return moment
    if zone is None:
        utc = f"{moment.isoformat()}Z"
        message = f"needs its zone, such as {moment.isoformat()}+02:00, or {utc} for UTC"
        raise _refused(context, name, message, code="time_zone_required", suggestion=utc)
    from zoneinfo import ZoneInfo  # noqa: PLC0415 — most times say their own

    return moment.replace(tzinfo=ZoneInfo(zone))


def _refused(
    context: CommandContext,
    name: str,
    message: str,
    *,
    code: str = "invalid",
    suggestion: Any = None,  # noqa: ANN401 — any JSON
) -> Invalid:
    example = example_of(CATALOGUE["delegate_task"], pointer=context.pointer)
    what = f"Send {name} with another time, or leave it out."
    if code == "time_zone_required":
        what = f"Send {name} with its zone, or give the session a time_zone when you create it."
    return Invalid(
        f"{name} {message}.",
        code=code,
        remedy=remedy_with(example, what),
        errors=(
            FieldError(pointer=join(context.pointer, name), message=message, suggestion=suggestion),
        ),
        example=example,
    )
