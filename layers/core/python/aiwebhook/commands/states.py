"""Why a write was not taken: reads the state and says rule, value and remedy."""

from __future__ import annotations

from aiwebhook.commands.base import CommandContext, Outcome
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.event import EventType
from aiwebhook.errors import Conflict, NotFound
from aiwebhook.ports.command_rows import Json, SessionStatus
from aiwebhook.ports.content_rows import SessionRow
from aiwebhook.ports.task_rows import TaskRow


def session_missing(session_id: str) -> NotFound:
    return NotFound(
        f"No session '{session_id}' in this project.",
        code="session_not_found",
    )


def require_session(services: CommandServices, context: CommandContext) -> SessionRow:
    """The session of the context. Raises NotFound."""
    session = services.store.find_session(
        project_id=context.project_id, session_id=context.session_id
    )
    if session is None:
        raise session_missing(context.session_id)
    return session


def require_open_session(services: CommandServices, context: CommandContext) -> None:
    """Raises NotFound or Conflict when the session takes nothing new."""
    session = require_session(services, context)
    if session.status == "completed":
        raise Conflict(
            f"Session '{context.session_id}' is completed and accepts nothing new.",
            code="session_completed",
        )


def moved_on(what: str) -> Conflict:
    """The guard failed, yet the state now looks right: somebody was quicker."""
    return Conflict(
        f"{what} changed at this very moment.",
        code="changed_meanwhile",
    )


def require_task(services: CommandServices, context: CommandContext, task_id: str) -> TaskRow:
    """The task; in the context's session when that is named. Raises NotFound."""
    task = services.store.find_task(project_id=context.project_id, task_id=task_id)
    if task is None or (context.session_id and task.session_id != context.session_id):
        where = f" in session '{context.session_id}'" if context.session_id else " in this project"
        raise NotFound(
            f"No task '{task_id}'{where}.",
            code="task_not_found",
        )
    return task


def change_status(  # noqa: PLR0913 — a transition is all of these
    services: CommandServices,
    context: CommandContext,
    *,
    allowed: tuple[SessionStatus, ...],
    status: SessionStatus,
    event_type: EventType,
    remedy: str,
) -> Outcome:
    """Set the session's status if the present one is among `allowed`; nothing changes
    when it has that status already. Raises NotFound, Conflict.
    """
    written = services.store.change_session_status(
        context.change(), allowed=allowed, status=status, event_type=event_type
    )
    if written is not None:
        return Outcome.of(written, session_id=context.session_id)
    session = require_session(services, context)
    present = session.status
    if present == status:
        # Whoever asks for what is there already may have lost the answer, or come from elsewhere.
        data: Json = {"status": present, "title": session.title}
        return Outcome(
            data=data, session_id=context.session_id, cursor=session.last_seq, existing=True
        )
    if present in allowed:
        raise moved_on(f"Session '{context.session_id}'")
    raise Conflict(
        f"Session '{context.session_id}' is {present}.", code="session_completed", remedy=remedy
    )


def memory_missing(key: str) -> NotFound:
    return NotFound(
        f"No memory '{key}' in this session.",
        code="memory_not_found",
    )
