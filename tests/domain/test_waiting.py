"""A task that does not run says why."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aiwebhook.domain.waiting import TaskSituation, WaitReason, explain_waiting

LATER = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)


def any_situation() -> TaskSituation:
    """Ready, third in the queue of an agent that runs two of two."""
    return TaskSituation(
        status="pending",
        ready=True,
        blockers=0,
        run_after=None,
        attempts=0,
        cancel_requested=False,
        agent_name="researcher",
        max_concurrent=2,
        agent_status="available",
        agent_reason=None,
        agent_kind="python",
        waits_for=(),
        running=2,
        ahead=2,
        last_error=None,
        median_run_s=60.0,
    )


@pytest.mark.req("T1")
@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        (replace(any_situation(), blockers=1, waits_for=["a"]), WaitReason.DEPENDENCY),
        (replace(any_situation(), run_after=LATER), WaitReason.NOT_BEFORE),
        (replace(any_situation(), run_after=LATER, attempts=1), WaitReason.RETRY),
        (replace(any_situation(), agent_status="offline"), WaitReason.NO_WORKER),
        (any_situation(), WaitReason.AT_CAP),
        (replace(any_situation(), running=0, ahead=0), WaitReason.TURN),
        (replace(any_situation(), status="claimed"), WaitReason.STARTING),
        (replace(any_situation(), status="input_required"), WaitReason.ANSWER),
    ],
)
def test_every_wait_has_a_reason_and_a_sentence(
    situation: TaskSituation, reason: WaitReason
) -> None:
    waiting = explain_waiting(situation)
    assert waiting is not None
    assert waiting.reason is reason
    assert waiting.explanation.endswith(".")


@pytest.mark.req("T1", "T6")
def test_who_waits_for_another_try_is_told_what_went_wrong() -> None:
    failed = replace(any_situation(), run_after=LATER, attempts=1, last_error="No such repository.")
    waiting = explain_waiting(failed)
    assert waiting is not None
    assert waiting.explanation == (
        "Attempt 1 did not succeed: No such repository. Tried again after 2026-12-01 08:30:00 UTC."
    )


@pytest.mark.req("T1")
@pytest.mark.parametrize("status", ["running", "completed", "failed", "cancelled"])
def test_what_runs_or_has_ended_waits_for_nothing(status: str) -> None:
    assert explain_waiting(replace(any_situation(), status=status)) is None


@pytest.mark.req("T1")
def test_place_and_estimate_follow_the_slots() -> None:
    waiting = explain_waiting(any_situation())
    assert waiting is not None
    assert (waiting.position, waiting.estimate_s) == (3, 90)  # one round and half a run


@pytest.mark.req("T1")
def test_without_a_finished_run_nobody_guesses() -> None:
    waiting = explain_waiting(replace(any_situation(), median_run_s=None))
    assert waiting is not None
    assert waiting.estimate_s is None


@pytest.mark.req("T1")
def test_the_time_is_told() -> None:
    waiting = explain_waiting(replace(any_situation(), run_after=LATER))
    assert waiting is not None
    assert "2026-12-01 08:30:00 UTC" in waiting.explanation
