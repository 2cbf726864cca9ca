"""A worker that stops says so first, whatever the deployment answers."""

import signal
from collections.abc import Callable

import pytest

from tests.worker.conftest import Workshop
from tests.worker.test_worker import GATED

pytestmark = pytest.mark.req("T8")

Until = Callable[[Callable[[], bool]], None]


def test_a_task_is_handed_back_only_after_the_deployment_knows_that_the_worker_leaves(
    workshop: Workshop, until: Until
) -> None:
    """Its claim for the other place, which is still held, would get that task at once."""
    task = workshop.fake.add(workshop.agent(GATED))
    worker = workshop.worker("--agents", "any_agent", "--concurrency", "2", "--drain-s", "0")
    until((workshop.scratch / f"started-{task.task_id}").exists)
    workshop.fake.hold_claims()

    worker.signal(signal.SIGTERM)

    assert worker.exit_code() == 0, worker.errors
    assert workshop.fake.leaves
    assert (task.status, task.epoch, task.results) == ("pending", 1, [])


def test_a_worker_says_that_it_leaves_until_no_claim_is_under_way(workshop: Workshop) -> None:
    """A claim that arrives after the first time counts as a new one, and is ended as well."""
    workshop.fake.change(leaves_heard=2)
    workshop.fake.hold_claims()
    worker = workshop.worker()
    workshop.fake.wait_for(lambda: bool(workshop.fake.claims))

    worker.signal(signal.SIGTERM)

    assert worker.exit_code() == 0, worker.errors
    # Unheard, heard, and once more after the last claim.
    assert len(workshop.fake.leaves) >= 3


def test_an_older_deployment_is_waited_for_because_it_may_still_give_a_task(
    workshop: Workshop,
) -> None:
    workshop.fake.change(knows_leaving=False)
    workshop.fake.hold_claims()
    worker = workshop.worker()
    workshop.fake.wait_for(lambda: bool(workshop.fake.claims))

    worker.signal(signal.SIGTERM)
    workshop.fake.wait_for(lambda: bool(workshop.fake.leaves))
    task = workshop.fake.add(workshop.agent(GATED))

    assert worker.exit_code() == 0, worker.errors
    assert (task.status, task.epoch, task.results) == ("pending", 1, [])
    assert len(workshop.fake.leaves) == 1


@pytest.mark.parametrize("outage", ["down", "hangs"])
def test_a_worker_leaves_soon_while_the_deployment_does_not_answer(
    workshop: Workshop, outage: str
) -> None:
    workshop.fake.hold_claims()
    worker = workshop.worker()
    workshop.fake.wait_for(lambda: bool(workshop.fake.claims))
    workshop.fake.change(**{outage: True})

    worker.signal(signal.SIGTERM)

    assert worker.exit_code() == 0
    assert worker.errors == ""
    assert worker.changes()[-1] == "stopped"
    assert outage == "down" or "disconnected" not in worker.changes()  # no claim timed out


def test_a_third_signal_waits_for_nothing(workshop: Workshop) -> None:
    workshop.fake.hold_claims()
    worker = workshop.worker()
    workshop.fake.wait_for(lambda: bool(workshop.fake.claims))
    workshop.fake.change(hangs=True)

    worker.signal(signal.SIGTERM)
    worker.wait_for("draining")
    worker.signal(signal.SIGTERM)
    worker.signal(signal.SIGTERM)

    assert worker.exit_code() == 0
    assert worker.errors == ""
