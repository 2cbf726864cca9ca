"""A session is deleted while a run works in it: the run is over, also where the ids exist anew."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.support.session_api import BRIEF, ApiDriver, ApiReply, Run

pytestmark = pytest.mark.req("T7")
WRITES = {
    "heartbeat": {"progress": {"percent": 10}},
    "events": {"events": [{"type": "log"}]},
    "checkpoint": {"data": {"step": 1}},
    "artifacts": {"name": "a", "type": "t", "content": "c"},
    "uploads": {"sha256": "0" * 64, "size": 1},
    "complete": {"output": BRIEF},
    "fail": {"error_class": "network", "message": "m"},
    "release": {},
}
READS = ("context", "signal", "messages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Ids that a client chose."""

    session: str
    task: str

    def fill(self, driver: ApiDriver) -> None:
        """A session with a task in it."""
        told = driver.post("/v1/sessions", {"session_id": self.session, "title": "A title"})
        assert told.status == 200, told.text
        driver.task(self.session, task_id=self.task)

    def empty(self, driver: ApiDriver) -> None:
        """The session is deleted with everything in it."""
        told = driver.call("DELETE", f"/v1/sessions/{self.session}")
        assert told.status == 200, told.text


PLACE = Place(session="plan", task="research-1")


@pytest.fixture
def zombie(driver: ApiDriver) -> Run:
    """The run of a task that has been deleted."""
    PLACE.fill(driver)
    run = driver.claim()
    PLACE.empty(driver)
    return run


def every_call(run: Run) -> dict[str, ApiReply]:
    """What the run may say or ask, once each."""
    written = {action: run.post(action, body) for action, body in WRITES.items()}
    return written | {action: run.get(action) for action in READS}


def refusals(told: dict[str, ApiReply]) -> set[tuple[int, str | None]]:
    """Status and code of each answer."""
    return {(answer.status, answer.body.get("code")) for answer in told.values()}


def test_every_call_of_a_deleted_tasks_run_is_refused(zombie: Run) -> None:
    assert refusals(every_call(zombie)) == {(409, "lease_lost")}


@pytest.mark.parametrize("life", ["pending", "running", "completed"])
def test_ids_used_again_do_not_bring_a_lease_back(
    driver: ApiDriver, zombie: Run, life: str
) -> None:
    for _ in range(3):  # as often as the old numbers would have needed to meet again
        PLACE.fill(driver)
        run = driver.claim() if life != "pending" else None
        if run is not None and life == "completed":
            assert run.post("complete", {"output": BRIEF, "say": "The new one."}).status == 200
        assert refusals(every_call(zombie)) == {(409, "lease_lost")}
        if run is not None and life == "running":
            assert run.post("complete", {"output": BRIEF, "say": "The new one."}).status == 200
        if run is not None:
            assert driver.get(f"/v1/tasks/{PLACE.task}").data["say"] == "The new one."
        PLACE.empty(driver)


def test_a_launched_run_of_a_deleted_task_does_not_start(driver: ApiDriver) -> None:
    PLACE.fill(driver)
    claimed = driver.claim_for_launch("researcher")
    PLACE.empty(driver)
    PLACE.fill(driver)
    code = driver.api.lease_keys().bootstrap_code(claimed.attempt_id)
    told = driver.post(
        f"/v1/runs/{PLACE.task}/start",
        {"bootstrap_code": code, "worker_id": "w"},
        token=None,
    )
    assert (told.status, told.body["code"]) == (409, "lease_lost")


def test_a_worker_hears_with_its_beat_that_the_task_is_deleted(
    driver: ApiDriver, zombie: Run
) -> None:
    PLACE.fill(driver)
    living = driver.claim(worker_id="worker-1")
    tokens = [zombie.input["lease_token"], living.input["lease_token"]]
    told = driver.post("/v1/runs/heartbeats", {"worker_id": "worker-1", "leases": tokens})
    assert [beat["lost"] for beat in told.body["beats"]] == [True, False]
