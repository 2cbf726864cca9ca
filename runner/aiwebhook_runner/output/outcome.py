"""How a run ended, decided purely from what was seen of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.output.transcript import Transcript

SIGKILL = 9


class StopReason(StrEnum):
    """Why the supervisor ended the agent. Takes precedence over anything the agent said."""

    CANCEL = "cancel"
    """The task was cancelled."""
    TIMEOUT = "timeout"
    """timeout_s passed."""
    DRAIN = "drain"
    """The supervisor itself was told to stop."""
    BAD_OUTPUT = "bad_output"
    """Too much output, or a line too long."""
    LEASE_LOST = "lease_lost"
    """Another attempt owns the task."""
    API_SILENT = "api_silent"
    """The Runs API did not answer for too long."""
    SILENT_START = "silent_start"
    """The model showed no sign of life."""
    SILENT = "silent"
    """The agent said nothing for too long in the middle of its work."""
    MAX_TURNS = "max_turns"
    """The model used up its turns."""
    BUDGET = "budget"
    """The budget of this run is spent."""
    OOM = "oom"
    """The agent used more memory than allowed."""
    DISK = "disk"
    """The agent wrote more than it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meaning:
    error_class: ErrorClass
    remedy: str | None = None


_WITH_DETAIL: Mapping[StopReason, _Meaning] = {
    StopReason.BAD_OUTPUT: _Meaning(error_class=ErrorClass.BAD_OUTPUT),
    # No output at all: most likely the provider was not reachable; worth another try.
    StopReason.SILENT_START: _Meaning(
        error_class=ErrorClass.NETWORK,
        remedy="Check that the provider is reachable; raise first_output_s if the model is slow.",
    ),
    StopReason.SILENT: _Meaning(
        error_class=ErrorClass.TIMEOUT,
        remedy="Read the run's events: a command may wait for input. Raise idle_s if it is slow.",
    ),
    StopReason.MAX_TURNS: _Meaning(
        error_class=ErrorClass.MAX_TURNS,
        remedy="Split the task, or raise max_turns in the agent's manifest.",
    ),
    StopReason.BUDGET: _Meaning(
        error_class=ErrorClass.BUDGET,
        remedy="Raise max_cost_usd of the task or the agent, then retry the task.",
    ),
    StopReason.OOM: _Meaning(
        error_class=ErrorClass.OOM,
        remedy="Give the agent more compute.memory_mib in its manifest.",
    ),
    StopReason.DISK: _Meaning(
        error_class=ErrorClass.OOM, remedy="Have the agent write less to its workspace and /tmp."
    ),
}
"""Reasons whose message is in the stop's detail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The agent process has ended. A negative exit code is a signal, as in subprocess."""

    exit_code: int
    stopped: StopReason | None = None
    detail: str = ""
    stderr_tail: str = ""
    timeout_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A result and exit code 0."""

    output: JsonObject
    say: str | None
    usage: JsonObject
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """`message` says why in one sentence, `remedy` what to do."""

    error_class: ErrorClass
    message: str
    remedy: str | None = None
    retryable: bool | None = None
    """Set only where the agent said so; otherwise the class decides (aiwebhook.domain.attempt)."""
    exit_code: int | None = None
    usage: JsonObject = field(default_factory=dict[str, object])
    output: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Nothing to record; the task runs again elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """Nothing may be written any more."""

    reason: StopReason


RunOutcome: TypeAlias = Completed | Failed | Released | Abandoned


def judge(ending: Ending, transcript: Transcript) -> RunOutcome:
    """Judged first by why we stopped it, then by what it said, then by its exit code. Exit code 0
    alone is not success.
    """
    match ending.stopped:
        case StopReason.LEASE_LOST | StopReason.API_SILENT as reason:
            return Abandoned(reason=reason)
        case StopReason.DRAIN:
            return Released()
        case StopReason.CANCEL:
            return _failed(ending, transcript, ErrorClass.CANCELLED, "The task was cancelled.")
        case StopReason.TIMEOUT:
            message = f"The agent ran longer than the {ending.timeout_s:g} s that the task allows."
            remedy = "Give the task a longer timeout_s or less to do."
            return _failed(ending, transcript, ErrorClass.TIMEOUT, message, remedy)
        case None:
            return _judge_own_end(ending, transcript)
        case reason:
            meaning = _WITH_DETAIL[reason]
            return _failed(ending, transcript, meaning.error_class, ending.detail, meaning.remedy)


def _judge_own_end(ending: Ending, transcript: Transcript) -> RunOutcome:
    error = transcript.error
    if error is not None:
        return Failed(
            error_class=error.error_class,
            message=error.message,
            remedy=error.remedy,
            retryable=error.retryable,
            exit_code=ending.exit_code,
            usage=transcript.usage,
            output=_diagnosis(ending, transcript),
        )
    if ending.exit_code == 0 and transcript.result is not None:
        result = transcript.result
        return Completed(output=result.output, say=result.say, usage=transcript.usage)
    return _judge_silent_end(ending, transcript)


def _judge_silent_end(ending: Ending, transcript: Transcript) -> Failed:
    if ending.exit_code == -SIGKILL:
        # Not by us: our own watch stops the agent before the kernel does, and says so.
        message = "The agent was killed from outside, or by the kernel for lack of memory."
        remedy = "Give the agent more compute.memory_mib in its manifest if it repeats."
        return _failed(ending, transcript, ErrorClass.KILLED, message, remedy)
    if ending.exit_code < 0:
        message = f"The agent was ended by signal {-ending.exit_code}."
        return _failed(ending, transcript, ErrorClass.KILLED, message)
    if transcript.result is not None:
        message = f"The agent printed a result but ended with exit code {ending.exit_code}."
        return _failed(ending, transcript, ErrorClass.BAD_OUTPUT, message)
    if transcript.unreadable and not transcript.understood:
        count = transcript.unreadable
        what = "1 line was no JSON object" if count == 1 else f"{count} lines were not JSON objects"
        message = f"The agent printed no result; {what}."
        return _failed(ending, transcript, ErrorClass.BAD_OUTPUT, message)
    message = f"The agent ended with exit code {ending.exit_code} without a result."
    return _failed(ending, transcript, ErrorClass.NO_RESULT, message)


def _failed(
    ending: Ending,
    transcript: Transcript,
    error_class: ErrorClass,
    message: str,
    remedy: str | None = None,
) -> Failed:
    return Failed(
        error_class=error_class,
        message=message,
        remedy=remedy,
        exit_code=ending.exit_code,
        usage=transcript.usage,
        output=_diagnosis(ending, transcript),
    )


def _diagnosis(ending: Ending, transcript: Transcript) -> JsonObject:
    """Diagnostic data, as the output of the failed attempt."""
    found: JsonObject = {}
    if ending.stderr_tail:
        found["stderr_tail"] = ending.stderr_tail
    if transcript.unreadable:
        found["unreadable_lines"] = transcript.unreadable
    return found
