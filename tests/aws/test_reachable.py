"""Waiting until AWS can be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from aiwebhook.aws.signed_request import AwsDenied, AwsRefused
from aiwebhook.errors import Unavailable
from aiwebhook.wiring.reachable import once_reachable

pytestmark = pytest.mark.req("O1")
AWAY = Unavailable("secretsmanager does not answer (TimeoutError).", code="aws_unavailable")


class Clock:
    """A monotonic clock that pauses move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def saying(*answers: str | Unavailable) -> Callable[[], str]:
    """One after the other; the errors among them are raised."""
    coming: Iterator[str | Unavailable] = iter(answers)

    def call() -> str:
        answer = next(coming)
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    return call


def reached(clock: Clock, call: Callable[[], str], within_s: float) -> str:
    return once_reachable(call, within_s=within_s, pause=clock.pause, monotonic=clock)


def test_what_does_not_answer_is_asked_again() -> None:
    assert reached(Clock(), saying(AWAY, AWAY, "secret"), 60) == "secret"


def test_it_is_given_up_after_its_time() -> None:
    clock = Clock()
    with pytest.raises(Unavailable, match="does not answer"):
        reached(clock, saying(*[AWAY] * 100), 60)
    assert clock.now == pytest.approx(60, abs=2)
    with pytest.raises(Unavailable, match="does not answer"):
        reached(Clock(), saying(AWAY, "too late"), 0)


@pytest.mark.parametrize("kind", [AwsRefused, AwsDenied])
def test_a_refusal_is_an_answer(kind: type[AwsRefused]) -> None:
    refusal = kind("secretsmanager", "GetSecretValue", 400, {"code": "AccessDeniedException"})
    with pytest.raises(kind):
        reached(Clock(), saying(refusal, "not asked for"), 60)
