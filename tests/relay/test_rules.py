# reason: one story, told from the delivery to its task
"""Rules make tasks of deliveries: once, within limits, and whoever is killed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aiwebhook.errors import Unavailable
from aiwebhook.ports.endpoints import Actor
from aiwebhook.ports.rules import DueEvaluation
from aiwebhook.postgres.flush import Call
from aiwebhook.usecases.start_by_rules import (
    MOST_TRIES,
    RuleServices,
    start_by_kept,
    start_due,
    task_id_for,
)
from aiwebhook.wiring.relay import rule_services_on
from session_api.routes.rules import fields_of
from session_api.rule_schemas import RuleParams
from tests.relay.conftest import RelayClient
from tests.relay.test_github import deliver
from tests.support.commands import CommandDriver, CountedDatabase, any_name
from tests.support.rules import any_rule, labelled_issue, sent

pytestmark = pytest.mark.req("W9")
GUID = "72d3162e-cc78-11e3-81ab-{:012}"


def services_of(driver: CommandDriver) -> RuleServices:
    return rule_services_on(driver.database, driver.services)


def keep(driver: CommandDriver, **fields: Any) -> None:
    """A rule, as the API keeps it."""
    params = RuleParams.model_validate(any_rule(**fields))
    actor = Actor(project_id=driver.project_id, key_id="key")
    kept = services_of(driver).store.keep_rule(
        actor, rule_id=params.rule_id, fields=fields_of(params)
    )
    assert kept is not None


def label(relay: RelayClient, number: int = 7, guid: int = 1, **payload: Any) -> str:
    """An issue is labelled; the delivery's id."""
    headers = {"X_GitHub_Event": "issues", "X_GitHub_Delivery": GUID.format(guid)}
    answer = deliver(relay, sent(labelled_issue(number, **payload)), **headers)
    assert answer.status == 202, answer
    return str(answer.body["delivery_id"])


def tasks(driver: CommandDriver) -> list[dict[str, Any]]:
    return driver.sql("SELECT * FROM tasks WHERE project_id = %(project_id)s ORDER BY ready_seq")


def runs(driver: CommandDriver) -> list[tuple[str, str | None]]:
    rows = driver.sql(
        "SELECT status, reason FROM rule_runs WHERE project_id = %(project_id)s"
        " ORDER BY began_at, delivery_id"
    )
    return [(row["status"], row["reason"]) for row in rows]


def waiting(driver: CommandDriver) -> int:
    found = driver.sql("SELECT * FROM rule_evaluations WHERE project_id = %(project_id)s")
    return len(found)


def fall_due(driver: CommandDriver) -> None:
    driver.sql("UPDATE rule_evaluations SET due_at = now() WHERE project_id = %(project_id)s")


def test_an_issue_that_is_labelled_becomes_a_task(relay: RelayClient) -> None:
    keep(relay.driver)
    delivery_id = label(relay)
    (task,) = tasks(relay.driver)

    found = relay.driver.services.store.find_task(
        project_id=relay.driver.project_id, task_id=task["task_id"]
    )
    assert found is not None
    assert found.agent_name == "researcher"
    assert (found.description or "").startswith("Work on the issue below.\n\n")
    assert '"/issue/title": "The pipes leak"' in (found.description or "")
    assert runs(relay.driver) == [("started", None)]
    assert waiting(relay.driver) == 0
    due = DueEvaluation(
        project_id=relay.driver.project_id,
        delivery_id=delivery_id,
        round=0,
        correlation_id="c",
    )
    assert task["task_id"] == task_id_for(due, "agent-issues")
    assert relay.driver.waker.woken


def test_events_of_one_subject_share_a_session(relay: RelayClient) -> None:
    keep(relay.driver)
    label(relay, 7, guid=1)
    label(relay, 7, guid=2)
    label(relay, 8, guid=3)
    first, second, third = (task["session_id"] for task in tasks(relay.driver))
    assert first == second != third
    titles = relay.driver.sql("SELECT title FROM sessions WHERE project_id = %(project_id)s")
    assert {row["title"] for row in titles} == {"github octo/tree#7", "github octo/tree#8"}


