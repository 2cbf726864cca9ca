"""Limits enforced by the runner, because no command-line agent does: some wait for more than an
hour on an endpoint that never answers, and two of four have no turn limit.
"""

import time
from collections.abc import Callable

from aiwebhook_runner.lease.inbox import StopRequested
from aiwebhook_runner.output.messages import (
    AgentError,
    AgentMessage,
    AgentResult,
    AgentText,
    LogLine,
    Progress,
    SessionStarted,
    Thinking,
    ToolCall,
    ToolResult,
)
from aiwebhook_runner.output.outcome import StopReason

NOT_OF_THE_MODEL = (SessionStarted, LogLine, Progress)
"""Messages that a CLI prints without a model's answer: its banner, its retries."""


class SilenceLimit:
    """How long one process may be silent.

    Until the model shows a first sign of life, the CLI's own chatter does not count: all four
    print a banner at once and may then wait for ever. Afterwards every byte counts, because a
    build in the agent's shell may be quiet for minutes. Called from several threads; each only
    stores a float.
    """

    def __init__(
        self,
        *,
        first_output_s: float,
        idle_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._first_output_s = first_output_s
        self._idle_s = idle_s
        self._now = now
        self._last_sign_at = now()
        self._model_spoke = False

    def saw_output(self) -> None:
        """The process printed something, which counts from the model's first sign of life on."""
        self._last_sign_at = self._now() if self._model_spoke else self._last_sign_at

    def saw_model_activity(self) -> None:
        """The model showed a sign of life: a message of its own, or tokens at the gateway."""
        self._model_spoke = True
        self._last_sign_at = self._now()

    def observe(self, message: AgentMessage) -> None:
        """Count the message, if it is one of the model's."""
        if not isinstance(message, NOT_OF_THE_MODEL):
            self.saw_model_activity()

    def restart(self) -> None:
        """We were asleep ourselves: what the process said meanwhile is still to be read."""
        self._last_sign_at = self._now()

    def ends_at(self) -> float:
        """When silence becomes too long, if nothing comes."""
        return self._last_sign_at + (self._idle_s if self._model_spoke else self._first_output_s)

    def check_at(self) -> float:
        """When to check again: the model's first message may bring the end nearer."""
        return min(self.ends_at(), self._now() + self._idle_s)

    def verdict(self) -> StopRequested | None:
        """The order to stop, if it has been silent for too long."""
        if self._now() < self.ends_at():
            return None
        if self._model_spoke:
            detail = f"The agent was silent for {self._idle_s:g} s and was stopped."
            return StopRequested(reason=StopReason.SILENT, detail=detail)
        detail = f"The model gave no answer within {self._first_output_s:g} s."
        return StopRequested(reason=StopReason.SILENT_START, detail=detail)


class TurnLimit:
    """Counts the model's answers over all processes of a run.

    One answer is everything between two tool results: thinking, text, tool calls. The first of them
    after a tool result (or at the start) begins a new answer. A CLI that runs several calls of one
    answer one by one is counted once for each, so the count errs upwards.
    """

    def __init__(self, limit: int) -> None:
        """0: no limit."""
        self._limit = limit
        self._open = False
        self.count = 0

    def observe(self, message: AgentMessage) -> StopRequested | None:
        """The order to stop, once the limit is exceeded."""
        match message:
            case AgentText() | Thinking() | ToolCall():
                if not self._open:
                    self._open = True
                    self.count += 1
            case ToolResult() | AgentResult() | AgentError() | SessionStarted():
                self._open = False
            case _:
                pass
        if 0 < self._limit < self.count:
            detail = f"The agent used up its {self._limit} turns."
            return StopRequested(reason=StopReason.MAX_TURNS, detail=detail)
        return None
