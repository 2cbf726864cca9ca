"""A run of an agent that speaks our own protocol: one process, once."""

from dataclasses import replace

from aiwebhook.domain.agent_kind import AgentKind
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.ids import new_uuid
from aiwebhook_runner.adapters import CliTurn, Launch
from aiwebhook_runner.output.outcome import Failed, Released, RunOutcome, judge
from aiwebhook_runner.output.redaction import Redactor
from aiwebhook_runner.output.transcript import Transcript
from aiwebhook_runner.process.agent_process import Fence, LaunchSpec
from aiwebhook_runner.process.isolation import AgentUser, remove_left_by
from aiwebhook_runner.run.agent_turn import TurnRules, run_turn
from aiwebhook_runner.run.agent_user import python_folders, take_user
from aiwebhook_runner.run.run_scope import RunScope
from aiwebhook_runner.watching.kill_ladder import KillLadder

CUT_SHORT = Failed(
    error_class=ErrorClass.KILLED,
    message="The worker was stopped before the command ended.",
    remedy="Look at what the command has done already, then retry the task.",
    retryable=False,
)
"""A person's command is not retried automatically: half of it may have taken effect."""

MISSED_A_FILE = (
    "If it missed a file: its program or its folder lies below a folder closed to others, so it"
    " reads only what is installed with the program, and writes only in its own folder. Move what"
    " it needs to where every user may go, such as below /usr/local."
)


class PlainRun:
    """Kinds python and command, and a template without a model."""

    messages_seen: int | None = None
    """Such an agent reads no follow-ups."""

    def __init__(self, scope: RunScope) -> None:
        self._scope = scope
        self._user: AgentUser | None = None

    def until_done(self) -> tuple[RunOutcome, Transcript]:
        """Raises AgentCannotStart, RequestRefused or GaveUp while it prepares."""
        scope = self._scope
        adapter = scope.adapters(scope.run.agent)
        launch = Launch(
            run=scope.run,
            environment=scope.agent_environment(),
            context=scope.context(),
            workspace=scope.workspace,
            turn=CliTurn(number=1, prompt=scope.run.description or "", session_id=new_uuid()),
        )
        rules = TurnRules(
            redact=Redactor(scope.secrets().values()),
            timeout_s=scope.run.timeout_s,
            ladder=KillLadder(grace_s=scope.settings.kill_grace_s),
        )
        spec = self._isolated(adapter.launch(launch))
        ending, transcript = run_turn(scope, spec, adapter.reader(), rules)
        outcome = judge(ending, transcript)
        if isinstance(outcome, Released) and scope.run.agent.kind is AgentKind.WORKER:
            outcome = CUT_SHORT
        if isinstance(outcome, Failed) and outcome.remedy is None and self._is_fenced():
            outcome = replace(outcome, remedy=MISSED_A_FILE)
        return outcome, transcript

    def close(self) -> None:
        """Call once the agent has ended for good."""
        if self._user is not None:
            remove_left_by(self._user)

    def _is_fenced(self) -> bool:
        """Whether everything it reads is known, as with a built-in agent."""
        fenced = self._user is not None and self._user.reach != ()
        return fenced and self._scope.run.agent.kind is AgentKind.COMMAND

    def _isolated(self, spec: LaunchSpec) -> LaunchSpec:
        """Runs as a user of its own, except for a worker's agent `local`: it acts in the person's
        own folders, and the person has allowed it.
        """
        kind = self._scope.run.agent.kind
        if kind is AgentKind.WORKER:
            return replace(spec, fence=Fence.MEMORY)
        # What a command reads, only its author knows.
        all_it_reads = () if kind is AgentKind.COMMAND else python_folders(spec)
        self._user = take_user(self._scope, (spec.argv,), all_it_reads=all_it_reads)
        return replace(spec, user=self._user)
