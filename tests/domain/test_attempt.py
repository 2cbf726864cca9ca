"""What the end of an attempt leads to, with its reason."""

import pytest

from aiwebhook.domain.attempt import (
    ErrorClass,
    FailureReport,
    RunError,
    decide_failure,
    decide_refusal,
)


@pytest.mark.req("T6")
@pytest.mark.parametrize("error_class", list(ErrorClass))
def test_every_error_class_has_a_remedy(error_class: ErrorClass) -> None:
    error = RunError.of(error_class, "it broke")
    assert error.remedy.endswith((".", "it."))
    assert error.as_json()["error_class"] == error_class.value


@pytest.mark.req("T6")
def test_the_class_decides_unless_the_run_says_otherwise() -> None:
    refused = FailureReport(error_class=ErrorClass.REFUSED, message="no")
    assert not decide_failure(refused).retryable
    told = FailureReport(
        error_class=ErrorClass.REFUSED, message="no", retryable=True, remedy="Ask."
    )
    verdict = decide_failure(told)
    assert verdict.retryable
    assert verdict.error is not None
    assert verdict.error.remedy == "Ask."


@pytest.mark.req("T6")
def test_a_provider_that_wants_quiet_gets_a_longer_wait() -> None:
    def first_wait(error_class: ErrorClass) -> float:
        return decide_failure(FailureReport(error_class=error_class, message="m")).ladder[0]

    assert first_wait(ErrorClass.RATE_LIMIT) > first_wait(ErrorClass.NETWORK)


@pytest.mark.req("T1")
def test_a_run_that_obeyed_a_cancel_is_cancelled() -> None:
    verdict = decide_failure(FailureReport(error_class=ErrorClass.CANCELLED, message="stopped"))
    assert (verdict.cancelled, verdict.attempt_status) == (True, "cancelled")


@pytest.mark.req("T3")
def test_a_launch_refused_for_lack_of_capacity_costs_no_attempt() -> None:
    assert not decide_refusal(reason="RESOURCE:CPU", retryable=True).charged
    assert decide_refusal(reason="no such family", retryable=False).charged
