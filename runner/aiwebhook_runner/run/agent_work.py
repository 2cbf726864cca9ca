"""Which way an agent is run: as a program of our protocol, or as a CLI on a model."""

import contextlib
from collections.abc import Generator
from dataclasses import replace
from typing import Protocol

from aiwebhook.domain.agent import ON_A_MODEL, AgentKind
from aiwebhook_runner.adapters import LaunchRefused
from aiwebhook_runner.model.model_choice import choose, installed_on
from aiwebhook_runner.model.model_door import Gateway
from aiwebhook_runner.output.outcome import Failed, Outcome
from aiwebhook_runner.output.transcript import Transcript
from aiwebhook_runner.run.model_run import ModelRun
from aiwebhook_runner.run.plain_run import PlainRun
from aiwebhook_runner.run.run_scope import RunScope


class AgentWork(Protocol):
    """What is done under a lease before there is something to record."""

    @property
    def messages_seen(self) -> int | None:
        """The newest follow-up that the outcome answers; None for agents that read none."""
        ...

    def until_done(self) -> tuple[Outcome, Transcript]:
        """Called again when a follow-up came before the outcome was recorded. Raises
        LaunchRefused, Refused, LeaseLost or GaveUp."""
        ...


class RefusedRun:
    """Ends before it began."""

    messages_seen: int | None = None

    def __init__(self, refused: LaunchRefused) -> None:
        self._refused = refused

    def until_done(self) -> tuple[Outcome, Transcript]:
        why = self._refused
        failed = Failed(error_class=why.error_class, message=str(why), remedy=why.remedy)
        return failed, Transcript()


@contextlib.contextmanager
def work_for(scope: RunScope) -> Generator[AgentWork]:
    """Afterwards the LLM gateway is shut and gone, if there was one, and so is what the agent left
    outside of its folder."""
    if scope.run.agent.kind not in ON_A_MODEL:
        with contextlib.closing(PlainRun(scope)) as plain:
            yield plain
        return
    gateway = Gateway(scope.settings, scope.log)
    with contextlib.closing(gateway):
        work = _on_a_model(scope, gateway)
        try:
            yield work
        finally:
            if isinstance(work, ModelRun | PlainRun):
                work.close()


def _on_a_model(scope: RunScope, gateway: Gateway) -> AgentWork:
    try:
        choice = choose(
            scope.run.agent,
            present=installed_on(scope.settings.path),
            with_key=gateway.providers,
        )
    except LaunchRefused as exc:
        return RefusedRun(exc)
    if choice is None:
        module = replace(scope.run.agent, kind=AgentKind.PYTHON)
        return PlainRun(replace(scope, run=replace(scope.run, agent=module)))
    chosen = replace(scope, run=replace(scope.run, agent=choice.manifest))
    gateway.come_up()
    scope.log.info("agent_chosen", kind=choice.manifest.kind.value, provider=choice.provider)
    return ModelRun(chosen, gateway, choice)
