"""tools/call: read the arguments, find what names mean, run the command, tell the result."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aiwebhook.commands.base import CommandRequest, Reply
from aiwebhook.commands.catalogue import CATALOGUE
from aiwebhook.commands.envelope import NO_READER
from aiwebhook.commands.execute import execute
from aiwebhook.domain.idempotency import KEY_LIFE_S
from aiwebhook.domain.say_phrases import title
from aiwebhook.errors import AiWebhookError, ConfigurationError, FieldError, NotFound
from session_api.mcp.acknowledging import acknowledge
from session_api.mcp.arguments import MAX_WAIT_S, tool_of
from session_api.mcp.documents import artifact_page
from session_api.mcp.eras import TASKS
from session_api.mcp.names import Lookup
from session_api.mcp.results import data_room, refusal_of, result_of
from session_api.mcp.task_state import handle_of
from session_api.mcp.tool_request import ToolRequest, read

if TYPE_CHECKING:
    from session_api.mcp.offers import Turn

Json = dict[str, Any]
REPEATED_WITHIN_S = 120
"""How long a call without request_id counts as the repetition of an equal one."""
_GUESSES = 4
_NO_WAIT = "wait_seconds has no effect in a batch."
_TITLE_WORDS = 8


def call_tool(command: str, turn: Turn, arguments: Json) -> Json:
    """The result of the tool. A refusal is a result, too: the model can mend it."""
    try:
        asked = read(command, arguments)
        if turn.in_batch and asked.wait_s:
            asked = replace(
                asked,
                data={**asked.data, "wait_s": 0},
                notes=(*asked.notes, _NO_WAIT),
            )
        if not _as_task(turn, asked):
            return result_of(run(turn, asked), turn.text_form)
        reply = run(turn, replace(asked, data={**asked.data, "wait_s": 0}))
        return handle_of(turn, reply.data["task_id"])
    except ConfigurationError:
        raise
    except AiWebhookError as error:
        return refusal_of(_in_arguments(error, command))


def _as_task(turn: Turn, asked: ToolRequest) -> bool:
    """Whether the client wants a task to ask after, because the result takes longer than a call."""
    delegates = asked.spec.name == "delegate_task"
    return delegates and asked.wait_s > MAX_WAIT_S and TASKS in turn.client.extensions


def run(turn: Turn, asked: ToolRequest) -> Reply:
    """Raises errors.*."""
    acknowledge(turn.api.commands, _request(turn, asked), asked.said)
    lookup = Lookup(turn.api, turn.caller)
    asked = lookup.names_in(asked)
    for _ in range(_GUESSES):
        place = _place(turn, asked) if asked.spec.name == "delegate_task" else None
        request = _request(turn, asked, session_id=None if place is None else place[0])
        try:
            reply = execute(turn.api.commands, request)
        except NotFound as error:
            asked = lookup.other_reading(asked, error)
        else:
            return _completed(turn, asked, reply, place)
    raise AssertionError("each reading is sure of one thing more")


def _request(turn: Turn, asked: ToolRequest, session_id: str | None = None) -> CommandRequest:
    connection = turn.caller.connection
    repeated = asked.request_id is None and asked.spec.writes
    return CommandRequest(
        caller=turn.caller,
        command=asked.spec.name,
        session_id=session_id or asked.session,
        data=asked.data,
        request_id=turn.request.request_id,
        correlation_id=turn.request.correlation_id,
        arrived_at=turn.request.arrived_at,
        idempotency_key=f"mcp:{connection}:{asked.digest}" if repeated else asked.request_id,
        key_valid_s=REPEATED_WITHIN_S if repeated else KEY_LIFE_S,
        fingerprint=asked.fingerprint,
        pointer="",
        reader=asked.reader,
        ack=asked.said.cursor,
        notes=asked.notes,
        connection=connection,
        room=data_room(turn.text_form),
    )


def _place(turn: Turn, asked: ToolRequest) -> tuple[str, str] | None:
    """Where a task belongs that names no session, and what that is called: the session that this
    connection used last, else a new one. None: it names one.
    """
    if asked.session is not None:
        return None
    latest = turn.api.names.latest_session(
        project_id=turn.caller.project_id, connection=turn.caller.connection
    )
    if latest is not None and latest.used and latest.status != "completed":
        return latest.session_id, f"In the session {title(latest.title or '') or 'at hand'}: "
    words = title(" ".join(str(asked.data["description"]).split()[:_TITLE_WORDS]))
    request = _request(turn, asked)
    opened = execute(
        turn.api.commands,
        replace(
            request,
            command="create_session",
            data={"title": words or "A task"},
            idempotency_key=f"{request.idempotency_key}:session",
            reader=NO_READER,
            ack=None,
        ),
    )
    if opened.session_id is None:
        raise AssertionError("a session that was created has an id")
    return opened.session_id, f"In the new session {words or 'A task'}: "


def _completed(
    turn: Turn, asked: ToolRequest, reply: Reply, place: tuple[str, str] | None
) -> Reply:
    """With what a tool adds to its command."""
    if place is not None and reply.session_id == place[0]:
        reply = replace(reply, say=f"{place[1]}{reply.say}")
    if reply.replayed and asked.request_id is None:
        again = (
            "The same call came less than two minutes ago; this is its result."
            " To do it once more, send another request_id."
        )
        reply = replace(reply, notes=(*reply.notes, again))
    if asked.artifact is not None:
        page = artifact_page(turn, reply, asked.artifact, asked.page)
        reply = replace(reply, data={**reply.data, "artifact": page})
    return reply


def _in_arguments(error: AiWebhookError, command: str) -> AiWebhookError:
    """With the pointers of the tool's arguments, where the command spoke of its fields."""
    names = {a.field: name for name, a in tool_of(CATALOGUE[command]).arguments.items()}

    def named(each: FieldError) -> FieldError:
        first, slash, rest = each.pointer.removeprefix("/").partition("/")
        return replace(each, pointer=f"/{names.get(first, first)}{slash}{rest}")

    error.errors = tuple(named(each) for each in error.errors)
    return error
