"""Reconciles what the LLM gateway saw with what the command-line tool reported. Pure.

A CLI reports success when its answer was cut off or refused (Gemini), and an unknown failure when
the provider said plainly what was wrong.
"""

from dataclasses import replace
from typing import cast

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.output.outcome import Completed, Failed, RunOutcome, StopReason

UNCLASSIFIED = frozenset({ErrorClass.NO_RESULT, ErrorClass.BAD_OUTPUT, ErrorClass.MODEL})
"""Classes given to a CLI's failure when its output does not say why."""

PROVIDER_FAILURES = frozenset(
    {
        ErrorClass.AUTH,
        ErrorClass.MODEL,
        ErrorClass.RATE_LIMIT,
        ErrorClass.OVERLOADED,
        ErrorClass.SERVER,
        ErrorClass.NETWORK,
    }
)
"""Failures between CLI and provider. The gateway saw them at first hand: Codex reports any 500 as
high demand, and no CLI distinguishes an unreachable provider from a failing one.
"""

_FAILED_STOPS = {
    "max_tokens": (ErrorClass.TRUNCATED, "The model's last answer was cut off at its limit."),
    "refusal": (ErrorClass.REFUSED, "The model refused to answer."),
}


SILENCE = frozenset({StopReason.SILENT_START, StopReason.SILENT})


def reconcile_usage(
    outcome: RunOutcome, stopped: StopReason | None, usage: JsonObject
) -> RunOutcome:
    """The outcome of one turn, corrected. Our own reason to stop an agent stays, except that the
    gateway may know why it was silent.
    """
    match outcome:
        case Completed():
            return _of_success(outcome, usage)
        case Failed() if stopped is None or stopped in SILENCE:
            return _of_failure(outcome, stopped, usage)
        case _:
            return outcome


def _of_success(success: Completed, usage: JsonObject) -> RunOutcome:
    stop = str(usage.get("last_stop"))
    if stop in _FAILED_STOPS:
        error_class, message = _FAILED_STOPS[stop]
        return Failed(
            error_class=error_class,
            message=message,
            exit_code=success.exit_code,
            output=success.output,
        )
    if usage.get("budget_exceeded") is True and stop != "end":
        return _spent(Failed(error_class=ErrorClass.BUDGET, message="", output=success.output))
    return success


def _of_failure(failure: Failed, stopped: StopReason | None, usage: JsonObject) -> RunOutcome:
    if usage.get("budget_exceeded") is True:
        return _spent(failure)
    error = usage.get("last_error")
    reported = cast("JsonObject", error) if isinstance(error, dict) else {}
    try:
        error_class = ErrorClass(str(reported.get("error_class")))
    except ValueError:
        return failure
    corrected = replace(failure, error_class=error_class, remedy=None, retryable=None)
    both_blame_provider = (
        failure.error_class in PROVIDER_FAILURES
        and error_class in PROVIDER_FAILURES | {ErrorClass.CONTEXT}
    )
    if both_blame_provider and not stopped:
        return failure if failure.error_class is error_class else corrected
    # The gateway itself refused the request, which the CLI mistakes for a wrong key.
    refused_by_gateway = error_class is ErrorClass.LOST
    if refused_by_gateway or stopped or failure.error_class in UNCLASSIFIED:
        message = str(reported.get("message") or "") or failure.message
        return replace(corrected, message=message)
    return failure


def _spent(failure: Failed) -> Failed:
    return replace(
        failure,
        error_class=ErrorClass.BUDGET,
        message="The money for this run is spent.",
        remedy="Raise max_cost_usd of the task or the agent, then retry the task.",
        retryable=None,
    )
