"""How long what is kept, as an administrator says it."""

from __future__ import annotations

import pytest

from aiwebhook.domain.identity import Scope
from aiwebhook.domain.retention import DEFAULT_DAYS
from tests.support.session_api import ApiDriver

pytestmark = pytest.mark.req("O8")
KEPT = {kind: days or "forever" for kind, days in DEFAULT_DAYS.items()}


def test_rules_are_shown_changed_and_of_one_project(driver: ApiDriver) -> None:
    driver, other = driver.other_project(), driver.other_project()
    assert driver.get("/v1/retention").body == KEPT
    changed = driver.post("/v1/retention", {"events": 30, "audit": "forever"}).body
    assert changed == {**KEPT, "events": 30, "audit": "forever"}
    changed = driver.post("/v1/retention", {"events": 31}).body
    assert changed == {**KEPT, "events": 31, "audit": "forever"}
    assert driver.get("/v1/retention").body == changed
    assert other.get("/v1/retention").body == KEPT


@pytest.mark.parametrize("days", [0, -1, 36_501, "for ever", 1.5, True])
def test_a_time_is_whole_days_or_for_ever(driver: ApiDriver, days: object) -> None:
    told = driver.post("/v1/retention", {"events": days})
    assert (told.status, told.body["errors"][0]["pointer"]) == (422, "/events"), told.text


def test_a_dry_run_deletes_nothing(driver: ApiDriver) -> None:
    driver = driver.other_project()
    session_id = driver.session()
    driver.post(f"/v1/sessions/{session_id}/memories", {"type": "idea", "content": "old"})
    driver.sql("UPDATE events SET created_at = created_at - interval '91 days'")
    for dry_run, number in ((True, 1), (True, 1), (False, 1), (True, 0)):
        told = driver.post("/v1/retention/prune", {"dry_run": dry_run}).body
        assert (told["dry_run"], told["complete"]) == (dry_run, True)
        assert told["rows"]["events"] == number


@pytest.mark.parametrize("scope", [Scope.COMMANDS, Scope.READ, Scope.WORKER])
def test_only_an_admin_key_may(driver: ApiDriver, scope: Scope) -> None:
    key = driver.make_key(scope)
    assert driver.get("/v1/retention", token=key).status == 403
    assert driver.post("/v1/retention", {"events": 1}, token=key).status == 403
    assert driver.post("/v1/retention/prune", {}, token=key).status == 403