def test_a_completed_session_does_not_lose_the_next_event(relay: RelayClient) -> None:
    keep(relay.driver)
    label(relay, guid=1)
    (task,) = tasks(relay.driver)
    relay.command("cancel_task", data={"task_id": task["task_id"]})
    done = relay.command("complete_session", task["session_id"])
    assert done.status == 200, done
    label(relay, guid=2)
    assert len({task["session_id"] for task in tasks(relay.driver)}) == 2


def test_a_redelivery_and_a_replay_start_nothing_twice(relay: RelayClient) -> None:
    keep(relay.driver)
    delivery_id = label(relay)
    assert label(relay) == delivery_id
    services = services_of(relay.driver)
    replayed = services.inbound.replay_inbound(
        project_id=relay.driver.project_id,
        delivery_id=delivery_id,
        correlation_id="c",
        with_rules=False,
    )
    assert replayed
    assert waiting(relay.driver) == 0
    assert len(tasks(relay.driver)) == 1


def test_a_replay_for_rules_starts_it_once_more(relay: RelayClient) -> None:
    keep(relay.driver)
    delivery_id = label(relay)
    services = services_of(relay.driver)
    event_no = services.inbound.replay_inbound(
        project_id=relay.driver.project_id,
        delivery_id=delivery_id,
        correlation_id="c",
        with_rules=True,
    )
    assert event_no
    fall_due(relay.driver)
    for _ in range(2):
        start_due(services, has_time=lambda: True)
    assert len(tasks(relay.driver)) == 2
    assert waiting(relay.driver) == 0


def test_what_matches_nothing_leaves_nothing(relay: RelayClient) -> None:
    keep(relay.driver)
    keep(relay.driver, rule_id="off", status="disabled")
    label(relay, label={"name": "bug"})
    deliver(relay, b"not JSON", X_GitHub_Event="issues", X_GitHub_Delivery=GUID.format(9))
    assert (tasks(relay.driver), runs(relay.driver), waiting(relay.driver)) == ([], [], 0)


def test_without_a_rule_for_it_a_delivery_does_not_wait(relay: RelayClient) -> None:
    keep(relay.driver, event="push")
    keep(relay.driver, rule_id="other", source="billing")
    counted: list[str] = []
    relay.driver.database.counted = counted
    label(relay)
    relay.driver.database.counted = None
    assert "list_rules" not in counted


def test_a_rule_starts_no_more_than_its_limit_in_an_hour(relay: RelayClient) -> None:
    keep(relay.driver, per_hour=2)
    for number in range(4):
        label(relay, number, guid=number + 1)
    assert len(tasks(relay.driver)) == 2
    assert runs(relay.driver)[2:] == [("limited", "2 in this hour")] * 2

    relay.driver.sql(
        "UPDATE rule_runs SET began_at = began_at - interval '61 minutes'"
        " WHERE project_id = %(project_id)s"
    )
    label(relay, 9, guid=9)
    assert len(tasks(relay.driver)) == 3


def test_a_rule_that_feeds_itself_stops_by_itself(relay: RelayClient) -> None:
    """Each task of it causes the next event, by a token that nobody named as our own."""
    keep(relay.driver, per_hour=1_000, per_subject=3)
    done, events = 0, 1
    while events and done < 50:
        events -= 1
        before = len(tasks(relay.driver))
        label(relay, guid=done + 1)
        relay.driver.sql(
            "UPDATE rule_runs SET began_at = began_at - interval '2 hours'"
            " WHERE project_id = %(project_id)s"
        )
        events += len(tasks(relay.driver)) - before
        done += 1
    assert (len(tasks(relay.driver)), done) == (3, 4)
    assert ("limited", "3 for this subject today") in runs(relay.driver)


