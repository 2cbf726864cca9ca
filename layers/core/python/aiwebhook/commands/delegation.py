"""What must hold before a task is queued: a known agent, fitting input, existing dependencies."""

from __future__ import annotations

from collections.abc import Sequence

from aiwebhook.commands.base import CommandContext, Outcome
from aiwebhook.commands.services import CommandServices
from aiwebhook.errors import Conflict, FieldError, Invalid, NotFound
from aiwebhook.ports.command_rows import (
    Json,
    NewTask,
)

AGENT_ALIASES = {"gemini_cli": "gemini"}
MAX_ERRORS = 20


def agent_of(services: CommandServices, context: CommandContext, name: str) -> Json:
    """The agent of this name or alias. Raises NotFound."""
    agent = services.store.find_agent(
        project_id=context.project_id, agent_name=AGENT_ALIASES.get(name, name)
    )
    if agent is None:
        raise NotFound(
            f"No agent '{name}' in this project.",
            code="agent_not_found",
            remedy="Choose one of the project's agents (GET /v1/agents lists them).",
            errors=(
                FieldError(pointer=f"{context.pointer}/agent_name", message="is not a known agent"),
            ),
        )
    return agent


def check_input(context: CommandContext, manifest: Json, payload: Json) -> None:
    """The input must fit the agent's schema. Raises Invalid."""
    schema: Json = manifest.get("input_schema") or {}
    if not schema or (not payload and not schema.get("required")):
        return
    from jsonschema import (  # noqa: PLC0415 — importing it costs more than an accepted command
        Draft202012Validator,
    )

    found: list[FieldError] = []
    for fault in Draft202012Validator(schema).iter_errors(payload):  # pyright: ignore[reportUnknownMemberType] — untyped library
        steps = "".join(f"/{step}" for step in fault.absolute_path)
        if fault.validator == "required":
            steps += f"/{_missing(fault.validator_value, fault.instance)}"
        # The library's own message quotes the value; ours names the rule only.
        message = f"breaks the agent's rule '{fault.validator}': {_rule(fault.validator_value)}"
        found.append(FieldError(pointer=f"{context.pointer}/input_data{steps}", message=message))
        if len(found) == MAX_ERRORS:
            break
    if found:
        raise Invalid(
            f"input_data does not fit agent '{manifest.get('name')}': {found[0].pointer} "
            f"{found[0].message}.",
            code="input_invalid",
            remedy="See the agent's input_schema (GET /v1/agents).",
            errors=tuple(found),
        )


def _missing(required: list[str], instance: Json) -> str:
    return next((name for name in required if name not in instance), "")


def _rule(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 else text[:200] + "…"


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
                remedy="Delegate that task first, or leave it out of depends_on.",
                errors=(error,),
            )
        if status in {"failed", "cancelled"}:
            raise Conflict(
                f"Task '{task_id}' has {status}; nothing can wait for it.",
                code="dependency_failed",
                remedy="Retry that task first (retry_task), or leave it out of depends_on.",
                errors=(error,),
            )


def existing_task(
    services: CommandServices, context: CommandContext, task: NewTask
) -> Outcome | None:
    """The same task under the same id, or None when the id is free. Raises Conflict for another
    one.
    """
    found = services.store.find_task(project_id=context.project_id, task_id=task.task_id)
    if found is None:
        return None
    same = (
        found["session_id"] == context.session_id
        and found["agent_name"] == task.agent_name
        and found["description"] == task.description
        and found["input"] == task.input
    )
    if not same:
        raise Conflict(
            f"Task '{task.task_id}' exists with other work.",
            code="task_exists",
            remedy="Choose another task_id, or leave task_id out.",
        )
    data = {"task_id": task.task_id, "agent_name": task.agent_name, "status": found["status"]}
    return Outcome(data=data, session_id=context.session_id, existing=True)


def check_callback_url(services: CommandServices, context: CommandContext, url: str) -> None:
    """Callbacks go to public https addresses only (research/webhooks.md §3.2). Raises Invalid."""
    from aiwebhook.domain.egress import (  # noqa: PLC0415 — most tasks have none
        EgressRefused,
        parse_target,
    )

    target = parse_target(url, allow_loopback=services.allow_loopback_callbacks)
    if isinstance(target, EgressRefused):
        error = FieldError(pointer=f"{context.pointer}/callback_url", message=target.reason)
        raise Invalid(
            f"callback_url is refused: {target.reason}",
            code="callback_url_refused",
            remedy="Give an https URL of a public host.",
            errors=(error,),
        )
