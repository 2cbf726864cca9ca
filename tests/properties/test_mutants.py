"""The property test is worth something: it finds every guard that is taken away."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

import aiwebhook.postgres.flush as flush_module
from aiwebhook.postgres.statements import statement
from tests.properties.batch_locks import batch_locks_on
from tests.properties.fairness import fairness_on
from tests.properties.mutants import MUTANTS, Mutant
from tests.properties.queue_machine import machine_on
from tests.support.queue import QueueDriver

MACHINES = {"queue": machine_on, "fairness": fairness_on, "locks": batch_locks_on}


@pytest.fixture
def mutated_queue(database: str) -> Iterator[QueueDriver]:
    driver = QueueDriver(database)
    driver.prepare_statements()
    yield driver
    driver.database.close()


@pytest.mark.mutants
@pytest.mark.req("T7")
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_machine_finds_a_missing_guard(
    mutant: Mutant, mutated_queue: QueueDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = MACHINES[mutant.machine](mutated_queue)
    broken = mutant.text()

    def mutated(name: str) -> str:
        return broken if name == mutant.statement else statement(name)

    monkeypatch.setattr(flush_module, "statement", mutated)
    with pytest.raises(BaseException) as found:  # noqa: PT011 - an assertion, a group, or a broken constraint
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=400,
                stateful_step_count=30,
                deadline=None,
                phases=[Phase.generate],
                database=None,
                derandomize=True,  # a mutant that is found today is found tomorrow
                suppress_health_check=[HealthCheck.too_slow],
                print_blob=False,
            ),
        )
    assert not isinstance(found.value, (KeyboardInterrupt, SystemExit, pytest.fail.Exception))
