"""The part of a run for which there is a lease: prepare, supervise, deliver."""

from collections.abc import Callable

from aiwebhook.domain.agent import AgentManifest
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.ids import new_uuid
from aiwebhook_runner.adapters import (
    Adapter,
    Launch,
    LaunchRefused,
    ProcessEnd,
    Turn,
    adapter_for,
)
from aiwebhook_runner.context import gather_context
from aiwebhook_runner.delivery import Delivery
from aiwebhook_runner.drain import Drain
from aiwebhook_runner.exits import ExitCode
from aiwebhook_runner.facts import AgentExited
from aiwebhook_runner.lease import LeaseKeeper, OwnLease, Pace
from aiwebhook_runner.log import JsonLog
from aiwebhook_runner.outcome import (
    Abandoned,
    Ending,
    Failed,
    HandedBack,
    Outcome,
    StopReason,
    judge,
)
from aiwebhook_runner.process import AgentProcess, LaunchSpec
from aiwebhook_runner.redaction import Redactor
from aiwebhook_runner.reporter import EventReporter
from aiwebhook_runner.retry import Deadline, GaveUp, call_until_answered
from aiwebhook_runner.runs_api import ApiRefused, LeasedRun, LeaseLost, RunInput
from aiwebhook_runner.settings import RunnerSettings
from aiwebhook_runner.transcript import Transcript
from aiwebhook_runner.watch import AgentWatch, OutputListener
from aiwebhook_runner.workspace import Workspace

LAST_EVENTS_S = 2.0
"""How long the last events may hold the result back."""


