"""Which way an agent is run: as a program of our protocol, or as a CLI on a model."""

# ruff: noqa: PLC0415 - reason: a run imports what its own way needs; the agent waits for it
import contextlib
from collections.abc import Generator
from typing import Protocol

from aiwebhook.domain.agent import ON_A_MODEL
from aiwebhook_runner.output.outcome import RunOutcome
from aiwebhook_runner.output.transcript import Transcript
from aiwebhook_runner.run.run_scope import RunScope


class AgentWork(Protocol):
    """What is done under a lease before there is something to record."""

    @property
    def messages_seen(self) -> int | None:
        """The newest follow-up that the outcome answers; None for agents that read none."""
        ...

    def until_done(self) -> tuple[RunOutcome, Transcript]:
        """Called again when a follow-up came before the outcome was recorded. Raises
        AgentCannotStart, Refused, LeaseLost or GaveUp."""
        ...


@contextlib.contextmanager
def work_for(scope: RunScope) -> Generator[AgentWork]:
    """Afterwards the LLM gateway is shut and gone, if there was one, and so is what the agent left
    outside of its folder."""
    if scope.run.agent.kind in ON_A_MODEL:
        from aiwebhook_runner.run.model_run import model_work

        with model_work(scope) as work:
            yield work
    else:
        from aiwebhook_runner.run.plain_run import PlainRun

        with contextlib.closing(PlainRun(scope)) as plain:
            yield plain
