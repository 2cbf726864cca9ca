"""One process of the agent from start to end: what it said, and how it ended."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module

from aiwebhook_runner.adapters import OutputReader, ProcessEnd
from aiwebhook_runner.lease.inbox import AgentExited
from aiwebhook_runner.output.events import EventOf, protocol_event
from aiwebhook_runner.output.messages import AgentMessage
from aiwebhook_runner.output.outcome import Ending
from aiwebhook_runner.output.redaction import Redactor
from aiwebhook_runner.output.transcript import Transcript
from aiwebhook_runner.process.agent_process import AgentProcess, LaunchSpec
from aiwebhook_runner.run.run_scope import RunScope
from aiwebhook_runner.watching.agent_limits import SilenceLimit
from aiwebhook_runner.watching.kill_ladder import KillLadder
from aiwebhook_runner.watching.listener import OutputListener
from aiwebhook_runner.watching.watch import AgentWatch


def _ignore(_value: object) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRules:
    """What differs between kinds of agents. The defaults are those of our own protocol."""

    redact: Redactor
    timeout_s: float
    ladder: KillLadder
    event_of: EventOf = protocol_event
    on_message: Callable[[AgentMessage], None] = _ignore
    on_start: Callable[[AgentProcess], None] = _ignore
    silence_limit: SilenceLimit | None = None
    spare: frozenset[int] = field(default_factory=frozenset[int])
    """Returns our children that are not part of the agent."""


def run_turn(
    scope: RunScope, spec: LaunchSpec, reader: OutputReader, rules: TurnRules
) -> tuple[Ending, Transcript]:
    """Blocks until the process and all its children are gone."""
    inbox = scope.drain.inbox
    listener = _listener(scope, reader, rules)
    process = AgentProcess(
        spec,
        on_output=listener.feed,
        on_exit=lambda code: inbox.put(AgentExited(exit_code=code)),
        spare=rules.spare,
        forked=scope.forked,
    )
    scope.log.info("agent_started", pid=process.pid)

    scope.keeper.on_heartbeat = process.reap_orphans
    rules.on_start(process)
    import_module("aiwebhook_runner.lease.delivery")  # for the end, when somebody waits for it
    watch = AgentWatch(
        process,
        inbox,
        timeout_s=rules.timeout_s,
        ladder=rules.ladder,
        silence_limit=rules.silence_limit,
    )
    exit_code = watch.until_gone()
    listener.finish()
    stderr_tail = rules.redact(process.stderr_tail)
    listener.close(ProcessEnd(exit_code=exit_code, stderr_tail=stderr_tail))
    ending = Ending(
        exit_code=exit_code,
        stopped=watch.stopped.reason if watch.stopped else None,
        detail=watch.stopped.detail if watch.stopped else "",
        stderr_tail=stderr_tail,
        timeout_s=scope.run.timeout_s,
    )
    scope.log.info("agent_ended", exit_code=exit_code, stopped=ending.stopped)
    return ending, listener.transcript


def _listener(scope: RunScope, reader: OutputReader, rules: TurnRules) -> OutputListener:
    silence_limit = rules.silence_limit
    return OutputListener(
        reader,
        scope.reporter,
        scope.drain.inbox,
        redact=rules.redact,
        event_of=rules.event_of,
        work=scope.workspace.work,
        on_bytes=(lambda _data: silence_limit.saw_output()) if silence_limit else _ignore,
        on_message=rules.on_message,
    )
