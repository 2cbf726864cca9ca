"""The invariants of docs/architecture.md hold under any order of events, zombies included."""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.batch_locks import batch_locks_on
from tests.properties.fairness import fairness_on
from tests.properties.queue_machine import machine_on
from tests.support.queue import QueueDriver

_log = logging.getLogger(__name__)
EXAMPLES, SAMPLE, STEPS = 400, 100, 30
"""Of a sample one cannot ask that every kind of report is in it: some are rare."""
ZOMBIES = {
    "start",
    "launch_refused",
    "heartbeat",
    "events",
    "artifact",
    "checkpoint",
    "messages",
    "complete",
    "fail",
    "release",
    "stopped",
}


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


@pytest.fixture
def quick_queue(database: str) -> Iterator[QueueDriver]:
    driver = QueueDriver(database)
    driver.prepare_statements()
    yield driver
    driver.database.close()


@pytest.mark.req("T2", "T7")
@pytest.mark.timeout(600)
def test_no_order_of_events_breaks_an_invariant(quick_queue: QueueDriver) -> None:
    run_state_machine_as_test(machine_on(quick_queue), settings=_settings(SAMPLE))


@pytest.mark.slow
@pytest.mark.req("T2", "T7")
@pytest.mark.timeout(600)
def test_of_many_orders_some_refuse_haunt_and_take_each_kind_of_report(
    quick_queue: QueueDriver,
) -> None:
    machine = machine_on(quick_queue)

    run_state_machine_as_test(machine, settings=_settings(EXAMPLES))
    counts = {"refused": machine.zombies, "ghosts": machine.ghosts, "taken": machine.accepted}
    _log.info("reports of runs (see them with --log-cli-level=INFO): %s", counts)
    assert {kind for kind, count in machine.zombies.items() if count > 0} == ZOMBIES
    assert {kind for kind, count in machine.ghosts.items() if count > 0} == ZOMBIES
    assert {kind for kind, count in machine.accepted.items() if count > 0} == ZOMBIES


@pytest.mark.req("T2")
def test_no_session_keeps_another_waiting(quick_queue: QueueDriver) -> None:
    run_state_machine_as_test(
        fairness_on(quick_queue),
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


@pytest.mark.req("T2")
def test_a_batch_that_waits_for_a_session_has_its_tasks_and_no_later_session(
    quick_queue: QueueDriver,
) -> None:
    run_state_machine_as_test(
        batch_locks_on(quick_queue),
        settings=settings(max_examples=3, stateful_step_count=2, deadline=None),
    )
