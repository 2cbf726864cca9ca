"""What is decided about a command-line agent, without a process: clocks are arguments."""

from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.lease.inbox import AgentExited, StopRequested
from aiwebhook_runner.model.reconcile_usage import reconcile_usage
from aiwebhook_runner.output.messages import (
    AgentMessage,
    AgentText,
    LogLine,
    SessionStarted,
    Thinking,
    ToolCall,
    ToolResult,
)
from aiwebhook_runner.output.outcome import Completed, Ending, Failed, RunOutcome, StopReason, judge
from aiwebhook_runner.output.transcript import Transcript
from aiwebhook_runner.watching.agent_limits import SilenceLimit, TurnLimit
from aiwebhook_runner.watching.kill_ladder import KillLadder
from aiwebhook_runner.watching.watch import AgentWatch

pytestmark = pytest.mark.req("T4", "T6")

SAID = AgentText(text="any")
CALL = ToolCall(call_id="1", name="Bash", summary="ls")
CAME = ToolResult(call_id="1", ok=True, summary="ok")


@dataclass(slots=True)
class Clock:
    """Stands still until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class ScriptedInbox(SimpleQueue[Any]):
    """Each wait is answered by the next step: a fact, or seconds that pass with nothing."""

    def __init__(self, clock: Clock, *steps: Any) -> None:
        self._clock = clock
        self._steps = list(steps)
        self.waits: list[float | None] = []

    def get(self, block: bool = True, timeout: float | None = None) -> Any:  # noqa: FBT002, ARG002 - reason: the base's
        self.waits.append(timeout)
        step = self._steps.pop(0)
        if isinstance(step, int | float):
            self._clock.now += step
            raise Empty
        return step


@dataclass(slots=True)
class PlayedProcess:
    """Notes what is done to it."""

    done: list[str] = field(default_factory=list[str])

    def interrupt(self) -> None:
        self.done.append("interrupt")

    def terminate(self) -> None:
        self.done.append("terminate")

    def kill(self) -> None:
        self.done.append("kill")


GONE = AgentExited(exit_code=-9)


def watched(clock: Clock, *steps: Any, **rules: Any) -> tuple[AgentWatch, PlayedProcess, list[Any]]:
    process, inbox = PlayedProcess(), ScriptedInbox(clock, *steps)
    ladder = rules.pop("ladder", KillLadder(grace_s=5, interrupt_first=True))
    watch = AgentWatch(process, inbox, timeout_s=100, ladder=ladder, now=clock, **rules)
    watch.until_gone()
    return watch, process, inbox.waits


def test_the_ladder_has_three_rungs_with_a_grace_after_each() -> None:
    clock = Clock()
    watch, process, waits = watched(clock, StopRequested(reason=StopReason.CANCEL), 5, 5, GONE)
    assert process.done == ["interrupt", "terminate", "kill"]
    assert waits == [100, 5, 5, None]
    assert watch.stopped == StopRequested(reason=StopReason.CANCEL)


def test_a_drain_makes_the_graces_fit_into_what_is_left() -> None:
    ladder = KillLadder(grace_s=5, interrupt_first=True, within_s=lambda: 5.0)
    *_, waits = watched(Clock(), StopRequested(reason=StopReason.DRAIN), 2.5, GONE, ladder=ladder)
    assert waits == [100, 2.5, 5]


def test_a_lost_lease_climbs_no_ladder() -> None:
    stops = [StopRequested(reason=StopReason.CANCEL), StopRequested(reason=StopReason.LEASE_LOST)]
    watch, process, _ = watched(Clock(), *stops, GONE)
    assert process.done == ["interrupt", "kill"]
    assert watch.stopped is stops[1]


def silence_limit(clock: Clock, **seconds: float) -> SilenceLimit:
    return SilenceLimit(**({"first_output_s": 10, "idle_s": 20} | seconds), now=clock)


def test_a_model_that_never_speaks_is_given_up_although_its_cli_chatters() -> None:
    clock = Clock()
    waiting = silence_limit(clock)
    waiting.observe(SessionStarted(session_id="any"))
    waiting.observe(LogLine(message="retry 1 of 3"))
    watch, process, _ = watched(clock, 10, 5, 5, GONE, silence_limit=waiting)
    assert watch.stopped is not None
    assert watch.stopped.reason is StopReason.SILENT_START
    assert process.done[0] == "interrupt"


def test_a_word_of_the_model_starts_the_longer_patience() -> None:
    clock = Clock()
    waiting = silence_limit(clock)
    waiting.observe(SAID)
    clock.now += 19
    assert waiting.verdict() is None
    waiting.saw_output()
    clock.now += 19
    assert waiting.verdict() is None
    clock.now += 1
    stop = waiting.verdict()
    assert stop is not None
    assert stop.reason is StopReason.SILENT


def test_a_machine_that_slept_does_not_take_its_own_silence_for_the_agents() -> None:
    """Asked to wake after 10 s, it wakes after an hour: what the agent said is still unread."""
    clock = Clock()
    inbox_steps = (3600, GONE)
    process = PlayedProcess()
    inbox = ScriptedInbox(clock, *inbox_steps)
    watch = AgentWatch(
        process,
        inbox,
        timeout_s=10_000,
        ladder=KillLadder(grace_s=5, interrupt_first=True),
        silence_limit=silence_limit(clock),
        now=clock,
    )
    watch.until_gone()
    assert watch.stopped is None
    assert process.done == []


def test_a_clock_that_jumped_past_the_timeout_ends_the_run() -> None:
    watch, process, _ = watched(Clock(), 3600, GONE)
    assert watch.stopped == StopRequested(reason=StopReason.TIMEOUT)
    assert process.done == ["interrupt"]


@pytest.mark.parametrize(
    ("messages", "count"),
    [
        ([SAID], 1),
        ([Thinking(), SAID, CALL], 1),
        ([CALL, CALL, CAME, CAME, SAID], 2),
        ([CALL, CAME, CALL, CAME, CALL, CAME], 3),
    ],
)
def test_what_stands_between_two_results_of_tools_is_one_turn(
    messages: list[AgentMessage], count: int
) -> None:
    counter = TurnLimit(0)
    for message in messages:
        assert counter.observe(message) is None
    assert counter.count == count


def completed() -> Completed:
    return Completed(output={"text": "any"}, say=None, usage={})


def failed(error_class: ErrorClass = ErrorClass.NO_RESULT) -> Failed:
    return Failed(error_class=error_class, message="any")


OVERLOADED = {"last_error": {"status": 529, "error_class": "overloaded", "message": "Busy."}}
BROKEN = {"last_error": {"status": 500, "error_class": "server", "message": "Oops."}}
UNREACHED = {"last_error": {"status": 502, "error_class": "network", "message": "Refused."}}
EXPIRED = {"last_error": {"status": 403, "error_class": "lost", "message": "Lease."}}


@pytest.mark.parametrize(
    ("outcome", "stopped", "usage", "error_class"),
    [
        (completed(), None, {"last_stop": "max_tokens"}, ErrorClass.TRUNCATED),
        (completed(), None, {"last_stop": "refusal"}, ErrorClass.REFUSED),
        (completed(), None, {"budget_exceeded": True, "last_stop": "tool_use"}, ErrorClass.BUDGET),
        (failed(), None, OVERLOADED, ErrorClass.OVERLOADED),
        (failed(ErrorClass.CONTEXT), None, OVERLOADED, ErrorClass.CONTEXT),
        (failed(ErrorClass.OVERLOADED), None, BROKEN, ErrorClass.SERVER),
        (failed(ErrorClass.SERVER), None, UNREACHED, ErrorClass.NETWORK),
        (failed(ErrorClass.AUTH), None, {"budget_exceeded": True}, ErrorClass.BUDGET),
        (failed(ErrorClass.AUTH), None, EXPIRED, ErrorClass.LOST),
        (failed(ErrorClass.NETWORK), StopReason.SILENT_START, OVERLOADED, ErrorClass.OVERLOADED),
        (failed(ErrorClass.CANCELLED), StopReason.CANCEL, OVERLOADED, ErrorClass.CANCELLED),
        (failed(), None, {"last_error": {"error_class": "of the future"}}, ErrorClass.NO_RESULT),
    ],
)
def test_the_gateways_word_corrects_that_of_the_cli(
    outcome: RunOutcome,
    stopped: StopReason | None,
    usage: dict[str, object],
    error_class: ErrorClass,
) -> None:
    corrected = reconcile_usage(outcome, stopped, usage)
    assert isinstance(corrected, Failed)
    assert corrected.error_class is error_class


def test_a_success_that_the_gateway_saw_end_well_stays_one() -> None:
    usage: dict[str, object] = {"last_stop": "end", "last_error": OVERLOADED["last_error"]}
    assert reconcile_usage(completed(), None, usage) == completed()


@pytest.mark.parametrize("reason", list(StopReason))
def test_every_reason_to_stop_has_an_outcome(reason: StopReason) -> None:
    judge(Ending(exit_code=0, stopped=reason, detail="Any."), Transcript())
