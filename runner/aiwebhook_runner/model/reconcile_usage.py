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
"""The class of a CLI's end that says nothing we understand."""

OF_THE_PROVIDER = frozenset(
    {
        ErrorClass.AUTH,
        ErrorClass.MODEL,
        ErrorClass.RATE_LIMIT,
        ErrorClass.OVERLOADED,
        ErrorClass.SERVER,
        ErrorClass.NETWORK,
    }
)
"""Failures between CLI and provider. The gateway was closer: Codex calls a plain 500 high demand,
and every CLI takes an unreachable provider for one that failed.
"""

_NO_SUCCESS = {
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
    if stop in _NO_SUCCESS:
        error_class, message = _NO_SUCCESS[stop]
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
    # Refused by the gateway itself, which the CLI takes for a wrong key.
    shut_out = error_class is ErrorClass.LOST
    between = failure.error_class in OF_THE_PROVIDER
    if between and error_class in OF_THE_PROVIDER | {ErrorClass.CONTEXT} and not stopped:
        if failure.error_class is error_class:
            return failure
        return replace(failure, error_class=error_class, remedy=None, retryable=None)
    if not (shut_out or stopped or failure.error_class in UNCLASSIFIED):
        return failure
    message = str(reported.get("message") or "") or failure.message
    return replace(failure, error_class=error_class, message=message, remedy=None, retryable=None)


def _spent(failure: Failed) -> Failed:
    return replace(
        failure,
        error_class=ErrorClass.BUDGET,
        message="The money for this run is spent.",
        remedy="Raise max_cost_usd of the task or the agent, then retry the task.",
        retryable=None,
    )
