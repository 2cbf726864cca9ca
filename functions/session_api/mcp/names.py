"""Names in place of ids: what people call sessions, tasks, memories and repositories.

An id wins. A name matches by its words; one that matches two things is refused, naming both.
`latest` is the session that the connection used last, or the newest task; destructive tools do
not take it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aiwebhook.commands.mcp_tools import LATEST, SESSION_ARGUMENT
from aiwebhook.domain.repository import repository_fault
from aiwebhook.domain.say_phrases import title
from aiwebhook.errors import FieldError, Invalid, NotFound
from aiwebhook.ids import CLIENT_ID
from aiwebhook.ports.command_rows import MemoryQuery, Page
from aiwebhook.ports.names import Named

if TYPE_CHECKING:
    from aiwebhook.domain.identity import Caller
    from aiwebhook.wiring.session_api import SessionApi
    from session_api.mcp.tool_request import ToolRequest

ARTIFACT = "artifact"
_KINDS = {
    SESSION_ARGUMENT: "session",
    "task_id": "task",
    "key": "memory",
    "repo": "repository",
    ARTIFACT: "artifact",
}
_UNKNOWN = {
    "session_not_found": SESSION_ARGUMENT,
    "task_not_found": "task_id",
    "memory_not_found": "key",
}
_CANDIDATES = 3


class Lookup:
    """Looks up names for one caller. Raises NotFound for a name without a match, Invalid for
    one with several.
    """

    def __init__(self, api: SessionApi, caller: Caller) -> None:
        self._api = api
        self._project_id = caller.project_id
        self._connection = caller.connection

    def names_in(self, call: ToolRequest) -> ToolRequest:
        """The call with names that cannot be ids resolved. What can be an id is tried as one first,
        so that ids cost no lookup.
        """
        if call.spec.tool is not None and call.spec.tool.destructive:
            for field in (SESSION_ARGUMENT, "task_id"):
                _refuse_latest(call, field)
        session = call.value(SESSION_ARGUMENT)
        if session is not None and not _may_be_id(SESSION_ARGUMENT, session):
            call = call.sure_of(
                SESSION_ARGUMENT, self._session(session, call.pointers[SESSION_ARGUMENT])
            )
        task = call.value("task_id")
        if task is not None and not _may_be_id("task_id", task):
            call = self._task(call)
        repo = call.value("repo")
        if repo is not None:
            call = call.sure_of("repo", self._repository(repo, call.pointers["repo"]))
        return call

    def other_reading(self, call: ToolRequest, error: NotFound) -> ToolRequest:
        """The call with the next unknown id read as a name. Raises `error` if none is left."""
        field = _UNKNOWN.get(error.code)
        if field is None:
            raise error
        surer = self._sure_session(call)
        if surer.session != call.session:
            return surer
        if field in surer.unsure and surer.value(field) is not None:
            if field == "task_id":
                return self._task(surer)
            if field == "key" and surer.spec.name == "forget_memory":
                return self._memory(surer)
        raise error

    def _sure_session(self, call: ToolRequest) -> ToolRequest:
        session = call.session
        if session is None or SESSION_ARGUMENT not in call.unsure:
            return call
        known = self._api.commands.store.find_session(
            project_id=self._project_id, session_id=session
        )
        found = session if known else self._session(session, call.pointers[SESSION_ARGUMENT])
        return call.sure_of(SESSION_ARGUMENT, found)

    def _session(self, name: str, pointer: str) -> str:
        if is_latest(name):
            latest = self._api.names.latest_session(
                project_id=self._project_id, connection=self._connection
            )
            if latest is None:
                raise _nothing(SESSION_ARGUMENT, name, pointer)
            return latest.session_id
        found = self._api.names.sessions_named(project_id=self._project_id, name=name)
        return the_one(SESSION_ARGUMENT, name, found, pointer)

    def _task(self, call: ToolRequest) -> ToolRequest:
        call = self._sure_session(call)
        name, pointer = str(call.value("task_id")), call.pointers["task_id"]
        if not is_latest(name):
            found = self._api.names.tasks_named(
                project_id=self._project_id, session_id=call.session, name=name
            )
            return call.sure_of("task_id", the_one("task_id", name, found, pointer))
        rows = self._api.commands.store.list_tasks(
            project_id=self._project_id,
            session_id=call.session,
            status=None,
            agent_name=None,
            page=Page(limit=1),
        )
        if not rows:
            raise _nothing("task_id", name, pointer)
        return call.sure_of("task_id", rows[0].task_id)

    def _memory(self, call: ToolRequest) -> ToolRequest:
        name, pointer = str(call.value("key")), call.pointers["key"]
        rows = self._api.commands.store.query_memories(
            project_id=self._project_id,
            session_id=call.session or "",
            query=MemoryQuery(words=name.split()),
            page=Page(limit=_CANDIDATES),
        )
        found = [Named(id=row.key, name=str(row.content)[:80], exact=False) for row in rows]
        return call.sure_of("key", the_one("key", name, found, pointer))

    def _repository(self, name: str, pointer: str) -> str:
        if "/" in name or repository_fault(name) is None:
            return name
        found = self._api.names.repositories_named(project_id=self._project_id, name=name)
        return the_one("repo", name, found, pointer)


def is_latest(name: str) -> bool:
    """Whether the name is `latest`."""
    return name.strip().lower() == LATEST


def _may_be_id(field: str, value: str) -> bool:
    return not is_latest(value) and (field == "key" or CLIENT_ID.fullmatch(value) is not None)


def _refuse_latest(call: ToolRequest, field: str) -> None:
    """Raises Invalid for `latest`: whatever is destroyed must be named."""
    if is_latest(call.value(field) or ""):
        pointer = call.pointers[field]
        message = "takes no `latest`: name it by its id, or by its words"
        raise Invalid(
            f"{pointer} {message}.", errors=(FieldError(pointer=pointer, message=message),)
        )


def the_one(field: str, name: str, found: Sequence[Named], pointer: str) -> str:
    """The id of the one match. Raises NotFound for none, Invalid for several."""
    exact = [each for each in found if each.exact]
    fitting = exact or found
    if not fitting:
        raise _nothing(field, name, pointer)
    if len(fitting) == 1:
        return fitting[0].id
    kind = _KINDS[field]
    told = [f'"{title(each.name or "") or each.id}" ({each.id})' for each in fitting[:2]]
    more = ", among others" if len(fitting) > _CANDIDATES - 1 else ""
    message = f"fits more than one {kind}: {' and '.join(told)}{more}"
    raise Invalid(
        f'"{name[:80]}" {message}.',
        code="name_ambiguous",
        remedy="Ask which one is meant, then send its id.",
        errors=(FieldError(pointer=pointer, message=message, suggestion=fitting[0].id),),
    )


def _nothing(field: str, name: str, pointer: str) -> NotFound:
    kind = _KINDS[field]
    detail = f'There is no {kind} "{name[:80]}".'
    errors = (FieldError(pointer=pointer, message=f"is no known {kind}"),)
    match field:
        case "task_id":
            return NotFound(detail, code="task_not_found", errors=errors)
        case "key":
            return NotFound(detail, code="memory_not_found", errors=errors)
        case "artifact":
            return NotFound(detail, code="artifact_not_found", errors=errors)
        case "repo":
            return NotFound(detail, code="repository_not_known", errors=errors)
        case _:
            return NotFound(detail, code="session_not_found", errors=errors)
