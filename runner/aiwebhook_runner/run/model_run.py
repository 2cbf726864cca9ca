"""A run of a command-line agent: as many turns as there are follow-ups."""

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aiwebhook.client.runs import TaskMessage
from aiwebhook.domain.agent_kind import AgentKind
from aiwebhook.domain.attempt import ErrorClass, RunError
from aiwebhook.domain.provider import keys_in
from aiwebhook_runner.adapters import AgentCannotStart, adapter_for
from aiwebhook_runner.adapters.cli_kinds import CLI, installed_version, model_of
from aiwebhook_runner.adapters.prompt import first_prompt, follow_up_prompt, resumed_prompt
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.lease.retry import GaveUp
from aiwebhook_runner.model.model_choice import Choice, choose_model, installed_on
from aiwebhook_runner.model.model_door import AccessRequest, ModelDoor, RunGateway
from aiwebhook_runner.output.cli_output import RunStory, SchemaBroken, run_output
from aiwebhook_runner.output.outcome import (
    Abandoned,
    Completed,
    Ending,
    Failed,
    Released,
    RunOutcome,
    judge,
)
from aiwebhook_runner.output.redaction import Redactor
from aiwebhook_runner.output.transcript import Transcript
from aiwebhook_runner.process.resource_limits import ResourceLimits
from aiwebhook_runner.repository import WorkspaceFailed
from aiwebhook_runner.run.run_scope import RunScope
from aiwebhook_runner.run.turns import Conversation
from aiwebhook_runner.run.workbench import Means, Workbench

if TYPE_CHECKING:
    from aiwebhook_runner.run.plain_run import PlainRun

RunEnd = tuple[RunOutcome, Transcript]


class RefusedRun:
    """A run that cannot start: reports why, and ends."""

    messages_seen: int | None = None

    def __init__(self, refused: AgentCannotStart) -> None:
        self._refused = refused

    def until_done(self) -> RunEnd:
        why = self._refused
        failed = Failed(error_class=why.error_class, message=str(why), remedy=why.remedy)
        return failed, Transcript()

    def close(self) -> None: ...


@contextlib.contextmanager
def model_work(scope: RunScope) -> Generator["ModelRun | PlainRun | RefusedRun"]:
    """On leaving the context, the LLM gateway is closed, if there was one."""
    gateway = RunGateway(scope.settings, scope.log)
    with (
        contextlib.closing(gateway),
        contextlib.closing(_chosen(scope, gateway)) as work,
    ):
        yield work


def _chosen(scope: RunScope, gateway: RunGateway) -> "ModelRun | PlainRun | RefusedRun":
    try:
        choice = choose_model(
            scope.run.agent,
            present=installed_on(scope.settings.path),
            with_key=gateway.providers,
        )
    except AgentCannotStart as exc:
        return RefusedRun(exc)
    if choice is None:
        from aiwebhook_runner.run.plain_run import PlainRun  # noqa: PLC0415 - reason: only without a model

        module = replace(scope.run.agent, kind=AgentKind.PYTHON)
        return PlainRun(replace(scope, run=replace(scope.run, agent=module)))
    chosen = replace(scope, run=replace(scope.run, agent=choice.manifest))
    gateway.come_up()
    scope.log.info("agent_chosen", kind=choice.manifest.kind.value, provider=choice.provider)
    return ModelRun(chosen, gateway, choice)


