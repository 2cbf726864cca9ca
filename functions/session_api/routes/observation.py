"""Reads that are not commands: events, agents, workers, conversation pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aiwebhook.commands import content
from aiwebhook.domain.answer_size import ROOM, answer_bytes, fitting
from aiwebhook.domain.view import view
from aiwebhook.errors import NotFound
from aiwebhook.ports.command_rows import Content
from aiwebhook.ports.observation import START, ConversationRow, FeedPosition
from aiwebhook.usecases.granted_waits import granted_poll
from session_api import schemas
from session_api.answer import Answer, Json
from session_api.operation import Access, ApiCall, Operation
from session_api.pages import cursor_at, event_body, event_position, list_page, paced, page_body

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_SESSION = "/v1/sessions/{session_id}"
_TEXT = "text/plain; charset=utf-8"


def list_conversation(api: SessionApi, call: ApiCall, params: schemas.ConversationParams) -> Answer:
    """Chunks, oldest first. Large content is included while it fits into the response."""
    rows = api.observations.list_conversation(
        project_id=call.caller.project_id,
        session_id=call.ids["session_id"],
        after_seq=params.after_seq,
        limit=params.limit + 1,
    )
    if rows is None:
        raise _no_session(call.ids["session_id"])
    shown: list[Json] = []
    room = ROOM
    for row in rows[: params.limit]:
        item = _with_content(api, call, row)
        room -= answer_bytes(item)
        if shown and room < 0:
            break
        shown.append(item)
    more = len(shown) < len(rows)
    return Answer(body={"items": shown, "next_after_seq": shown[-1]["seq"] if more else None})


def session_events(api: SessionApi, call: ApiCall, params: schemas.SessionEventsParams) -> Answer:
    """Events in order of seq; of a deleted session only the last one is left."""
    project_id, session_id = call.caller.project_id, call.ids["session_id"]
    start = api.observations.session_position(
        project_id=project_id, session_id=session_id, after_seq=params.after_seq
    )
    if start is None:
        raise _no_session(session_id)
    after_seq = min(params.after_seq, start.last_seq)
    polled = granted_poll(
        lambda: (
            api.observations.session_events(
                project_id=project_id,
                session_id=session_id,
                after_seq=after_seq,
                limit=params.limit,
            )
            or None
        ),
        waits=api.waits,
        asked=call.follows(0 if start.truncated else params.wait),
        signal=api.observations,
    )
    rows = polled.found
    items = _fitting_events([event_body(row) for row in rows or ()])
    if not items and start.truncated:
        after_seq = start.last_seq
    body: Json = {"items": items, "next_after_seq": items[-1]["seq"] if items else after_seq}
    if start.truncated:
        body |= {"truncated": True, "first_seq": items[0]["seq"] if items else after_seq + 1}
    return Answer(body=body | ({} if _more(items, rows, params.limit) else paced(polled)))


def project_events(api: SessionApi, call: ApiCall, params: schemas.EventsParams) -> Answer:
    """Events in an order into which nothing is inserted later, so that a cursor skips nothing."""
    project_id = call.caller.project_id
    start = _start(api, project_id, params.after)
    polled = granted_poll(
        lambda: (
            api.observations.project_events(
                project_id=project_id,
                after=start,
                types=params.types,
                limit=params.limit,
            )
            or None
        ),
        waits=api.waits,
        asked=call.follows(0 if start.truncated else params.wait),
        signal=api.observations,
    )
    rows = polled.found
    items = _fitting_events([event_body(row) for row in rows or ()])
    position = rows[len(items) - 1].position if rows else start
    body: Json = {"items": items, "next_cursor": cursor_at(position)}
    if start.truncated:
        body["truncated"] = True
    return Answer(body=body | ({} if _more(items, rows, params.limit) else paced(polled)))


def list_agents(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Agents with live status and load."""
    agents = api.observations.list_agents(project_id=call.caller.project_id)
    return Answer(body={"items": [view(agent) for agent in agents]})


def list_workers(api: SessionApi, call: ApiCall, params: schemas.PageParams) -> Answer:
    """Workers, most recently seen first."""
    page = list_page(params.limit, params.cursor, identity="worker_id")
    rows = api.observations.list_workers(project_id=call.caller.project_id, page=page)
    return Answer(
        body=page_body(
            rows, params.limit, identity="worker_id", place=lambda w: (w.last_seen_at, w.worker_id)
        )
    )


def _more(items: list[Json], rows: Sequence[object] | None, limit: int) -> bool:
    """Whether there is more to read at once."""
    found = 0 if rows is None else len(rows)
    return found == limit or len(items) < found


def _fitting_events(items: list[Json]) -> list[Json]:
    """As many as fit into one response. An event that does not fit alone is returned without its
    data, so that readers get past it.
    """
    kept = fitting(items)
    if kept and answer_bytes(kept[0]) > ROOM:
        return [{**kept[0], "data": {"truncated": True}}]
    return kept


def _start(api: SessionApi, project_id: str, after: str | None) -> FeedPosition:
    if after == "latest":
        end = api.observations.newest_event_position()
        return FeedPosition(xid=end.xid, event_no=end.event_no, truncated=False)
    place = START if after is None else event_position(after)
    return api.observations.feed_position(project_id=project_id, after=place)


def _with_content(api: SessionApi, call: ApiCall, said: ConversationRow) -> Json:
    shown = view(said)
    if said.content_sha256 is None:
        return shown
    stored = Content(text=None, sha256=bytes.fromhex(said.content_sha256), size=said.size)
    return shown | content.shown_content(
        api.blobs, call.caller.project_id, stored, content_type=_TEXT
    )


def _no_session(session_id: str) -> NotFound:
    return NotFound(
        f"No session '{session_id}' in this project.",
        code="session_not_found",
        remedy="Create it, or find its id in GET /v1/sessions.",
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path=f"{_SESSION}/conversation",
        name="listConversation",
        summary="What was said in a session, oldest first.",
        tag="conversation",
        access=Access.READ,
        handle=list_conversation,
        params=schemas.ConversationParams,
        returns=schemas.ConversationResult,
        in_actions=True,
    ),
    Operation(
        method="GET",
        path=f"{_SESSION}/events",
        name="listSessionEvents",
        summary="Events of a session; wait holds the response until there is one.",
        tag="events",
        access=Access.READ,
        handle=session_events,
        params=schemas.SessionEventsParams,
        returns=schemas.SessionEventsResult,
        in_actions=True,
    ),
    Operation(
        method="GET",
        path="/v1/events",
        name="listEvents",
        summary="Events of the project; wait holds the response until there is one.",
        tag="events",
        access=Access.READ,
        handle=project_events,
        params=schemas.EventsParams,
        returns=schemas.EventsResult,
    ),
    Operation(
        method="GET",
        path="/v1/agents",
        name="getAgents",
        summary="The agents: what they do, and how busy they are.",
        tag="agents",
        access=Access.READ,
        handle=list_agents,
        returns=schemas.ItemsResult,
        in_actions=True,
    ),
    Operation(
        method="GET",
        path="/v1/workers",
        name="listWorkers",
        summary="Connected workers, most recently seen first.",
        tag="agents",
        access=Access.READ,
        handle=list_workers,
        params=schemas.PageParams,
        returns=schemas.PageResult,
    ),
)