def test_a_refusal_of_delegate_task_is_recorded_and_not_retried(relay: RelayClient) -> None:
    task = {**any_rule()["task"], "agent_name": "nobody_like_that"}
    keep(relay.driver, task=task)
    label(relay)
    assert runs(relay.driver) == [("refused", "agent_not_found")]
    assert waiting(relay.driver) == 0


def test_one_rule_that_is_refused_does_not_keep_another_back(relay: RelayClient) -> None:
    task = {**any_rule()["task"], "agent_name": "nobody_like_that"}
    keep(relay.driver, rule_id="a", task=task)
    keep(relay.driver, rule_id="b")
    label(relay)
    assert sorted(status for status, _ in runs(relay.driver)) == ["refused", "started"]


class Killed(BaseException):
    """The process is gone: nothing catches it."""


def killed_after(
    database: CountedDatabase, monkeypatch: pytest.MonkeyPatch, count: int
) -> Callable[[], int]:
    """The process dies after so many trips to the database; returns how many there were."""
    trips = 0
    whole = database.together

    def together(*calls: Call[Any]) -> list[Any]:
        nonlocal trips
        if trips >= count:
            raise Killed
        trips += 1
        return whole(*calls)

    monkeypatch.setattr(database, "together", together)
    return lambda: trips


@pytest.mark.req("O7")
def test_killed_between_any_two_steps_it_starts_one_task(
    relay: RelayClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The delivery is kept, then the process dies; the reaper goes on, and dies as well."""
    driver = relay.driver
    keep(driver)
    steps = 0
    for count in range(1, 40):
        guid, number = count, count
        driver.sql("DELETE FROM rule_runs WHERE project_id = %(project_id)s")
        before = {task["task_id"] for task in tasks(driver)}
        with monkeypatch.context() as patched:
            reached = killed_after(driver.database, patched, count)
            unhurt = False
            try:
                label(relay, number, guid=guid)
            except Killed:
                steps += 1
            else:
                unhurt = True
        driver.database.close()
        fall_due(driver)
        start_due(services_of(driver), has_time=lambda: True)
        fresh = [task for task in tasks(driver) if task["task_id"] not in before]
        kept = driver.sql(
            "SELECT * FROM inbound_deliveries"
            " WHERE project_id = %(project_id)s AND guid = %(guid)s",
            guid=GUID.format(guid),
        )
        assert len(fresh) == len(kept), (count, reached())
        assert waiting(driver) == 0
        if unhurt:
            break
    assert 10 < steps < 39


def test_a_rule_that_changed_meanwhile_starts_nothing_twice(relay: RelayClient) -> None:
    driver = relay.driver
    keep(driver)
    delivery_id = label(relay)
    driver.sql("UPDATE rule_runs SET status = 'begun' WHERE project_id = %(project_id)s")
    keep(driver, task={**any_rule()["task"], "instructions": "Other words."})
    due = DueEvaluation(
        project_id=driver.project_id, delivery_id=delivery_id, round=0, correlation_id="c"
    )
    start_by_kept(services_of(driver), due)
    assert len(tasks(driver)) == 1
    assert runs(driver) == [("started", None)]


def test_a_database_that_is_away_is_asked_again_and_given_up_in_the_end(
    relay: RelayClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = relay.driver
    keep(driver)

    def away(*_: object, **__: object) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(type(driver.services.store), "find_task", away)
        label(relay)
        assert waiting(driver) == 1
        services = services_of(driver)
        for tries in range(1, MOST_TRIES + 1):
            assert waiting(driver) == 1, tries
            fall_due(driver)
            start_due(services, has_time=lambda: True)
    assert waiting(driver) == 0
    assert tasks(driver) == []


def test_rules_of_another_project_see_nothing(relay: RelayClient) -> None:
    other = CommandDriver(relay.driver.dsn, project_id=any_name("other"))
    keep(other)
    label(relay)
    assert (tasks(other), tasks(relay.driver)) == ([], [])
    other.close()
