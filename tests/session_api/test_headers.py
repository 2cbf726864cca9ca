"""HEAD is GET without content; every answer has its security headers; details need a key."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from aiwebhook.security_headers import SECURITY_HEADERS
from session_api.all_operations import OPERATIONS
from tests.support.http_front import rest_event
from tests.support.session_api import ApiDriver, session_api_handler

pytestmark = pytest.mark.req("D1")
GETS = [o.path for o in OPERATIONS if o.method == "GET" and "{task_id}" not in o.path]


@pytest.mark.parametrize("path", GETS)
def test_head_answers_as_get_does_without_content(driver: ApiDriver, path: str) -> None:
    path = path.replace("{asset}", "start.js")
    got, head = driver.get(path), driver.call("HEAD", path)
    assert (head.status, head.text) == (got.status, "")
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    assert {*SECURITY_HEADERS} <= {*head.headers} & {*got.headers}


def test_refusals_and_what_is_not_there_have_the_headers_too(driver: ApiDriver) -> None:
    for told in (driver.get("/nowhere"), driver.get("/v1/tasks", token=None)):
        assert told.status >= 400
        assert told.headers["X-Content-Type-Options"] == "nosniff"
    refused = driver.call("PUT", "/v1/sessions")
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert "script" not in driver.get("/docs").headers["Content-Security-Policy"]
    assert "'self'" in driver.get("/docs").headers["Content-Security-Policy"]


@pytest.mark.req("O4")
def test_readiness_tells_details_only_to_a_valid_key(database: str) -> None:
    driver = ApiDriver(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DELETE FROM schema_migrations")
    told = {key: driver.get("/readyz", token=key) for key in (None, "aiw_wrong", driver.key)}
    driver.outside.close()
    assert {t.status for t in told.values()} == {503}
    assert {k for k, t in told.items() if "0001" in t.text} == {driver.key}


@pytest.mark.req("S6")
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/readyz"), ("GET", "/v1/sessions"), ("POST", "/v1/keys")]
)
def test_without_a_key_nobody_learns_where_the_database_is(
    driver: ApiDriver, method: str, path: str
) -> None:
    handler = session_api_handler(make_conninfo(driver.dsn, port=1), driver.outside)
    anonymous = handler(rest_event(method, path), None)
    known = handler(
        rest_event(method, path, headers={"Authorization": f"Bearer {driver.key}"}), None
    )
    assert anonymous["statusCode"] in (401, 503)
    assert "127.0.0.1" not in anonymous["body"]
    assert known["statusCode"] == 503
    assert ":1 " in known["body"]