class ModelRun:
    """Use once; `until_done` again after a follow-up came too late for the last turn."""

    def __init__(self, scope: RunScope, gateway: RunGateway, choice: Choice) -> None:
        self._scope = scope
        self._gateway = gateway
        self._choice = choice
        kind = choice.manifest.kind
        self._adapter = adapter_for(choice.manifest)
        self._bench = Workbench(
            scope,
            program=CLI[kind].executable,
            state_paths=self._adapter.state_paths,
            hostile_paths=self._adapter.hostile_paths,
        )
        # A CLI's own report comes later, and takes precedence.
        self._story = RunStory(
            kind=kind.value,
            version=installed_version(kind, scope.settings.path),
            model=model_of(kind, choice.manifest.model),
        )
        self._conversation: Conversation | None = None
        self._last: RunEnd | None = None
        self.messages_seen: int | None = 0

    def until_done(self) -> RunEnd:
        """Raises AgentCannotStart, RequestRefused, LeaseLost or GaveUp."""
        try:
            prompt = self._next_prompt() if self._last else self._begin()
        except WorkspaceFailed as exc:
            stopped = self._scope.stop_requested()
            if stopped is not None:  # stopped while it was prepared, which then ended at once
                return judge(Ending(exit_code=0, stopped=stopped), Transcript()), Transcript()
            return _failed(exc), Transcript()
        if self._last is None or prompt:
            outcome, transcript = self._turns(prompt)
            self._last = self._end(outcome, transcript), transcript
        return self._last

    def close(self) -> None:
        """Call once the outcome is recorded."""
        self._bench.close()

    # ── before ────────────────────────────────────────────────────────────────────────────────────

    def _begin(self) -> str:
        """Returns the prompt of the first turn."""
        scope = self._scope
        restored = self._bench.prepare()
        resume = self._restore(restored)
        context = scope.context()
        waiting = self._waiting()
        door = self._gateway.open(
            AccessRequest(
                provider=self._choice.provider,
                max_cost_usd=scope.run.max_cost_usd or scope.run.agent.max_cost_usd,
                heartbeat_s=scope.run.heartbeat_s,
            )
        )
        scope.keeper.on_answered = door.renew
        compute = scope.run.agent.compute
        means = Means(
            scope=scope,
            adapter=self._adapter,
            door=door,
            bench=self._bench,
            context=context,
            redact=self._redactor(door),
            spare=self._gateway.own_processes,
            story=self._story,
            limits=ResourceLimits.of_compute(compute.memory_mib, compute.disk_mib),
        )
        self._conversation = Conversation(means, resume=resume)
        door.meter(self._metered)
        self._saw(waiting)
        if resume:
            return resumed_prompt(scope.run, waiting)
        return first_prompt(scope.run, context, waiting, started_before=restored is not None)

    def _restore(self, restored: JsonObject | None) -> str | None:
        """Resume the conversation, if the checkpoint is of this kind of agent."""
        if restored is None:
            return None
        scope = self._scope
        mine = restored.get("agent") == self._story.kind
        resume = str(restored.get("cli_session_id") or "") if mine else ""
        seen, turn = restored.get("messages_seen"), restored.get("turn")
        if resume and isinstance(seen, int):
            # Only the conversation has what was said before; without it everything is said again.
            self.messages_seen = seen
        self._story.turns = turn if isinstance(turn, int) else 0
        scope.log.info("checkpoint_restored", turn=self._story.turns, resumed=bool(resume))
        return resume or None

    def _redactor(self, door: ModelDoor) -> Redactor:
        keys = keys_in(self._scope.settings.agent_environment).values()
        return Redactor([*self._scope.secrets().values(), *door.secrets, *keys])

    # ── the turns ─────────────────────────────────────────────────────────────────────────────────

    def _turns(self, prompt: str) -> RunEnd:
        while True:
            outcome, transcript = self._begun.take(prompt, self._checkpoint_data)
            if isinstance(outcome, Completed):
                outcome = self._fit(outcome, transcript)
            if not isinstance(outcome, Completed):
                return outcome, transcript
            waiting = self._waiting()
            if not waiting:
                return outcome, transcript
            if self._scope.drain.requested.is_set():
                return Released(), transcript
            self._saw(waiting)
            prompt = follow_up_prompt(waiting)

    def _next_prompt(self) -> str:
        """Called after the API refused to complete because of a follow-up. Empty when it returns
        none: then the answer is reported as it is, rather than repeated endlessly.
        """
        waiting = self._waiting()
        if not waiting:
            self.messages_seen = None
            return ""
        self._saw(waiting)
        return follow_up_prompt(waiting)

    def _fit(self, outcome: Completed, transcript: Transcript) -> Completed | Failed:
        """A success must also conform to the manifest's output_schema."""
        if transcript.result is None:
            raise AssertionError("a success has a result")
        try:
            run_output(transcript.result, self._story, self._scope.run.agent.output_schema)
        except SchemaBroken as exc:
            return Failed(
                error_class=ErrorClass.BAD_OUTPUT,
                message=str(exc),
                exit_code=outcome.exit_code,
                output=outcome.output,
            )
        return outcome

    def _waiting(self) -> list[TaskMessage]:
        """Follow-ups not seen yet. None when the API is unavailable: then the terminal
        write finds out.
        """
        after = self.messages_seen or 0
        try:
            return self._scope.until_stop_requested(lambda: self._scope.lease.messages(after=after))
        except GaveUp:
            return []

    def _saw(self, messages: Sequence[TaskMessage]) -> None:
        """They are in the prompt of the turn that begins now."""
        self.messages_seen = max([self.messages_seen or 0, *(m.number for m in messages)])

    # ── after ─────────────────────────────────────────────────────────────────────────────────────

    def _end(self, outcome: RunOutcome, transcript: Transcript) -> RunOutcome:
        if isinstance(outcome, Abandoned):
            return outcome
        usage = self._begun.usage  # no agent has run since
        self._scope.reporter.report_usage(usage)
        if isinstance(outcome, Released) or _is_tried_again(outcome):
            self._bench.save(self._checkpoint_data())
        if isinstance(outcome, Released):
            return outcome
        from aiwebhook_runner.run.publish_result import publish_result  # noqa: PLC0415 - reason: the agent does not wait for it

        return publish_result(self._begun.means, replace(outcome, usage=usage), transcript)

    def _checkpoint_data(self) -> JsonObject:
        return {
            "agent": self._story.kind,
            "cli_session_id": self._story.session_id,
            "messages_seen": self.messages_seen,
            "turn": self._story.turns,
        }

    def _metered(self, usage: JsonObject) -> None:
        self._scope.reporter.report_usage(usage)
        self._begun.metered(usage)

    @property
    def _begun(self) -> Conversation:
        if self._conversation is None:
            raise AssertionError("until_done begins it")
        return self._conversation


def _failed(exc: WorkspaceFailed) -> Failed:
    return Failed(
        error_class=exc.error_class,
        message=str(exc),
        remedy=exc.remedy,
        retryable=exc.retryable,
    )


def _is_tried_again(outcome: Completed | Failed) -> bool:
    if isinstance(outcome, Completed):
        return False
    by_class = RunError.of(outcome.error_class, outcome.message).retryable
    return by_class if outcome.retryable is None else outcome.retryable
