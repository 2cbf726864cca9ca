"""Reports a run whose supervisor died without reporting."""

import threading
from collections.abc import Callable, Mapping

from aiwebhook.domain.agent_kind import AgentKind
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.notes import Notes
from aiwebhook.errors import LeaseLost
from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.lease.retry import Deadline, GaveUp, RequestRefused, call_until_answered
from aiwebhook_runner.lease.terminal_write import report_of
from aiwebhook_runner.output.outcome import Failed
from aiwebhook_runner.output.transcript import Transcript
from aiwebhook_runner.worker.child import SETTLED, Child

WITHIN_S = 300.0
"""Longer than a lease: by then the reaper has found it anyway."""


def settle(child: Child, exit_code: int, give_up: threading.Event) -> str:
    """Report it at once, so that the task need not wait for the lease to expire. Returns the task's
    new status, in a word or two.
    """
    if exit_code in SETTLED or child.status is not None:
        return child.status or _SETTLED.get(exit_code, "over")
    outcome, report = _decide(child, exit_code)
    try:
        call_until_answered(report, give_up=give_up, within_s=Deadline(WITHIN_S).left_s)
    except (LeaseLost, RequestRefused):
        return "no longer ours"
    except GaveUp:
        return "lost; it runs again when its lease has ended"
    return outcome


_SETTLED: Mapping[int, str] = {
    RunExitCode.RECORDED: "over",
    RunExitCode.RELEASED: "handed back",
    RunExitCode.LEASE_LOST: "no longer ours",
}


def _decide(child: Child, exit_code: int) -> tuple[str, Callable[[], object]]:
    if exit_code == RunExitCode.API_SILENT and child.run.agent.kind is not AgentKind.WORKER:
        return "handed back", child.lease.release
    failed = _failure(child, exit_code)
    report = report_of(failed, Transcript(), messages_seen=None, notes=Notes())
    return f"failed ({failed.error_class})", lambda: child.lease.report("fail", report)


def _failure(child: Child, exit_code: int) -> Failed:
    if child.hung:
        message = "The run hung after its time was up, and was killed."
        return Failed(error_class=ErrorClass.TIMEOUT, message=message, exit_code=exit_code)
    if exit_code < 0:
        message = f"The run's supervisor was ended by signal {-exit_code} on its worker."
        return Failed(error_class=ErrorClass.KILLED, message=message, exit_code=exit_code)
    message = f"The run's supervisor ended with exit code {exit_code} on its worker."
    return Failed(error_class=ErrorClass.LOST, message=message, exit_code=exit_code)
