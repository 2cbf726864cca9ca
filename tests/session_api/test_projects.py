"""Projects are made by the default project's administrators; each has its audit log, what it used,
and what can be found in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import pytest

from aiwebhook.clock import utc_now
from aiwebhook.domain.identity import DEFAULT_PROJECT, Scope
from aiwebhook.postgres.project_reads import PostgresProjectReads
from aiwebhook.usecases.ensure_project import ensure_other_projects
from tests.support.commands import open_database
from tests.support.session_api import BRIEF, ApiDriver


@pytest.fixture
def default(database: str) -> Iterator[ApiDriver]:
    driver = ApiDriver(database, project_id=DEFAULT_PROJECT)
    yield driver
    driver.outside.close()


@pytest.mark.req("O7")
def test_a_project_is_made_with_agents_and_a_key_and_sees_nothing_of_others(
    default: ApiDriver,
) -> None:
    default.session()
    made = default.post("/v1/projects", {"project_id": "mine", "name": "My own"})

    assert (made.status, made.body["name"]) == (200, "My own")
    key = made.body["key"]
    assert default.get("/v1/sessions", token=key).data["sessions"] == []
    agents = default.get("/v1/agents", token=key).body["items"]
    assert {agent["agent_name"] for agent in agents} == {
        agent["agent_name"] for agent in default.get("/v1/agents").body["items"]
    }
    keys = default.get("/v1/keys", token=key).body["items"]
    assert [(each["key_id"], each["scopes"]) for each in keys] == [(made.body["key_id"], ["admin"])]
    listed = default.get("/v1/projects?limit=1").body
    assert [each["project_id"] for each in listed["items"]] == ["mine"]
    rest = default.get(f"/v1/projects?cursor={quote(listed['next_cursor'])}").body
    assert DEFAULT_PROJECT in [each["project_id"] for each in rest["items"]]
    again = default.post("/v1/projects", {"project_id": "mine", "name": "Other"})
    assert (again.status, again.body["code"]) == (409, "project_exists")
    assert len(default.get("/v1/keys", token=key).body["items"]) == 1, "nothing half made"


@pytest.mark.req("O7")
def test_a_lost_key_of_a_project_is_replaced_from_the_default_one(default: ApiDriver) -> None:
    body = {"project_id": "lost", "name": "Lost"}
    first = default.post("/v1/projects", body, headers={"Idempotency-Key": "once"})
    replay = default.post("/v1/projects", body, headers={"Idempotency-Key": "once"})
    assert replay.body["key"] is None
    assert "/v1/projects/<id>/keys" in replay.body["notice"]
    made = default.post("/v1/projects/lost/keys", {"name": "second"})
    assert default.get("/v1/keys", token=made.body["key"]).status == 200
    assert default.get("/v1/keys", token=first.body["key"]).status == 200
    missing = default.post("/v1/projects/none/keys", {"name": "second"})
    assert (missing.status, missing.body["code"]) == (404, "project_not_found")


@pytest.mark.req("O7")
def test_projects_are_nobody_elses_business(default: ApiDriver) -> None:
    default.post("/v1/projects", {"project_id": "theirs", "name": "Theirs"})
    stranger = default.other_project()
    body = {"project_id": "new", "name": "New"}
    for answer in (
        stranger.get("/v1/projects"),
        stranger.post("/v1/projects", body),
        stranger.post("/v1/projects/theirs/keys", {"name": "x"}),
        stranger.post(f"/v1/projects/{DEFAULT_PROJECT}/keys", {"name": "x"}),
    ):
        assert (answer.status, answer.body["code"]) == (403, "default_project_only")
    reader = default.make_key(Scope.COMMANDS)
    assert default.post("/v1/projects", body, token=reader).status == 403
    for wrong in ("", "A", "a/b", "-a", "a" * 64):
        answer = default.post("/v1/projects", {"project_id": wrong, "name": "x"})
        assert answer.status == 422, wrong


@pytest.mark.req("T5")
def test_a_release_brings_the_agents_of_every_project_up_to_date(default: ApiDriver) -> None:
    for number in range(3):
        default.post("/v1/projects", {"project_id": f"p{number}", "name": "P"})
    default.sql("UPDATE agents SET manifest = manifest - 'title'")
    database = open_database(default.dsn)
    try:
        ensure_other_projects(default.api.access, PostgresProjectReads(database))
    finally:
        database.close()
    assert default.sql("SELECT DISTINCT manifest ? 'title' FROM agents") == [(True,)]


@pytest.mark.req("O7")
def test_the_audit_log_is_read_page_by_page_and_by_what_one_looks_for(driver: ApiDriver) -> None:
    keys = [
        driver.post("/v1/keys", {"name": f"k{n}", "scopes": ["read"]}).body["key_id"]
        for n in range(3)
    ]
    driver.call("DELETE", f"/v1/keys/{keys[0]}")

    read: list[tuple[str, str]] = []
    cursor = ""
    while True:
        page = driver.get(f"/v1/audit?limit=2{cursor}").body
        read += [(entry["action"], entry["subject"]) for entry in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={quote(page['next_cursor'])}"
    first = driver.get("/v1/keys").body["items"][-1]["key_id"]
    assert read == [
        ("key.revoked", keys[0]),
        *(("key.created", key) for key in reversed(keys)),
        ("key.created", first),
    ]
    about = driver.get(f"/v1/audit?subject={keys[0]}&action=key.rev&actor={first}").body["items"]
    assert [entry["action"] for entry in about] == ["key.revoked"]
    assert driver.get("/v1/audit?action=nothing").body["items"] == []
    assert driver.get("/v1/audit?since=2100-01-01T00:00:00Z").body["items"] == []
    assert driver.other_project().get("/v1/audit?action=key.revoked").body["items"] == []
    assert driver.get("/v1/audit", token=driver.make_key(Scope.COMMANDS)).status == 403
    foreign = driver.get("/v1/sessions?limit=1").body
    assert foreign["data"]["next_cursor"] is None
    assert driver.get("/v1/audit?cursor=x").status == 422


def used(driver: ApiDriver, session_id: str, cost: float | None, *, token: str = "") -> str:
    """A task that ended, and what it cost."""
    body = {"session_id": session_id, "agent_name": "researcher", "description": "x"}
    told = driver.post("/v1/tasks", body, token=token)
    usage = {"requests": 2, "input_tokens": 100, "output_tokens": 5, "cost_usd": cost}
    if cost is None:
        usage["unpriced_requests"] = 2
    driver.claim().post("complete", {"output": BRIEF, "say": "Done.", "usage": usage})
    return told.data["task_id"]


@pytest.mark.req("T4")
def test_what_was_used_is_summed_by_day_agent_session_and_key(driver: ApiDriver) -> None:
    one, two = driver.session(), driver.session()
    phone = driver.post("/v1/keys", {"name": "phone", "scopes": ["commands"]}).body
    used(driver, one, 0.25)
    used(driver, one, None)
    used(driver, two, 1.5, token=phone["key"])
    driver.sql(
        "UPDATE task_attempts SET claimed_at = '2026-01-31T23:59:59Z'"
        " WHERE usage -> 'cost_usd' = '1.5'"
    )
    other = driver.other_project()
    used(other, other.session(), 100.0)
    since = "since=2026-01-01T00:00:00Z"

    days = driver.get(f"/v1/usage?by=day&{since}").body
    today = utc_now().date()
    assert [(row["name"], row["runs"], row["cost_usd"]) for row in days["items"]] == [
        (today.isoformat(), 2, 0.25),
        ("2026-01-31", 1, 1.5),
    ]
    assert (days["total"]["tasks"], days["total"]["cost_usd"]) == (3, 1.75)
    assert (days["total"]["input_tokens"], days["total"]["unpriced_requests"]) == (300, 2)
    by_session = driver.get(f"/v1/usage?by=session&{since}").body["items"]
    assert [(row["name"], row["cost_usd"]) for row in by_session] == [(two, 1.5), (one, 0.25)]
    by_key = driver.get(f"/v1/usage?by=key&{since}").body["items"]
    assert [row["name"] for row in by_key][:1] == [phone["key_id"]]
    assert len(by_key) == 2
    by_agent = driver.get(f"/v1/usage?by=agent&{since}").body
    assert [(row["name"], row["tasks"]) for row in by_agent["items"]] == [("researcher", 3)]
    lately = driver.get("/v1/usage").body
    assert lately["total"]["tasks"] == 2, "the last thirty days"
    before = driver.get(f"/v1/usage?{since}&until=2026-02-01T00:00:00Z").body
    assert before["total"]["cost_usd"] == 1.5
    cut = driver.get(f"/v1/usage?by=session&{since}&limit=1").body
    assert (len(cut["items"]), cut["total"]["tasks"]) == (1, 3)
    nobody = driver.get("/v1/usage?since=2100-01-01T00:00:00Z").body
    assert (nobody["items"], nobody["total"]["runs"], nobody["total"]["cost_usd"]) == ([], 0, None)


@pytest.mark.req("S8")
def test_words_are_found_wherever_they_were_written(driver: ApiDriver) -> None:
    driver.post("/v1/sessions", {"session_id": "plan", "title": "Copper and tin"})
    driver.post(
        "/v1/sessions/plan/memories", {"type": "fact", "key": "m", "content": "COPPER, 5 t"}
    )
    said = driver.post(
        "/v1/sessions/plan/conversation", {"content": f"{'x ' * 100}Ana: the copper price"}
    ).data["chunk_id"]
    driver.post(
        "/v1/sessions/plan/artifacts",
        {"artifact_id": "a", "name": "copper.md", "type": "doc", "content": "words"},
    )
    other = driver.other_project()
    other.post("/v1/sessions", {"session_id": "theirs", "title": "Copper"})

    found = driver.get("/v1/search?text=copper").body["items"]
    assert [(each["kind"], each["name"]) for each in found] == [
        ("artifact", "a"),
        ("conversation", said),
        ("memory", "m"),
        ("session", "plan"),
    ]
    assert "Ana: the copper price" in found[1]["excerpt"]
    assert len(found[1]["excerpt"]) <= 240
    both = driver.get("/v1/search?text=tin%20COPPER").body["items"]
    assert [each["kind"] for each in both] == ["session"]
    assert len(driver.get("/v1/search?text=copper&limit=2").body["items"]) == 2
    assert driver.get("/v1/search?text=%20").body["items"] == found[:0]
    assert driver.get("/v1/search").status == 422


@pytest.mark.req("N1")
def test_what_was_given_up_is_sent_again_at_once(driver: ApiDriver) -> None:
    url = {"url": "http://127.0.0.1:9/"}
    one, two = (driver.post("/v1/endpoints", url).body["endpoint_id"] for _ in range(2))
    for endpoint_id in (one, two):
        for _ in range(60):
            driver.post(f"/v1/endpoints/{endpoint_id}/ping")
    driver.sql("UPDATE deliveries SET status = 'dead', attempts = 9, leased_until = NULL")
    delivered = driver.post(f"/v1/endpoints/{one}/ping").body["delivery_id"]
    driver.sql("UPDATE deliveries SET status = 'delivered' WHERE attempts = 0")
    driver.outside.ringer.rung.clear()
    path = "/v1/deliveries/redeliver"

    soon = (utc_now() + timedelta(minutes=1)).isoformat()
    assert driver.post(path, {"since": soon}).body == {"redelivered": 0, "complete": True}
    assert driver.post(path, {"endpoint_id": one}).body == {"redelivered": 60, "complete": True}
    assert len(driver.outside.ringer.rung) == 60
    assert driver.post(path).body == {"redelivered": 60, "complete": True}
    assert driver.get(f"/v1/deliveries/{delivered}").body["status"] == "delivered"
    driver.sql("UPDATE deliveries SET status = 'dead' WHERE status = 'pending'")
    assert driver.other_project().post(path).body["redelivered"] == 0
    assert driver.post(path).body == {"redelivered": 100, "complete": False}
    assert driver.post(path).body == {"redelivered": 20, "complete": True}
    driver.sql("UPDATE deliveries SET status = 'dead', leased_until = now() + interval '1 min'")
    assert driver.post(path).body["redelivered"] == 0, "a sender is at work"
    assert driver.post(path, {"endpoint_id": "ep_none"}).status == 404
