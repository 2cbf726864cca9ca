"""Hand work to an agent in the background. The same task again (same id) is kept once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from aiwebhook.clock import utc_now
from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.delegation import (
    check_callback_url,
    check_dependencies,
    check_input,
    check_repository,
    existing_task,
    require_agent,
)
from aiwebhook.commands.due_times import DueTimes, due_times, start_and_end
from aiwebhook.commands.fields import (
    WHOLE,
    AgentName,
    CallbackUrl,
    ClientId,
    CommandData,
    DueMoment,
    Label,
    PlainLines,
    Ref,
    Repository,
    TaskInput,
    one_of_these,
)
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import moved_on, require_open_session, require_session
from aiwebhook.commands.task_view import view_task, with_queue
from aiwebhook.domain.repository import ref_fault, repository_fault
from aiwebhook.domain.say_ending import agent_display_name
from aiwebhook.domain.say_phrases import agent_in_words, ended, is_ended, joined, waiting
from aiwebhook.domain.waiting import WaitReason
from aiwebhook.errors import Invalid
from aiwebhook.ids import new_id
from aiwebhook.ports.command_rows import NewTask
from aiwebhook.ports.task_rows import FoundAgent
from aiwebhook.usecases.wait_for_task import wait_for_task


class Data(CommandData):
    """The task for an agent, as `description` or `input_data`."""

    model_config = one_of_these(
        "anyOf", description={"type": "string"}, input_data={"type": "object"}
    )

    agent_name: AgentName
    description: Annotated[str, Field(min_length=1, max_length=100_000), PlainLines] | None = None
    input_data: TaskInput | None = None
    task_id: ClientId | None = None
    task_type: Label | None = None
    priority: Annotated[int, Field(ge=0, le=9, description="9 is most urgent"), WHOLE] = 0
    timeout_s: Annotated[int, Field(ge=1, le=86_400), WHOLE] | None = None
    max_attempts: Annotated[int, Field(ge=1, le=20), WHOLE] | None = None
    not_before: DueMoment | None = None
    deadline: DueMoment | None = None
    callback_url: CallbackUrl | None = None
    depends_on: Annotated[list[ClientId], Field(max_length=100)] = Field(default_factory=list)
    repo: Repository | None = None
    ref: Ref | None = None
    pr: Literal["none", "branch", "draft", "ready"] | None = None
    max_cost_usd: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)] | None = None
    wait_s: Annotated[int, Field(ge=0, le=20), WHOLE] = 0

    @field_validator("repo")
    @classmethod
    def _is_a_repository(cls, repo: str | None) -> str | None:
        return _without_fault(repo, repository_fault)

    @field_validator("ref")
    @classmethod
    def _is_a_ref(cls, ref: str | None) -> str | None:
        return _without_fault(ref, ref_fault)

    @field_validator("ref", "pr")
    @classmethod
    def _has_a_repository(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value not in {None, "none"} and info.data.get("repo", _REFUSED) is None:
            raise ValueError("needs repo")
        return value

    @property
    def repository(self) -> dict[str, Any] | None:
        """As the run gets it."""
        if self.repo is None:
            return None
        return {"repo": self.repo, "ref": self.ref, "pr": self.pr or "none"}

    @model_validator(mode="after")
    def _require_text(self) -> Self:
        if self.description is None and self.input_data is None:
            raise ValueError("needs a description or input_data")
        return self


_REFUSED = object()  # a repo that broke its own rule, which has been reported already


def _without_fault(value: str | None, fault_of: Callable[[str], str | None]) -> str | None:
    fault = None if value is None else fault_of(value)
    if fault is not None:
        raise ValueError(fault)
    return value


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound, Invalid, Conflict."""
    if command.callback_url is not None:
        check_callback_url(services, context, command.callback_url)
    return _as_remembered(services, context, command) or _as_found(services, context, command)


def _as_remembered(
    services: CommandServices, context: CommandContext, command: Data
) -> Outcome | None:
    """With the agent as this process last found it. The write takes effect only if it still is so;
    of what else keeps the task back, only the agent as it is can tell.
    """
    name = command.agent_name
    agent = services.store.recall_agent(project_id=context.project_id, agent_name=name)
    if agent is None:
        return None
    try:
        task, answer = _prepared(services, context, command, agent)
    except Invalid:
        return None
    return _written(services, context, replace(task, presumed_as=name), answer)


