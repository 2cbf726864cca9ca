"""What a request follows: a kind of event, narrowed by its arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aiwebhook.domain.event_kind import EVENT_KINDS, EventKind, Follow
from aiwebhook.domain.events_refusal import EventsRefusal
from aiwebhook.ports.subscriptions import EventFilter
from session_api.mcp.events.refusals import events_error, invalid

if TYPE_CHECKING:
    from session_api.mcp.definition import RequestContext

Json = dict[str, Any]
_LONGEST = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """`arguments` are normalised: equal for all requests that mean the same."""

    kind: EventKind
    arguments: Json
    wanted: EventFilter


def followed(context: RequestContext, way: Follow) -> Followed:
    """What the request follows. Raises RpcError for an unknown kind or one that does not support
    this method, for arguments that do not fit it, and for a session or task of another project.
    """
    kind = _kind(context)
    if way not in kind.follow:
        raise events_error(
            context,
            EventsRefusal.UNSUPPORTED,
            f"{kind.name} is not delivered by {way}.",
            feature="deliveryMode",
            value=str(way),
        )
    arguments = _arguments(context, kind)
    _require_its_own(context, arguments)
    return Followed(kind=kind, arguments=arguments, wanted=_filter(kind, arguments))


def _kind(context: RequestContext) -> EventKind:
    name = context.params.get("name")
    if not isinstance(name, str):
        raise invalid("name must be text")
    kind = EVENT_KINDS.get(name)
    if kind is None:
        raise events_error(
            context, EventsRefusal.NOT_FOUND, f"Unknown event: {name[:100]}.", kind="event"
        )
    return kind


def _arguments(context: RequestContext, kind: EventKind) -> Json:
    given: Any = context.params.get("arguments")
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise invalid("arguments must be an object")
    arguments = cast("Json", given)
    unknown = sorted(set(arguments) - set(kind.filters))
    if unknown:
        known = ", ".join(kind.filters)
        raise invalid(f"arguments of {kind.name} are {known}; got {unknown[0][:100]}")
    return {name: _argument(kind, name, value) for name, value in sorted(arguments.items())}


def _argument(kind: EventKind, name: str, value: object) -> str | list[str]:
    if name != "types":
        if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST:
            raise invalid(f"{name} must be text of 1–{_LONGEST} characters")
        return value
    types = cast("list[object]", value) if isinstance(value, list) else []
    if not types or not set(map(str, types)) <= set(kind.types):
        raise invalid(f"types must name some of {', '.join(kind.types)}")
    return sorted({str(each) for each in types})


def _require_its_own(context: RequestContext, arguments: Json) -> None:
    project_id, session_id = context.caller.project_id, arguments.get("session_id")
    if session_id is not None:
        found = context.api.observations.session_position(
            project_id=project_id, session_id=session_id, after_seq=0
        )
        if found is None:
            raise events_error(context, EventsRefusal.NOT_FOUND, "Unknown session.", kind="session")
    task_id = arguments.get("task_id")
    if task_id is not None:
        task = context.api.commands.store.find_task(project_id=project_id, task_id=task_id)
        if task is None:
            raise events_error(context, EventsRefusal.NOT_FOUND, "Unknown task.", kind="task")


def _filter(kind: EventKind, arguments: Json) -> EventFilter:
    facts = {name: arguments[name] for name in ("source", "event") if name in arguments}
    return EventFilter(
        types=arguments.get("types") or tuple(str(each) for each in kind.types),
        session_id=arguments.get("session_id"),
        task_id=arguments.get("task_id"),
        agent_name=arguments.get("agent"),
        facts=facts,
    )
