"""Whatever is sent: the right status, a problem document, nothing stored, never a 5xx."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from session_api.all_operations import OPERATIONS
from tests.support.session_api import ApiDriver

STRANGE_IDS = (
    "a b",
    "a/b",
    "..",
    "%",
    "%00",
    "x" * 300,
    "📞",
    "-starts-with-a-dash",
    "'; DROP TABLE tasks; --",
    "\u202e",
)
BODIES = (
    (b"{", 400),
    (b"[]", 400),
    (b"null", 400),
    (b'"text"', 400),
    (b"\xff\xfe", 400),
    (b'{"title": NaN}', 400),
    (b'{"title": "a", "title": "b"}', 422),
    (b'{"metadata": {"n": 1e400}}', 422),
    (b'{"title": "\\u0000"}', 422),
    (b'{"title": "\\ud800"}', 422),
    (b'{"metadata": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 422),
    (b'{"title": 1}', 422),
    (b'{"unknown": 1}', 422),
    (b'{"session_id": 1}', 422),
    (b'{"session_id": "a b"}', 422),
    (b'{"request_id": 1}', 422),
)


@pytest.mark.req("D1")
@pytest.mark.parametrize(("body", "status"), BODIES, ids=lambda value: repr(value)[:40])
def test_a_body_that_breaks_a_rule_is_refused_and_nothing_stored(
    driver: ApiDriver, body: bytes, status: int
) -> None:
    told = driver.post("/v1/sessions", body)

    assert told.status == status, told.text
    assert told.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "detail", "code", "retryable", "remedy", "request_id"} <= set(
        told.body
    )
    assert driver.get("/v1/sessions").data["sessions"] == []


@pytest.mark.req("D1")
@pytest.mark.parametrize("strange", STRANGE_IDS)
@pytest.mark.parametrize("encoded", [True, False])
def test_strange_ids_in_paths_are_not_found(
    driver: ApiDriver, strange: str, *, encoded: bool
) -> None:
    name = quote(strange, safe="") if encoded else strange.replace("/", "%2F")
    for operation in OPERATIONS:
        if "{" not in operation.path:
            continue
        path = operation.path
        for segment in path.split("/"):
            if segment.startswith("{"):
                path = path.replace(segment, name)
        told = driver.call(operation.method, path, {} if operation.method != "GET" else None)
        assert told.status in (401, 404, 422), (operation.method, path, told.status)


@pytest.mark.req("D1")
@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=ten", "/limit"),
        ("limit=" + "9" * 30, "/limit"),
        ("cursor=nonsense", "/cursor"),
        ("cursor=W10", "/cursor"),
        ("filter=dead", "/filter"),
        ("unknown=1", "/unknown"),
        ("search=%00", "/search"),
    ],
)
def test_a_query_that_breaks_a_rule_names_the_parameter(
    driver: ApiDriver, query: str, pointer: str
) -> None:
    told = driver.get(f"/v1/sessions?{query}")

    assert (told.status, told.body["errors"][0]["pointer"]) == (422, pointer), told.text


@pytest.mark.req("D1")
@pytest.mark.parametrize(
    "query",
    [
        "events?wait=0.00040602768407069",
        "events?wait=1e-05",
        "events?wait=2.3152927694800685e-298",
        "events?limit=20.0",
        "tasks?limit=20.0",
        "tasks?limit=2e1",
        "workers?limit=1.0",
    ],
)
def test_a_number_of_a_query_may_have_any_form_that_json_has(driver: ApiDriver, query: str) -> None:
    told = driver.get(f"/v1/{query}")

    assert told.status == 200, told.text


@pytest.mark.req("D1")
@pytest.mark.parametrize(
    "path",
    [
        "/v1/events?after=nonsense",
        "/v1/events?after=WzEsMl0sMw",
        "/v1/events?wait=21",
        "/v1/events?wait=-1",
        "/v1/events?wait=1e999",
        "/v1/events?limit=1e308",
        "/v1/events?limit=1e999",
        "/v1/events?types=nonsense",
        "/v1/workers?cursor=nonsense",
        "/v1/deliveries?status=lost",
        "/v1/endpoints?limit=1000",
        "/v1/agents?limit=1",
        "/healthz?x=1",
    ],
)
def test_queries_of_other_resources_are_checked_too(driver: ApiDriver, path: str) -> None:
    assert driver.get(path).status == 422


@pytest.mark.req("D1")
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1", 404),
        ("GET", "/v2/sessions", 404),
        ("GET", "/v1/sessions/", 404),
        ("GET", "//v1/sessions", 404),
        ("GET", "/v1/nothing", 404),
        ("PATCH", "/v1/sessions", 405),
        ("OPTIONS", "/v1/sessions", 405),
        ("PUT", "/v1/sessions", 405),
        ("DELETE", "/v1/tasks", 405),
        ("TRACE", "/v1/tasks", 405),
    ],
)
def test_paths_and_methods_that_are_not_there_are_problems_too(
    driver: ApiDriver, method: str, path: str, status: int
) -> None:
    told = driver.call(method, path)

    assert told.status == status
    assert told.body["status"] == status
    assert status != 405 or "GET" in told.headers["Allow"]


@pytest.mark.req("D1")
def test_arguments_belong_where_the_operation_reads_them(driver: ApiDriver) -> None:
    session_id = driver.session()

    in_query = driver.post(f"/v1/sessions/{session_id}/memories?type=idea", {"content": "c"})
    twice = driver.post("/v1/tasks/task_1/reply", {"task_id": "task_2", "message": "m"})
    needless = driver.post("/v1/keys/key_1/rotate", {"overlap": 1})

    assert [told.status for told in (in_query, twice, needless)] == [422, 422, 422]


@pytest.mark.req("W6")
def test_a_body_above_the_limit_is_refused_with_a_remedy(driver: ApiDriver) -> None:
    path = f"/v1/sessions/{driver.session()}/conversation"

    accepted = driver.post(path, {"content": "x" * 4_000_000})
    refused = driver.post(path, {"content": "x" * 4_900_000})

    assert accepted.status == 200
    assert (refused.status, "chunks" in refused.body["remedy"]) == (413, True)


@pytest.mark.req("D1")
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"],
)
def test_other_content_types_are_not_read(driver: ApiDriver, content_type: str) -> None:
    told = driver.post("/v1/sessions", {"title": "t"}, headers={"Content-Type": content_type})

    assert told.status == 415


@pytest.mark.req("W2")
@pytest.mark.parametrize("token", [None, "aiw_unknown", "x" * 500, "ключ"])
def test_without_a_valid_key_nothing_is_disclosed(driver: ApiDriver, token: str | None) -> None:
    told = driver.get("/v1/sessions", token=token)

    assert told.status == 401
    assert told.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.req("W6")
def test_every_answer_tells_the_rate_limit_and_its_request(driver: ApiDriver) -> None:
    for told in (driver.get("/v1/agents"), driver.get("/v1/sessions/none")):
        assert "RateLimit" in told.headers
        assert told.headers["X-Request-Id"].startswith("req_")
    problem = driver.get("/v1/sessions/none")
    assert problem.body["request_id"] == problem.headers["X-Request-Id"]


@pytest.mark.req("D1")
def test_json_answers_keep_their_characters(driver: ApiDriver) -> None:
    driver.post("/v1/sessions", {"session_id": "s", "title": "Grüße 📞"})

    told = driver.get("/v1/sessions/s")

    assert "Grüße 📞" in told.text
    assert json.loads(told.text)["data"]["title"] == "Grüße 📞"