def _as_found(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    agent = require_agent(services, context, command.agent_name)
    task, answer = _prepared(services, context, command, agent)
    outcome = _written(services, context, task, answer)
    if outcome is not None:
        return outcome
    require_session(services, context)
    existing = existing_task(services, context, task)
    if existing is None:
        require_open_session(services, context)
        check_dependencies(services, context, task.depends_on)
        raise moved_on(f"Session '{context.session_id}'")
    return existing


def _prepared(
    services: CommandServices, context: CommandContext, command: Data, agent: FoundAgent
) -> tuple[NewTask, dict[str, Any]]:
    check_input(context, agent.manifest, command.input_data or {})
    if command.repo is not None:
        check_repository(context, agent.manifest)
    times = None
    if command.not_before is not None or command.deadline is not None:
        times = due_times(
            services, context, not_before=command.not_before, deadline=command.deadline
        )
    task = replace(
        _task(command, agent, times),
        delegated_by=context.connection,
        delegated_with=context.caller.key_id,
    )
    return task, _answer(agent, task, times)


def _written(
    services: CommandServices, context: CommandContext, task: NewTask, answer: dict[str, Any]
) -> Outcome | None:
    written = services.store.delegate_task(context.change(), task, answer)
    if written is None:
        return None
    return Outcome(
        data=with_queue({**answer, **written.data}),
        session_id=context.session_id,
        cursor=written.cursor,
        outbox=written.outbox,
    )


def _answer(agent: FoundAgent, task: NewTask, times: DueTimes | None) -> dict[str, Any]:
    """What is known before the write; its status and its place in the queue come with it."""
    return {
        "task_id": task.task_id,
        "agent_name": task.agent_name,
        "agent_title": agent_display_name(task.agent_name, agent.manifest.get("title")),
        "status": "pending",
    } | ({} if times is None else {"local_times": times.told()})


def _task(command: Data, agent: FoundAgent, times: DueTimes | None) -> NewTask:
    """What is left open is as the agent's manifest says."""
    manifest = agent.manifest
    return NewTask(
        task_id=command.task_id or new_id("task"),
        agent_name=agent.agent_name,
        manifest=manifest,
        task_type=command.task_type,
        description=command.description,
        input=command.input_data or {},
        priority=command.priority,
        timeout_s=command.timeout_s or manifest.get("timeout_s", 600),
        max_attempts=command.max_attempts or manifest.get("max_attempts", 3),
        not_before=None if times is None else times.not_before,
        deadline=None if times is None else times.deadline,
        callback_url=command.callback_url,
        depends_on=list(dict.fromkeys(command.depends_on)),
        repository=command.repository,
        max_cost_usd=command.max_cost_usd,
    )


def wait(
    services: CommandServices, context: CommandContext, command: Data, outcome: Outcome
) -> Outcome:
    """Up to `wait_s` for the result; not at all for a task that is known not to start by then."""
    if not command.wait_s or _starts_later(outcome.data.get("queue"), command.wait_s):
        return outcome
    waited = wait_for_task(
        services.store,
        services.waits,
        task_id=outcome.data["task_id"],
        asked=context.asked_wait(command.wait_s),
    )
    if waited.task is None:
        return outcome
    pause = {} if waited.next_poll_ms is None else {"next_poll_ms": waited.next_poll_ms}
    return replace(outcome, data={**outcome.data, **view_task(waited.task), **pause})


def _starts_later(queue: Mapping[str, Any] | None, wait_s: int) -> bool:
    reason = (queue or {}).get("reason")
    if reason == WaitReason.NOT_BEFORE:
        until = datetime.fromisoformat((queue or {})["until"])
        return until > utc_now() + timedelta(seconds=wait_s)
    return reason == WaitReason.NO_WORKER


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    """What is known to keep the task from starting comes before that it was accepted."""
    agent = agent_in_words(data)
    message = f"Task '{data['task_id']}' delegated to {data['agent_name']}"
    if is_ended(data):
        return Phrase(message=f"{message}: {data['status']}", say=ended(data))
    queue: dict[str, Any] = data.get("queue") or {}
    if queue.get("warning"):
        say = joined(queue["warning"], f"I gave {agent} the task all the same.")
        return Phrase(message=message, say=say)
    local: dict[str, str] = data.get("local_times") or {}
    # The times themselves say more than that it waits for one of them.
    at_its_time = bool(local) and queue.get("reason") == WaitReason.NOT_BEFORE
    why = None if at_its_time else waiting(agent, queue)
    say = f"I gave it to {agent}{start_and_end(local) if local else ''}."
    return Phrase(message=message, say=f"{say} {why}" if why else say)
