"""Whether GitHub is asked about a source: set, shown, asked for at once, forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.commands import any_name
from tests.support.rsa_keys import rsa_pem
from tests.support.session_api import ApiDriver, ApiReply

pytestmark = pytest.mark.req("W7")
HOOK = "repos/acme/billing/hooks/4711"
TOKEN = "github_pat_any"
KEY = rsa_pem().decode()


def source(driver: ApiDriver, kind: str = "github") -> str:
    """The id of a new source."""
    return driver.post("/v1/sources", {"kind": kind}).body["source_id"]


def set_up(driver: ApiDriver, source_id: str, **fields: Any) -> ApiReply:
    body = {"hook": HOOK, "token": TOKEN, **fields}
    present = {name: value for name, value in body.items() if value is not None}
    return driver.post(f"/v1/sources/{source_id}/reconciliation", present)


def test_it_is_set_shown_without_its_token_and_forgotten(driver: ApiDriver) -> None:
    source_id = source(driver)
    path = f"/v1/sources/{source_id}/reconciliation"
    made = set_up(driver, source_id)
    assert (made.status, made.body["hook"], made.body["missing"]) == (200, HOOK, 0)
    assert made.body["api_url"] == "https://api.github.com"
    assert TOKEN not in made.text + driver.get(path).text
    assert driver.get(path).body == made.body

    wanted = driver.post(f"/v1/sources/{source_id}/reconcile", {"dry_run": True})
    assert wanted.body["wanted"] == "dry_run"
    assert driver.call("DELETE", path).body == {"deleted": source_id}
    for gone in (driver.get(path), driver.call("DELETE", path)):
        assert (gone.status, gone.body["code"]) == (404, "reconciliation_not_found")
    asked = driver.post(f"/v1/sources/{source_id}/reconcile", {})
    assert (asked.status, asked.body["code"]) == (404, "reconciliation_not_found")


def test_the_source_at_webhook_itself_has_one_in_each_project(driver: ApiDriver) -> None:
    assert set_up(driver, "github").status == 200
    other = driver.other_project()
    gone = other.get("/v1/sources/github/reconciliation")
    assert gone.status == 404
    assert set_up(other, "github").status == 200


def test_no_source_of_another_kind_or_project_has_one(driver: ApiDriver) -> None:
    foreign = source(driver.other_project())
    for source_id in (source(driver, "stripe"), foreign, any_name("none").lower()):
        refused = set_up(driver, source_id)
        assert (refused.status, refused.body["code"]) == (404, "source_not_found")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"hook": "repos/acme/billing"}, "/hook"),
        ({"hook": "repos/acme/billing/hooks/1/../2"}, "/hook"),
        ({"hook": "users/acme/hooks/1"}, "/hook"),
        ({"token": None}, "/token"),
        ({"app_id": "12"}, "/app_id"),
        ({"hook": "app/hook"}, "/app_id"),
        ({"hook": "app/hook", "app_id": "12", "token": None}, "/private_key"),
        ({"hook": "app/hook", "app_id": "12", "private_key": KEY}, "/token"),
        (
            {"hook": "app/hook", "app_id": "12", "private_key": "x" * 200, "token": None},
            "/private_key",
        ),
        ({"api_url": "https://10.0.0.1/api/v3"}, "/api_url"),
        ({"api_url": "http://github.example"}, "/api_url"),
        ({"token": "two words"}, "/token"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    driver: ApiDriver, fields: dict[str, Any], pointer: str
) -> None:
    refused = set_up(driver, source(driver), **fields)
    assert refused.status == 422, refused.text
    assert [error["pointer"] for error in refused.body["errors"]] == [pointer]


def test_another_hook_is_looked_at_from_the_beginning(driver: ApiDriver) -> None:
    source_id = source(driver)
    set_up(driver, source_id)
    driver.sql("UPDATE reconciliations SET checked_until = now(), failure = 'x'")
    again = set_up(driver, source_id, token="github_pat_new")
    assert (again.body["checked_until"] is None, again.body["failure"]) == (False, None)
    other = set_up(driver, source_id, hook="orgs/acme/hooks/1")
    assert other.body["checked_until"] is None


def test_an_app_gives_its_key_which_is_never_shown(driver: ApiDriver) -> None:
    made = set_up(driver, source(driver), hook="app/hook", app_id="12", private_key=KEY, token=None)
    assert (made.status, made.body["app_id"]) == (200, "12"), made.text
    assert "PRIVATE KEY" not in made.text
