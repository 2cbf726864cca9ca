"""The turns of one conversation with a command-line agent: each is a process, judged by itself."""

import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from aiwebhook.ids import new_uuid
from aiwebhook_runner.adapters import CliTurn, Launch
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.lease.inbox import StopRequested
from aiwebhook_runner.output.events import model_event
from aiwebhook_runner.output.messages import AgentMessage
from aiwebhook_runner.output.outcome import RunOutcome, StopReason, judge
from aiwebhook_runner.output.transcript import Transcript
from aiwebhook_runner.process.agent_process import AgentProcess
from aiwebhook_runner.process.isolation import left_by, write_settings
from aiwebhook_runner.process.resource_limits import ResourceExcess, ResourceWatch
from aiwebhook_runner.run.agent_turn import TurnRules, run_turn
from aiwebhook_runner.run.workbench import Means
from aiwebhook_runner.watching.agent_limits import SilenceLimit, TurnLimit
from aiwebhook_runner.watching.kill_ladder import KillLadder

HAND_BACK_S = 4.5
"""Part of a drain, reserved for a checkpoint, the last events and the release; the rest is the
agent's.
"""
FOR_THE_END = (
    "aiwebhook_runner.model.reconcile_usage",
    "aiwebhook_runner.output.say_answer",
    "aiwebhook_runner.repository.snapshot",
    "aiwebhook_runner.run.publish_result",
)
"""Imported while the agent works. Earlier, they would delay its start; later, its result."""


class Conversation:
    """Call `take` for each turn; `metered` is called from another thread. Time and model turns are
    counted over all of them.
    """

    def __init__(
        self, means: Means, *, resume: str | None, now: Callable[[], float] = time.monotonic
    ) -> None:
        scope = means.scope
        self.means = means
        self.usage: JsonObject = {}
        """The model usage reported by the gateway at the end of the last turn."""
        self._now = now
        self._ends_at = now() + scope.run.timeout_s
        self._counter = TurnLimit(scope.run.agent.max_turns)
        self._session_id = new_uuid()
        self._resume = resume
        self._silence_limit: SilenceLimit | None = None
        self._tokens: tuple[object, object] = (0, 0)

    def take(self, prompt: str, data: Callable[[], JsonObject]) -> tuple[RunOutcome, Transcript]:
        """One turn and its outcome. `data` is for checkpoints made meanwhile."""
        means = self.means
        scope, story = means.scope, means.story
        story.turns += 1
        launch = Launch(
            run=scope.run,
            context=means.context,
            workspace=scope.workspace,
            environment=self._environment(),
            turn=CliTurn(
                number=story.turns,
                prompt=prompt,
                session_id=self._session_id,
                resume=self._resume,
            ),
            model=means.door.access,
        )
        with means.bench.set_aside():
            spec = replace(means.adapter.launch(launch), user=means.bench.user)
            write_settings(scope.workspace.home, spec.files, spec.user)
            watch = self._resource_watch()
            try:
                rules = self._rules(watch, data)
                ending, transcript = run_turn(scope, spec, means.adapter.reader(), rules)
            finally:
                watch.close()
        self._resume = story.session_id or self._resume
        self.usage = means.door.settled()
        self._watch_gateway_tokens(
            self.usage
        )  # these tokens are not a sign of life of the next turn
        from aiwebhook_runner.model.reconcile_usage import reconcile_usage  # noqa: PLC0415 - reason: as FOR_THE_END says

        outcome = judge(ending, transcript)
        return reconcile_usage(outcome, ending.stopped, self.usage), transcript

    def metered(self, usage: JsonObject) -> None:
        """Take in the gateway's usage whenever it changes. More tokens are a sign of life, more
        requests are not; a spent budget ends the turn.
        """
        if usage.get("budget_exceeded") is True:
            detail = "The money for this run is spent."
            self.means.scope.drain.inbox.put(StopRequested(reason=StopReason.BUDGET, detail=detail))
        self._watch_gateway_tokens(usage)

    def _watch_gateway_tokens(self, usage: JsonObject) -> None:
        tokens = (usage.get("input_tokens"), usage.get("output_tokens"))
        if tokens != self._tokens and self._silence_limit is not None:
            self._tokens = tokens
            self._silence_limit.saw_model_activity()

    def _rules(self, watch: ResourceWatch, data: Callable[[], JsonObject]) -> TurnRules:
        scope = self.means.scope
        manifest = scope.run.agent
        silence_limit = SilenceLimit(first_output_s=manifest.first_output_s, idle_s=manifest.idle_s)
        self._silence_limit = silence_limit

        def on_message(message: AgentMessage) -> None:
            silence_limit.observe(message)
            self.means.story.observe(message)
            if stop := self._counter.observe(message):
                scope.drain.inbox.put(stop)

        def started(process: AgentProcess) -> None:
            watch.start()
            self.means.bench.save_while(process, data)
            for name in FOR_THE_END:
                import_module(name)

        return TurnRules(
            redact=self.means.redact,
            timeout_s=max(self._ends_at - self._now(), 0),
            ladder=KillLadder(
                grace_s=scope.settings.kill_grace_s,
                interrupt_first=True,
                within_s=lambda: scope.drain.deadline.left_s() - HAND_BACK_S,
            ),
            event_of=model_event,
            on_message=on_message,
            on_start=started,
            silence_limit=silence_limit,
            spare=self.means.spare,
        )

    def _environment(self) -> dict[str, str]:
        user = {"USER": "agent", "LOGNAME": "agent"} if self.means.bench.user else {}
        return {**self.means.scope.agent_environment(), **user}

    def _resource_watch(self) -> ResourceWatch:
        means = self.means
        inbox = means.scope.drain.inbox

        def stop_for(excess: ResourceExcess) -> None:
            reason = StopReason.OOM if excess.what == "memory" else StopReason.DISK
            inbox.put(StopRequested(reason=reason, detail=str(excess)))

        user, root = means.bench.user, means.scope.workspace.root
        return ResourceWatch(
            means.limits,
            folders=lambda: (root, *(left_by(user) if user else ())),
            spare=lambda: means.spare,
            on_excess=stop_for,
        )
