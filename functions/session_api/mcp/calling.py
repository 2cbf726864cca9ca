"""tools/call: read the arguments, resolve names to ids, run the command, render its reply."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aiwebhook.commands.base import CommandRequest, Reply
from aiwebhook.commands.catalogue import CATALOGUE
from aiwebhook.commands.envelope import NO_READER
from aiwebhook.commands.execute import execute
from aiwebhook.commands.replaying import was_deleted
from aiwebhook.domain.idempotency import KEY_LIFE_S
from aiwebhook.domain.say_phrases import title
from aiwebhook.errors import AiWebhookError, ConfigurationError, FieldError, NotFound
from session_api.mcp.ack import acknowledge
from session_api.mcp.arguments import MAX_TOOL_WAIT_S, tool_of
from session_api.mcp.documents import artifact_page
from session_api.mcp.eras import TASKS
from session_api.mcp.names import Lookup
from session_api.mcp.results import data_room, refusal_of, result_of
from session_api.mcp.task_state import handle_of
from session_api.mcp.told import note_told
from session_api.mcp.tool_request import ToolRequest, read_tool_request

if TYPE_CHECKING:
    from session_api.mcp.definition import RequestContext

Json = dict[str, Any]
REPEATED_WITHIN_S = 120
"""How long a call without request_id counts as the repetition of an equal one."""
_GUESSES = 4
_NO_WAIT = "wait_seconds has no effect in a batch."
_TITLE_WORDS = 8
_SESSION_DIGITS = 16


def call_tool(command: str, context: RequestContext, arguments: Json) -> Json:
    """The result of the tool. A refusal is a result too (`isError`), so that the model
    can correct it.
    """
    try:
        call = read_tool_request(command, arguments)
        if context.in_batch and call.wait_s:
            call = replace(
                call,
                data={**call.data, "wait_s": 0},
                notes=(*call.notes, _NO_WAIT),
            )
        if not _as_task(context, call):
            return result_of(run_tool(context, call), context.text_form)
        reply = run_tool(context, replace(call, data={**call.data, "wait_s": 0}))
        return handle_of(context, reply.data["task_id"])
    except ConfigurationError:
        raise
    except AiWebhookError as error:
        return refusal_of(_in_arguments(error, command))


def _as_task(context: RequestContext, call: ToolRequest) -> bool:
    """Whether to return a task of the Tasks extension instead of the result."""
    delegates = call.spec.name == "delegate_task"
    return delegates and call.wait_s > MAX_TOOL_WAIT_S and TASKS in context.client.extensions


def run_tool(context: RequestContext, call: ToolRequest) -> Reply:
    """Run the tool's command, and acknowledge what the call acknowledges. Raises errors.*."""
    acknowledge(context.api.commands, _request(context, call), call.ack)
    lookup = Lookup(context.api, context.caller)
    call = lookup.names_in(call)
    for _ in range(_GUESSES):
        place = _place(context, call) if call.spec.name == "delegate_task" else None
        request = _request(context, call, session_id=None if place is None else place[0])
        try:
            reply = _executed(context, call, request)
        except NotFound as error:
            call = lookup.other_reading(call, error)
        else:
            note_told(context, reply)
            return _completed(context, call, reply, place)
    raise AssertionError("each reading is sure of one thing more")


def _request(
    context: RequestContext, call: ToolRequest, session_id: str | None = None
) -> CommandRequest:
    connection = context.caller.connection
    repeated = call.request_id is None and call.spec.writes
    return CommandRequest(
        caller=context.caller,
        command=call.spec.name,
        session_id=session_id or call.session,
        data=call.data,
        request_id=context.request.request_id,
        correlation_id=context.request.correlation_id,
        arrived_at=context.request.arrived_at,
        idempotency_key=f"mcp:{connection}:{call.digest}" if repeated else call.request_id,
        key_valid_s=REPEATED_WITHIN_S if repeated else KEY_LIFE_S,
        fingerprint=call.fingerprint,
        pointer="",
        reader=call.reader,
        ack=call.ack.cursor,
        notes=call.notes,
        connection=connection,
        room=data_room(context.text_form),
    )


def _executed(context: RequestContext, call: ToolRequest, request: CommandRequest) -> Reply:
    """Run the command. Without request_id, we only guess that an equal call is a repetition: if the
    session of the stored answer has been deleted, it is not one, and the command runs again.
    """
    reply, key = execute(context.api.commands, request), request.idempotency_key
    while reply.replayed and call.request_id is None and reply.session_id is not None:
        if not was_deleted(
            context.api.commands,
            project_id=context.caller.project_id,
            session_id=reply.session_id,
        ):
            break
        # The key includes the deleted session, so that a repetition of this call is recognised.
        after = hashlib.sha256(reply.session_id.encode()).hexdigest()[:_SESSION_DIGITS]
        anew = replace(request, idempotency_key=f"{key}:{after}")
        reply = execute(context.api.commands, anew)
    return reply


def _place(context: RequestContext, call: ToolRequest) -> tuple[str, str] | None:
    """For a task whose call names no session: the id of the session that this connection used last,
    else of a new one, and the beginning of `say`. None if the call names a session.
    """
    if call.session is not None:
        return None
    latest = context.api.names.latest_session(
        project_id=context.caller.project_id, connection=context.caller.connection
    )
    if latest is not None and latest.used and latest.status != "completed":
        return latest.session_id, f"In the session {title(latest.title or '') or 'at hand'}: "
    words = title(" ".join(str(call.data["description"]).split()[:_TITLE_WORDS]))
    request = _request(context, call)
    opened = _executed(
        context,
        call,
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
    context: RequestContext, call: ToolRequest, reply: Reply, place: tuple[str, str] | None
) -> Reply:
    """The reply with what only tools add: the session chosen for the task, a note on repetition,
    an artifact's page.
    """
    if place is not None and reply.session_id == place[0]:
        reply = replace(reply, say=f"{place[1]}{reply.say}")
    if reply.replayed and call.request_id is None:
        again = (
            "The same call came less than two minutes ago; this is its result."
            " To do it once more, send another request_id."
        )
        reply = replace(reply, notes=(*reply.notes, again))
    if call.artifact is not None:
        page = artifact_page(context, reply, call.artifact, call.page)
        reply = replace(reply, data={**reply.data, "artifact": page})
    return reply


def _in_arguments(error: AiWebhookError, command: str) -> AiWebhookError:
    """The error with pointers to the tool's arguments instead of the command's fields."""
    names = {a.field: name for name, a in tool_of(CATALOGUE[command]).arguments.items()}

    def named(each: FieldError) -> FieldError:
        first, slash, rest = each.pointer.removeprefix("/").partition("/")
        return replace(each, pointer=f"/{names.get(first, first)}{slash}{rest}")

    error.errors = tuple(named(each) for each in error.errors)
    return error
