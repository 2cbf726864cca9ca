"""The part of a run under a lease: prepare, supervise, deliver."""

# ruff: noqa: PLC0415 - reason: the agent waits for what is imported here, not for its own end
from collections.abc import Callable
from dataclasses import replace

from aiwebhook.client import Run
from aiwebhook.domain.agent import AgentManifest
from aiwebhook.domain.agent_kind import READING_MESSAGES
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.run import LeasedTask
from aiwebhook.errors import LeaseLost, MessagesWaiting
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.adapters import Adapter, AgentCannotStart, adapter_for
from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.lease.drain import Drain
from aiwebhook_runner.lease.lease_keeper import LeaseKeeper, OwnLease, Pace
from aiwebhook_runner.lease.reporter import EventReporter
from aiwebhook_runner.lease.retry import Deadline, GaveUp, RequestRefused
from aiwebhook_runner.output.outcome import (
    Abandoned,
    Completed,
    Failed,
    Released,
    RunOutcome,
    StopReason,
)
from aiwebhook_runner.output.transcript import Transcript
from aiwebhook_runner.process.forked_child import ForkedChild
from aiwebhook_runner.process.workspace import Workspace
from aiwebhook_runner.run.agent_work import AgentWork, work_for
from aiwebhook_runner.run.run_scope import RunScope
from aiwebhook_runner.settings import RunnerSettings

LAST_EVENTS_S = 10.0
"""Seconds that the last events may delay the result. Only a slow API takes this long (a cold start
takes 3 s on a busy machine), and a short run sends all its events at the end.
"""
LAST_EVENTS_OF_DRAIN_S = 2.0
"""The same for a run that was told to stop and must still release its task, or report its end."""


class LeasedRunSupervision:
    """Use once. Heartbeats continue until the outcome is recorded, not only
    while the agent runs.
    """

    def __init__(  # noqa: PLR0913 - everything a run connects, by keyword
        self,
        *,
        settings: RunnerSettings,
        run: LeasedTask,
        lease: Run,
        log: JsonLog,
        drain: Drain,
        keeper: LeaseKeeper | None = None,
        adapters: Callable[[AgentManifest], Adapter] = adapter_for,
        forked: ForkedChild | None = None,
    ) -> None:
        """`keeper` is given when somebody else sends the heartbeats; `adapters` when this machine
        has more kinds of agents than a container.
        """
        if keeper is None:
            pace = Pace(heartbeat_s=run.heartbeat_s, api_silence_s=settings.api_silence_s)
            keeper = OwnLease(lease, drain.inbox, log, pace)
            drain.is_for_another_reason = keeper.ask_why
        self._scope = RunScope(
            settings=settings,
            run=run,
            lease=lease,
            log=log,
            drain=drain,
            keeper=keeper,
            reporter=EventReporter(lease, keeper, log),
            workspace=Workspace.create(settings.work_dir),
            adapters=adapters,
            forked=forked,
        )

    def carry_out(self) -> RunExitCode:
        """Afterwards no process of the agent is alive and its workspace is removed."""
        scope = self._scope
        scope.keeper.start()
        scope.reporter.start()
        try:
            with work_for(scope) as work:
                return self._until_recorded(work)
        except LeaseLost as exc:
            scope.log.warning("lease_lost", reason=str(exc))
            return RunExitCode.LEASE_LOST
        except RequestRefused as exc:
            scope.log.warning("outcome_refused", reason=str(exc))
            return RunExitCode.REFUSED
        except GaveUp as exc:
            scope.log.warning("gave_up", reason=str(exc))
            return RunExitCode.LEASE_LOST if scope.keeper.lost.is_set() else RunExitCode.API_SILENT
        finally:
            scope.keeper.close()
            scope.workspace.remove()

    def _until_recorded(self, work: AgentWork) -> RunExitCode:
        while True:
            outcome, transcript = self._supervise(work)
            try:
                return self._deliver(outcome, transcript, work.messages_seen)
            except MessagesWaiting:
                # Somebody replied between the last look and the terminal write.
                self._scope.log.info("messages_waiting")
                self._scope.reporter.start_again()

    def _supervise(self, work: AgentWork) -> tuple[RunOutcome, Transcript]:
        try:
            return work.until_done()
        except AgentCannotStart as exc:
            refused = Failed(error_class=exc.error_class, message=str(exc), remedy=exc.remedy)
            return refused, Transcript()
        except RequestRefused as exc:
            message = f"The session could not be read: {exc}"
            return Failed(error_class=ErrorClass.CONTEXT, message=message), Transcript()
        except GaveUp:
            if self._scope.drain.requested.is_set():
                return Released(), Transcript()
            raise

    def _deliver(
        self, outcome: RunOutcome, transcript: Transcript, messages_seen: int | None
    ) -> RunExitCode:
        from aiwebhook_runner.lease.delivery import Delivery

        scope = self._scope
        if isinstance(outcome, Abandoned):
            lost = outcome.reason is StopReason.LEASE_LOST
            return RunExitCode.LEASE_LOST if lost else RunExitCode.API_SILENT
        scope.reporter.close(LAST_EVENTS_OF_DRAIN_S if scope.drain.leaving else LAST_EVENTS_S)
        silence = Deadline(scope.settings.api_silence_s)
        delivery = Delivery(
            scope.lease,
            scope.keeper,
            scope.log,
            workspace=scope.workspace,
            left_s=lambda: min(silence.left_s(), scope.drain.deadline.left_s()),
        )
        if isinstance(outcome, Released):
            delivery.hand_back()
            return RunExitCode.RELEASED
        outcome = self._with_unread(outcome, messages_seen)
        status = delivery.record(outcome, transcript, messages_seen=messages_seen)
        error_class = outcome.error_class if isinstance(outcome, Failed) else None
        scope.log.info("outcome_recorded", status=status, error_class=error_class)
        return RunExitCode.RECORDED

    def _with_unread(
        self, outcome: Completed | Failed, messages_seen: int | None
    ) -> Completed | Failed:
        """Reports messages that people wrote to the task and its agent has not read: a success must
        have read all, and the API refuses it otherwise.
        """
        from aiwebhook_runner.output.say_answer import followed_by

        could_read = self._scope.run.agent.kind.value in READING_MESSAGES
        if not could_read or (isinstance(outcome, Completed) and messages_seen is not None):
            return outcome
        count = self._unread(messages_seen or 0)
        if not count:
            return outcome
        subject = "A message to it was" if count == 1 else f"{count} messages to it were"
        fact = f"{subject} not read."
        output = {**outcome.output, "unread_messages": count}
        if isinstance(outcome, Completed):
            return replace(outcome, output=output, say=followed_by(outcome.say or "", fact))
        return replace(outcome, output=output, message=f"{outcome.message} {fact}")

    def _unread(self, seen: int) -> int:
        """The number of messages that the API returns at once; 0 when it does not answer."""
        scope = self._scope
        try:
            return len(scope.until_stop_requested(lambda: scope.lease.messages(after=seen)))
        except (RequestRefused, GaveUp):
            return 0
