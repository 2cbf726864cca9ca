"""How an agent runs: as a program that speaks our protocol, or as a CLI on a model."""

# ruff: noqa: PLC0415 - reason: a run imports only what its kind needs; the agent waits for it
import contextlib
from collections.abc import Generator
from typing import Protocol

from aiwebhook.domain.agent import ON_A_MODEL
from aiwebhook_runner.output.outcome import RunOutcome
from aiwebhook_runner.output.transcript import Transcript
from aiwebhook_runner.run.run_scope import RunScope


class AgentWork(Protocol):
    """The work under a lease, until there is an outcome to record."""

    @property
    def messages_seen(self) -> int | None:
        """The newest follow-up that the outcome answers; None for agents that read none."""
        ...

    def until_done(self) -> tuple[RunOutcome, Transcript]:
        """Called again when a follow-up came before the outcome was recorded. Raises
        AgentCannotStart, RequestRefused, LeaseLost or GaveUp.
        """
        ...


@contextlib.contextmanager
def work_for(scope: RunScope) -> Generator[AgentWork]:
    """On leaving the context, the LLM gateway is closed, and what the agent left outside its
    folder is removed.
    """
    if scope.run.agent.kind in ON_A_MODEL:
        from aiwebhook_runner.run.model_run import model_work

        with model_work(scope) as work:
            yield work
    else:
        from aiwebhook_runner.run.plain_run import PlainRun

        with contextlib.closing(PlainRun(scope)) as plain:
            yield plain
