"""What lost a deadlock goes again, five times in all, however deep the calls are."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from psycopg.errors import DeadlockDetected, SerializationFailure

from aiwebhook.ports.command_rows import Collision
from tests.support.queue import QueueDriver


class Loses:
    """Work that loses the first `times` tries, by `error`."""

    def __init__(self, times: int, error: type[Exception] = DeadlockDetected) -> None:
        self.times = times
        self.error = error
        self.tries = 0

    def __call__(self) -> int:
        self.tries += 1
        if self.tries <= self.times:
            raise self.error
        return self.tries


@pytest.mark.parametrize("error", [DeadlockDetected, SerializationFailure])
def test_work_that_lost_goes_again(queue: QueueDriver, error: type[Exception]) -> None:
    assert queue.database.retrying(Loses(4, error)) == 5


def test_nested_tries_do_not_multiply(queue: QueueDriver) -> None:
    work = Loses(1000)
    with pytest.raises(DeadlockDetected):
        queue.database.retrying(lambda: queue.database.retrying(work))
    assert work.tries == 5


@pytest.mark.parametrize("started", [True, False])
def test_only_the_whole_transaction_goes_again(queue: QueueDriver, *, started: bool) -> None:
    work = Loses(1000)

    def inner() -> int:
        return queue.database.retrying(work)

    def outer() -> None:
        with queue.database.transaction() if started else nullcontext():
            if started:
                inner()
            queue.commands.atomically(inner)

    with pytest.raises(DeadlockDetected if started else Collision):
        outer()
    assert work.tries == (1 if started else 5)
