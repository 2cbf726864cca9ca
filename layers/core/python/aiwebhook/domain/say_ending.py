"""Words how a task ended: the cause, then what to do; the same for every interface."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aiwebhook.domain.attempt import AttemptVerdict
from aiwebhook.domain.failure import AGENT, NOT_LAUNCHED, RULES, STOPPED, ErrorClass, RunError
from aiwebhook.domain.say_text import capitalized, say_text, speakable_sentence
from aiwebhook.domain.task import TaskStatus

UNREAD = "{unread}"
"""Where the SQL statement inserts how many messages no run has read; it inserts "" for none."""
_SUBJECT = "The agent"  # the beginning of our messages written without knowing the agent's name


def agent_display_name(agent_name: str, title: str | None = None) -> str:
    """What people call an agent: `Claude Code`, `the researcher`. `title` is the manifest's."""
    return title or f"the {agent_name.replace('_', ' ')}"


def say_of_end(
    status: str, *, agent: str, said: str | None = None, error: Mapping[str, Any] | None = None
) -> str:
    """At most two sentences, fit to be spoken, never empty.

    `agent` comes from `agent_display_name`; `said` is the `say` of the run's report, and `error`
    its error (`RunError.as_json`).
    """
    if status == TaskStatus.COMPLETED:
        return say_text(said or "") or capitalized(f"{agent} has finished.")
    if status == TaskStatus.CANCELLED:
        return RULES[ErrorClass.CANCELLED].cause
    return capitalized(_failed(error or {}).replace(AGENT, agent))


def for_statement(error: RunError, verdict: AttemptVerdict | None = None) -> dict[str, Any]:
    """The error with templates that the SQL statement fills in, because only that knows the agent
    and whether this error ends the task (settle_ended.sql).
    """
    filled = error.as_json()
    cancelled = error.error_class is ErrorClass.CANCELLED
    cause = RULES[ErrorClass.CANCELLED].cause if cancelled else _cause(filled)
    filled["say"] = _with_unread(cause) if cancelled else f"{_with_unread(cause)} {_advice(filled)}"
    if verdict is not None and verdict.disables_agent:
        filled["agent_fault"] = _cause(filled)
    if verdict is not None and verdict.shows_start:
        filled["shows_start"] = True
    return filled


def cause_template(error: RunError) -> str:
    """Why an agent cannot start, in one sentence; `{agent}` is filled in by the statement."""
    return _cause(error.as_json())


def _failed(error: Mapping[str, Any]) -> str:
    return f"{_cause(error)} {_advice(error)}"


def _advice(error: Mapping[str, Any]) -> str:
    rule = RULES[_class_of(error)]
    remedy = str(error.get("remedy") or "")
    advice = rule.advice if remedy == rule.remedy else speakable_sentence(remedy)
    return advice or rule.advice


def _with_unread(cause: str) -> str:
    return f"{cause[:-1]}{UNREAD}{cause[-1]}"  # before the punctuation mark that ends a cause


def _cause(error: Mapping[str, Any]) -> str:
    message = str(error.get("message") or "")
    is_internal = message.startswith((STOPPED, NOT_LAUNCHED))
    spoken = None if is_internal else speakable_sentence(message)
    cause = spoken or RULES[_class_of(error)].cause
    if re.match(rf"{_SUBJECT}\b", cause):
        return AGENT + cause.removeprefix(_SUBJECT)
    return cause


_DEPENDENCY = RULES[ErrorClass.DEPENDENCY_FAILED]
DEPENDENCY_SAY = f"{_with_unread(_DEPENDENCY.cause)} {_DEPENDENCY.advice}"
"""The `say` of a task that failed because another did. Its message names the other task by id,
which cannot be spoken.
"""


def _class_of(error: Mapping[str, Any]) -> ErrorClass:
    try:
        return ErrorClass(str(error.get("error_class") or ""))
    except ValueError:
        return ErrorClass.MODEL  # missing, or of a newer version: the message says more
