"""A worker reports the runs that have ended in one call, and each is judged by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings

from aiwebhook.domain.identity import Scope
from tests.session_api.test_any_report import REPORT, SLOW, run_of
from tests.support.commands import CountedDatabase
from tests.support.cost import CostMeter
from tests.support.session_api import BRIEF, ApiDriver, Json, Run

pytestmark = pytest.mark.req("T2", "T8")


def runs(driver: ApiDriver, count: int) -> list[Run]:
    session_id = driver.session()
    for _ in range(count):
        driver.task(session_id)
    return [driver.claim() for _ in range(count)]


def reported(run: Run, **report: object) -> Json:
    token = run.input["lease_token"]
    return {"lease_token": token, "report": {"output": BRIEF, "say": "Done.", **report}}


def complete(driver: ApiDriver, *reports: Json) -> list[Json]:
    told = driver.post("/v1/runs/completions", {"reports": list(reports)})
    assert told.status == 200, told.text
    return told.body["results"]


def task(driver: ApiDriver, run: Run) -> Json:
    return driver.get(f"/v1/tasks/{run.input['task_id']}").data


@pytest.fixture
def meter(driver: ApiDriver) -> Iterator[CostMeter]:
    (database,) = [d for d in driver.outside.databases if isinstance(d, CountedDatabase)]
    with closing(psycopg.connect(driver.dsn, autocommit=True)) as observer:
        yield CostMeter(database=database, observer=observer)


def test_many_runs_end_in_one_commit(driver: ApiDriver, meter: CostMeter) -> None:
    learnt = {"key": "metal", "type": "fact", "content": "Copper."}
    for _ in range(2):  # statements are prepared
        first, second = runs(driver, 2)
        complete(driver, reported(first, memories=[learnt]), reported(second))
    ended = runs(driver, 5)
    reports = [reported(ended[0], memories=[learnt]), *map(reported, ended[1:])]

    with meter.step("complete"):
        told = complete(driver, *reports)

    assert [one["status"] for one in told] == ["completed"] * 5
    assert [one["problem"] for one in told] == [None] * 5
    assert [one["task_id"] for one in told] == [run.input["task_id"] for run in ended]
    assert all(task(driver, run)["say"] == "Done." for run in ended)
    (step,) = meter.steps
    assert step.statements == (
        "recheck_key",
        "run_output_schemas",
        "lock_runs",
        "complete_run_with_memories",
        "complete_runs",
        "settle_outbox",
    )
    # Of the commits one is the key's token, and one settles; neither waits for the disk.
    assert (step.round_trips, step.commits) == (3, 3), step


def test_one_that_cannot_be_taken_changes_nothing_for_the_others(driver: ApiDriver) -> None:
    good, lost, waiting, wrong, last = runs(driver, 5)
    lost.post("release")
    driver.post(f"/v1/tasks/{waiting.input['task_id']}/reply", {"message": "Tin as well."})
    stranger = driver.other_project()
    (theirs,) = runs(stranger, 1)

    told = complete(
        driver,
        reported(good),
        reported(lost),
        reported(waiting, messages_seen=0),
        reported(wrong, output={"no": "brief"}),
        reported(theirs),
        {"lease_token": "none", "report": {}},
        reported(last),
    )

    codes = [one["problem"] and one["problem"]["code"] for one in told]
    assert codes == [None, "lease_lost", "messages_waiting", None, "lease_lost", "lease_lost", None]
    statuses = [one["status"] for one in told]
    assert statuses == ["completed", None, None, "pending", None, None, "completed"]
    assert [one["task_id"] for one in told[4:6]] == [None, None]
    assert task(driver, waiting)["status"] == "running"
    assert task(stranger, theirs)["status"] == "running"
    assert waiting.post("complete", {"output": BRIEF}).body["status"] == "completed"


UNREADABLE: dict[str, object] = {
    "null": None,
    "text": "x",
    "a list": [{"lease_token": "none", "report": {}}],
    "empty": {},
    "no report": {"lease_token": "none"},
    "a report that is null": {"lease_token": "none", "report": None},
    "a report that is a list": {"lease_token": "none", "report": []},
    "a token that is a number": {"lease_token": 5, "report": {}},
    "a token that is too long": {"lease_token": "x" * 5000, "report": {}},
    "half a character": {"lease_token": "\ud800", "report": {}},
    "a field too many": {"lease_token": "none", "report": {}, "\ud800": 1},
}


@pytest.mark.parametrize("element", UNREADABLE.values(), ids=UNREADABLE)
def test_an_element_that_is_no_report_costs_no_other_its_result(
    driver: ApiDriver, element: Any
) -> None:
    first, last = runs(driver, 2)
    told = complete(driver, reported(first), element, reported(last))
    assert [one["status"] for one in told] == ["completed", None, "completed"]
    assert told[1]["problem"]["code"] == "invalid"
    assert told[1]["problem"]["errors"][0]["pointer"].startswith("/reports/1")


@settings(SLOW, max_examples=20)
@given(report=REPORT)
def test_no_report_is_refused_for_its_content_and_none_costs_another_its_result(
    driver: ApiDriver, report: Json
) -> None:
    (first,), (_, odd), (last,) = runs(driver, 1), run_of(driver), runs(driver, 1)
    given_up = {"lease_token": odd.input["lease_token"], "report": report}
    told = complete(driver, reported(first), given_up, reported(last))
    assert [one["problem"] for one in told] == [None] * 3
    assert [task(driver, run)["status"] for run in (first, odd, last)] == ["completed"] * 3


def test_what_was_too_deep_is_kept_as_text_and_said_to_be_somewhere(driver: ApiDriver) -> None:
    deep, plain = runs(driver, 2)
    nested: Any = "the bottom"
    for _ in range(900):
        nested = [nested]
    told = complete(driver, reported(deep, usage={"deep": nested}), reported(plain))
    assert [one["status"] for one in told] == ["completed"] * 2
    for run in (deep, plain):
        assert task(driver, run)["notes"] == [
            {
                "pointer": "",
                "message": "Somewhere in the call: What was nested deeper than 64 levels is kept"
                " as text.",
            }
        ]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"reports": null}', b'{"reports": []}', b"[]"])
def test_a_call_without_reports_is_refused(driver: ApiDriver, body: bytes) -> None:
    assert driver.post("/v1/runs/completions", body).status in {400, 422}


def test_a_call_that_is_repeated_gets_the_same_answer_and_changes_nothing(
    driver: ApiDriver,
) -> None:
    ended = runs(driver, 2)
    session = ended[0].input["session_id"]
    first = complete(driver, *map(reported, ended))
    events = driver.get(f"/v1/sessions/{session}/events").body
    assert complete(driver, *map(reported, ended)) == first
    assert complete(driver, reported(ended[0]), reported(ended[0]))[1] == first[0]
    assert driver.get(f"/v1/sessions/{session}/events").body == events


def test_the_same_report_twice_in_one_call_ends_the_run_once(driver: ApiDriver) -> None:
    (run,) = runs(driver, 1)
    told = complete(driver, reported(run), reported(run))
    assert [one["status"] for one in told] == ["completed"] * 2
    events = driver.get(f"/v1/sessions/{run.input['session_id']}/events").body["items"]
    assert [event["type"] for event in events].count("task.completed") == 1


def test_two_runs_may_write_one_memory_in_one_call(driver: ApiDriver) -> None:
    ended = runs(driver, 2)
    told = complete(
        driver,
        *(
            reported(run, memories=[{"key": "metal", "type": "fact", "content": content}])
            for run, content in zip(ended, ("Copper.", "Tin."), strict=True)
        ),
    )
    assert [one["status"] for one in told] == ["completed"] * 2
    session = ended[0].input["session_id"]
    assert driver.get(f"/v1/sessions/{session}/memories/metal").data["version"] == 2


def test_completing_many_needs_the_scope_worker_and_takes_fifty(driver: ApiDriver) -> None:
    body: Json = {"reports": [{"lease_token": "none", "report": {}}]}
    reader = driver.post("/v1/runs/completions", body, token=driver.make_key(Scope.COMMANDS))
    worker = driver.post("/v1/runs/completions", body, token=driver.make_key(Scope.WORKER))
    many = driver.post("/v1/runs/completions", {"reports": body["reports"] * 51})
    assert (reader.status, worker.status, many.status) == (403, 200, 422)
