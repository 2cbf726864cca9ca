"""What must hold before a task is queued: a known agent, fitting input, existing dependencies."""

from __future__ import annotations

from collections.abc import Sequence

from aiwebhook.commands.base import CommandContext, Outcome
from aiwebhook.commands.catalogue import CATALOGUE
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.agent_kind import works_on_files
from aiwebhook.domain.say_ending import agent_display_name
from aiwebhook.domain.schema_faults import schema_faults
from aiwebhook.domain.task import UNSUCCESSFUL
from aiwebhook.errors import Conflict, FieldError, Invalid, NotFound
from aiwebhook.ports.command_rows import Json, NewTask
from aiwebhook.ports.task_rows import FoundAgent


def require_agent(services: CommandServices, context: CommandContext, name: str) -> FoundAgent:
    """The agent of this name or alias. Raises NotFound."""
    agent = services.store.find_agent(project_id=context.project_id, agent_name=name)
    if agent is None:
        raise _no_agent(services, context, name)
    return agent


def _no_agent(services: CommandServices, context: CommandContext, name: str) -> NotFound:
    from aiwebhook.commands.refusals import example_of, remedy_with  # noqa: PLC0415 — rarely needed
    from aiwebhook.commands.synonyms import nearest  # noqa: PLC0415 — as above

    known = services.store.agent_names(project_id=context.project_id)
    near = nearest(name, known)
    hint = f"Did you mean '{near}'? " if near else ""
    example = example_of(CATALOGUE["delegate_task"], pointer=context.pointer)
    return NotFound(
        f"No agent '{name}' in this project.",
        code="agent_not_found",
        remedy=remedy_with(example, f"{hint}Choose one of {', '.join(known)}."),
        errors=(
            FieldError(
                pointer=f"{context.pointer}/agent_name",
                message="is not a known agent",
                suggestion=near,
            ),
        ),
        example=example,
    )


def check_input(context: CommandContext, manifest: Json, payload: Json) -> None:
    """The input must fit the agent's schema. Raises Invalid."""
    schema: Json = manifest.get("input_schema") or {}
    if not payload and not schema.get("required"):
        return
    found = schema_faults(schema, payload, pointer=f"{context.pointer}/input_data")
    if found:
        raise Invalid(
            f"input_data does not fit agent '{manifest.get('name')}': {found[0].pointer} "
            f"{found[0].message}.",
            code="input_invalid",
            errors=found,
        )


def check_repository(context: CommandContext, manifest: Json) -> None:
    """The agent must be of a kind that works on files. Raises Invalid."""
    if not works_on_files(manifest.get("kind")):
        message = f"agent '{manifest.get('name')}' does not work on a repository"
        raise Invalid(
            f"A repository is given, but {message}.",
            code="repository_not_possible",
            errors=(FieldError(pointer=f"{context.pointer}/repo", message=message),),
        )


def check_dependencies(
    services: CommandServices, context: CommandContext, depends_on: Sequence[str]
) -> None:
    """Every dependency must exist and not have ended badly. Raises NotFound, Conflict."""
    if not depends_on:
        return
    states = services.store.dependency_states(project_id=context.project_id, depends_on=depends_on)
    for index, task_id in enumerate(depends_on):
        status = states.get(task_id)
        error = FieldError(
            pointer=f"{context.pointer}/depends_on/{index}", message="cannot be waited for"
        )
        if status is None:
            raise NotFound(
                f"No task '{task_id}' to depend on in this project.",
                code="dependency_not_found",
                errors=(error,),
            )
        if status in UNSUCCESSFUL:
            raise Conflict(
                f"Task '{task_id}' has ended ({status}); no task can wait for it.",
                code="dependency_failed",
                errors=(error,),
            )


def existing_task(
    services: CommandServices, context: CommandContext, task: NewTask
) -> Outcome | None:
    """The same task under the same id, or None when the id is free. Raises Conflict
    for another one.
    """
    found = services.store.find_task(project_id=context.project_id, task_id=task.task_id)
    if found is None:
        return None
    same = (
        found.session_id == context.session_id
        and found.agent_name == task.agent_name
        and found.description == task.description
        and found.input == task.input
        and found.repository == task.repository
    )
    if not same:
        raise Conflict(
            f"Task '{task.task_id}' exists with different work.",
            code="task_exists",
        )
    data = {
        "task_id": task.task_id,
        "agent_name": task.agent_name,
        "agent_title": agent_display_name(task.agent_name, task.manifest.get("title")),
        "status": found.status,
    }
    return Outcome(data=data, session_id=context.session_id, existing=True)


def check_callback_url(services: CommandServices, context: CommandContext, url: str) -> None:
    """Callbacks go to public https addresses only. Raises Invalid."""
    from aiwebhook.domain.egress import EgressRefused, parse_target  # noqa: PLC0415 — most tasks have none

    target = parse_target(url, allow_loopback=services.allow_loopback_callbacks)
    if isinstance(target, EgressRefused):
        error = FieldError(pointer=f"{context.pointer}/callback_url", message=target.reason)
        raise Invalid(
            f"callback_url is refused: {target.reason}",
            code="callback_url_refused",
            errors=(error,),
        )