class LeasedRunSupervision:
    """Use once. Heartbeats go on until the outcome is recorded, not only while the agent runs."""

    def __init__(  # noqa: PLR0913 - all that a run stands between, by keyword
        self,
        *,
        settings: RunnerSettings,
        run: RunInput,
        api: LeasedRun,
        log: JsonLog,
        drain: Drain,
        keeper: LeaseKeeper | None = None,
        adapters: Callable[[AgentManifest], Adapter] = adapter_for,
    ) -> None:
        """`keeper` is there when somebody else beats; `adapters` when this machine knows more
        kinds of agents than a container does."""
        self._settings = settings
        self._run = run
        self._api = api
        self._log = log
        self._inbox = drain.inbox
        self._drain = drain
        self._adapters = adapters
        self._keeper = keeper or OwnLease(
            api,
            drain.inbox,
            log,
            Pace(
                heartbeat_s=run.heartbeat_s,
                signal_period_s=settings.signal_period_s,
                api_silence_s=settings.api_silence_s,
            ),
        )
        self._reporter = EventReporter(api, self._keeper, log)

    def carry_out(self) -> ExitCode:
        """Afterwards no process of the agent lives and its workspace is gone."""
        workspace = Workspace.create(self._settings.work_dir)
        self._keeper.start()
        self._reporter.start()
        try:
            outcome, transcript = self._supervise(workspace)
            return self._deliver(outcome, transcript, workspace)
        except LeaseLost as exc:
            self._log.warning("lease_lost", reason=str(exc))
            return ExitCode.LEASE_LOST
        except ApiRefused as exc:
            self._log.warning("outcome_refused", reason=str(exc))
            return ExitCode.REFUSED
        except GaveUp as exc:
            self._log.warning("gave_up", reason=str(exc))
            return ExitCode.LEASE_LOST if self._keeper.lost.is_set() else ExitCode.API_SILENT
        finally:
            self._keeper.close()
            workspace.remove()

    def _supervise(self, workspace: Workspace) -> tuple[Outcome, Transcript]:
        try:
            adapter, spec = self._prepare(workspace)
        except LaunchRefused as exc:
            refused = Failed(error_class=exc.error_class, message=str(exc), remedy=exc.remedy)
            return refused, Transcript()
        except ApiRefused as exc:
            message = f"The session could not be read: {exc}"
            return Failed(error_class=ErrorClass.CONTEXT, message=message), Transcript()
        except GaveUp:
            if self._drain.asked.is_set():
                return HandedBack(), Transcript()
            raise
        ending, transcript = self._run_agent(adapter, spec)
        return judge(ending, transcript), transcript

    def _prepare(self, workspace: Workspace) -> tuple[Adapter, LaunchSpec]:
        adapter = self._adapters(self._run.agent)
        environment = self._agent_environment(workspace)
        silence = Deadline(self._settings.api_silence_s)
        context = gather_context(
            self._run,
            self._api,
            lambda call: call_until_answered(
                call, give_up=self._drain.asked, within_s=silence.left_s
            ),
        )
        launch = Launch(
            run=self._run,
            context=context,
            workspace=workspace,
            environment=environment,
            turn=Turn(number=1, prompt=self._run.description, session_id=new_uuid()),
        )
        return adapter, adapter.launch(launch)

    def _agent_environment(self, workspace: Workspace) -> dict[str, str]:
        """Complete, not inherited: what is not listed here, the agent cannot see."""
        own = self._settings.agent_environment
        missing = [name for name in self._run.agent.secrets if not own.get(name)]
        if missing:
            raise LaunchRefused(
                ErrorClass.AUTH,
                f"The agent's secrets are not set: {', '.join(missing)}.",
                remedy="Store them where the task definition takes its secrets from.",
            )
        return {
            "PATH": self._settings.path,
            "HOME": str(workspace.home),
            "TMPDIR": str(workspace.tmp),
            "LANG": "C.UTF-8",
            **{name: own[name] for name in self._run.agent.secrets},
        }

    def _run_agent(self, adapter: Adapter, spec: LaunchSpec) -> tuple[Ending, Transcript]:
        redact = Redactor(spec.environment[name] for name in self._run.agent.secrets)
        listener = OutputListener(adapter, self._reporter, self._inbox, redact)
        process = AgentProcess(
            spec,
            on_output=listener.feed,
            on_exit=lambda code: self._inbox.put(AgentExited(exit_code=code)),
        )
        self._log.info("agent_started", pid=process.pid)

        def before_beat() -> None:
            process.reap_orphans()
            self._keeper.progress = listener.last_progress

        self._keeper.on_beat = before_beat
        watch = AgentWatch(
            process,
            self._inbox,
            timeout_s=self._run.timeout_s,
            kill_grace_s=self._settings.kill_grace_s,
        )
        exit_code = watch.until_gone()
        listener.finish()
        stderr_tail = redact(process.stderr_tail)
        listener.close(ProcessEnd(exit_code=exit_code, stderr_tail=stderr_tail))
        ending = Ending(
            exit_code=exit_code,
            stopped=watch.stopped.reason if watch.stopped else None,
            detail=watch.stopped.detail if watch.stopped else "",
            stderr_tail=stderr_tail,
            timeout_s=self._run.timeout_s,
        )
        self._log.info("agent_ended", exit_code=exit_code, stopped=ending.stopped)
        return ending, listener.transcript

    def _deliver(self, outcome: Outcome, transcript: Transcript, workspace: Workspace) -> ExitCode:
        if isinstance(outcome, Abandoned):
            lost = outcome.reason is StopReason.LEASE_LOST
            return ExitCode.LEASE_LOST if lost else ExitCode.API_SILENT
        self._reporter.close(LAST_EVENTS_S)
        silence = Deadline(self._settings.api_silence_s)
        delivery = Delivery(
            self._api,
            self._keeper,
            self._log,
            workspace=workspace,
            left_s=lambda: min(silence.left_s(), self._drain.deadline.left_s()),
        )
        if isinstance(outcome, HandedBack):
            delivery.hand_back()
            return ExitCode.RELEASED
        status = delivery.record(outcome, transcript)
        error_class = outcome.error_class if isinstance(outcome, Failed) else None
        self._log.info("outcome_recorded", status=status, error_class=error_class)
        return ExitCode.RECORDED
