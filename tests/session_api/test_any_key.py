"""Whatever the key of a row: it is listed once, on one page, read by its key, and forgotten."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.commands import any_name
from tests.support.session_api import ApiDriver

ODD = ["key 0", "a\nb", "%20", "½🐕" * 64, "k" * 128, '"', "\u202e", "..", "a+b", "ä"]
KEYS = st.lists(
    st.sampled_from(ODD)
    | st.text(
        st.characters(exclude_categories=("Cs",), exclude_characters="\0/"),
        min_size=1,
        max_size=128,
    ),
    min_size=2,
    max_size=6,
    unique=True,
)
NAMES = st.lists(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,60}", fullmatch=True),
    min_size=2,
    max_size=5,
    unique=True,
)


def sql(driver: ApiDriver, query: str, **params: object) -> None:
    with psycopg.connect(driver.dsn, autocommit=True) as connection:
        connection.execute(query, {"project": driver.project_id, **params})  # pyright: ignore[reportArgumentType] - a test's own text


def pages(driver: ApiDriver, target: str, items: str, limit: int) -> list[Any]:
    """All rows, page by page."""
    rows: list[Any] = []
    cursor = ""
    while True:
        told = driver.get(f"{target}limit={limit}{cursor}")
        assert told.status == 200, told.text
        page = told.body if items == "items" else told.data
        rows += page[items]
        if page["next_cursor"] is None:
            return rows
        cursor = f"&cursor={page['next_cursor']}"


@pytest.mark.req("S3")
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(keys=KEYS, limit=st.integers(1, 3))
def test_a_memory_is_listed_read_and_forgotten_under_any_key(
    driver: ApiDriver, keys: Sequence[str], limit: int
) -> None:
    session_id = driver.session()
    sql(
        driver,
        "INSERT INTO memories (project_id, session_id, key, version, type, content)"
        " SELECT %(project)s, %(session)s, key, 1, 'fact', to_jsonb(key)"
        " FROM unnest(%(keys)s::text[]) AS key",
        session=session_id,
        keys=list(keys),
    )
    memories = f"/v1/sessions/{session_id}/memories"

    assert sorted(m["key"] for m in pages(driver, f"{memories}?", "memories", limit)) == sorted(
        keys
    )
    for key in keys:
        found = driver.get(f"{memories}/{quote(key, safe='')}")
        assert (found.status, found.data["content"]) == (200, key), found.text
        assert driver.call("DELETE", f"{memories}/{quote(key, safe='')}").status == 200
    assert pages(driver, f"{memories}?", "memories", limit) == []


@pytest.mark.req("S1", "S4", "T1")
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(names=NAMES, limit=st.integers(1, 3))
def test_every_list_is_paged_through_whatever_its_ids(
    driver: ApiDriver, names: Sequence[str], limit: int
) -> None:
    own = driver.other_project()
    prefix = any_name("x")
    session_id = own.session()
    ids = [f"{name}-{prefix}" for name in names]
    for name in ids:
        own.post("/v1/sessions", {"session_id": name})
        own.task(session_id, task_id=name)
        body = {"name": name, "type": "t", "content": "c", "artifact_id": name}
        own.post(f"/v1/sessions/{session_id}/artifacts", body)
        own.post("/v1/runs/claim", {"worker_id": f"{name} ~{{}}", "agents": ["local"]})
        own.post("/v1/endpoints", {"url": f"http://127.0.0.1:9/{name}"})

    def seen(target: str, items: str, name: str) -> list[str]:
        return sorted(row[name] for row in pages(own, target, items, limit))

    assert seen("/v1/sessions?", "sessions", "session_id") == sorted([*ids, session_id])
    assert seen("/v1/tasks?", "tasks", "task_id") == sorted(ids)
    assert seen("/v1/artifacts?", "artifacts", "artifact_id") == sorted(ids)
    assert seen("/v1/workers?", "items", "worker_id") == sorted(f"{name} ~{{}}" for name in ids)
    assert len(seen("/v1/endpoints?", "items", "endpoint_id")) == len(ids)


@pytest.mark.req("S3")
def test_a_key_is_taken_by_every_door_as_a_run_may_choose_it(driver: ApiDriver) -> None:
    session_id = driver.session()
    stored = driver.post(
        f"/v1/sessions/{session_id}/memories", {"type": "fact", "content": "x", "key": "key 0"}
    )
    again = driver.post("/v1/sessions", {"session_id": any_name("session")})
    found = driver.get(f"/v1/sessions/{session_id}/memories/key%200")

    assert (stored.status, again.status, found.data["version"]) == (200, 200, 1)


@pytest.mark.req("S3")
def test_only_cursors_that_this_list_returned_are_taken(driver: ApiDriver) -> None:
    session_id = driver.session()
    for number in range(2):
        driver.post(f"/v1/sessions/{session_id}/memories", {"type": "fact", "content": str(number)})
        driver.session()
    cursor = driver.get(f"/v1/sessions/{session_id}/memories?limit=1").data["next_cursor"]
    place = base64.urlsafe_b64decode(cursor + "==")[6:]
    made_up = base64.urlsafe_b64encode(b"123456" + place).decode().rstrip("=")
    other = driver.get("/v1/sessions?limit=1").data["next_cursor"]

    for wrong in (other, made_up, cursor[:-3], cursor[::-1], quote("½"), "a" * 1000):
        told = driver.get(f"/v1/sessions/{session_id}/memories?limit=1&cursor={wrong}")
        assert (told.status, told.body["errors"][0]["pointer"]) == (422, "/cursor"), wrong
        assert told.body["errors"][0]["message"] == "is not a cursor this API returned"


@pytest.mark.req("S9")
def test_a_cursor_of_events_from_an_older_release_still_goes_on(driver: ApiDriver) -> None:
    driver.session()
    old = base64.urlsafe_b64encode(json.dumps(["0", 0]).encode()).decode().rstrip("=")

    assert driver.get(f"/v1/events?after={old}").body["items"]
