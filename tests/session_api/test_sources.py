"""Sources are rows: made, listed, changed, rotated and forgotten; their secrets are never shown."""

from __future__ import annotations

from typing import Any

import pytest

from aiwebhook.domain.identity import Scope
from tests.support.commands import any_name
from tests.support.session_api import PUBLIC_URL, ApiDriver

pytestmark = pytest.mark.req("W8")


def make(driver: ApiDriver, kind: str = "hmac", **fields: Any) -> dict[str, Any]:
    """A source, as the API answers."""
    made = driver.post("/v1/sources", {"kind": kind, **fields})
    assert made.status == 200, made.text
    return made.body


@pytest.mark.parametrize(
    ("kind", "is_made"),
    [
        ("github", True),
        ("hmac", True),
        ("standard_webhooks", True),
        ("stripe", False),
        ("slack", False),
        ("none", False),
    ],
)
def test_a_secret_is_made_where_the_kind_lets_us_and_shown_once(
    driver: ApiDriver, kind: str, is_made: bool
) -> None:
    made = make(driver, kind)
    assert bool(made.get("secret")) == made["has_secret"] == is_made
    assert made["url"] == f"{PUBLIC_URL}/webhook/{made['source_id']}"

    shown = driver.get(f"/v1/sources/{made['source_id']}")
    listed = driver.get("/v1/sources")
    assert shown.body == {n: v for n, v in made.items() if n != "secret"}
    assert listed.body["items"] == [shown.body]
    if is_made:
        assert made["secret"] not in shown.text + listed.text


def test_a_given_secret_is_never_shown(driver: ApiDriver) -> None:
    secret = "the provider's own secret"
    made = driver.post("/v1/sources", {"kind": "stripe", "secret": secret})
    source_id = made.body["source_id"]
    other = driver.post(f"/v1/sources/{source_id}/rotate", {"secret": f"{secret} 2"})
    again = driver.post(f"/v1/sources/{source_id}/rotate", {"secret": f"{secret} 3"})

    assert (made.status, other.status) == (200, 200)
    assert secret not in made.text + other.text
    assert other.body["previous_secret_until"]
    assert (again.status, again.body["code"]) == (409, "rotation_under_way")


def test_an_id_is_taken_once_in_the_deployment(driver: ApiDriver) -> None:
    source_id = any_name("billing").lower()
    make(driver, source_id=source_id)
    for caller in (driver, driver.other_project()):
        refused = caller.post("/v1/sources", {"kind": "hmac", "source_id": source_id})
        assert (refused.status, refused.body["code"]) == (409, "source_exists")


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "other"},
        {"kind": "hmac", "source_id": "github"},
        {"kind": "hmac", "source_id": "Upper"},
        {"kind": "hmac", "source_id": "a/b"},
        {"kind": "none", "source_id": "chosen"},
        {"kind": "none", "secret": "long enough"},
        {"kind": "standard_webhooks", "secret": "whsec_not base64"},
        {"kind": "hmac", "secret": "short"},
        {"kind": "hmac", "cidrs": ["not an address"]},
        {"kind": "hmac", "max_bytes": 10_000_000},
        {"kind": "hmac", "header": "bad header"},
        {"kind": "hmac", "dedupe_pointer": "id"},
        {"kind": "hmac", "retention_days": 0},
    ],
)
def test_what_cannot_work_is_refused(driver: ApiDriver, body: dict[str, Any]) -> None:
    refused = driver.post("/v1/sources", body)
    assert refused.status == 422, refused.text
    assert driver.get("/v1/sources").body["items"] == []


def test_fields_are_changed_one_by_one(driver: ApiDriver) -> None:
    made = make(driver, header="x-mac", prefix="sha256=", cidrs=["192.0.2.0/24"])
    path = f"/v1/sources/{made['source_id']}"
    changed = driver.call("PATCH", path, {"encoding": "base64", "status": "disabled"}).body

    assert changed["rules"] == {"header": "x-mac", "prefix": "sha256=", "encoding": "base64"}
    assert changed["status"] == "disabled"
    same = ("cidrs", "max_bytes", "created_at", "has_secret")
    assert {n: changed[n] for n in same} == {n: made[n] for n in same}


def test_a_source_that_is_forgotten_is_no_more(driver: ApiDriver) -> None:
    path = f"/v1/sources/{make(driver)['source_id']}"
    assert driver.call("DELETE", path).status == 200
    for refused in (driver.get(path), driver.call("DELETE", path), driver.post(f"{path}/rotate")):
        assert (refused.status, refused.body["code"]) == (404, "source_not_found")


@pytest.mark.req("S4")
def test_only_admins_of_the_project_see_and_change_a_source(driver: ApiDriver) -> None:
    path = f"/v1/sources/{make(driver)['source_id']}"
    other, weak = driver.other_project(), driver.make_key(Scope.COMMANDS)
    for refused in (
        other.get(path),
        other.call("PATCH", path, {"status": "disabled"}),
        other.post(f"{path}/rotate"),
        other.call("DELETE", path),
    ):
        assert refused.status == 404
    assert other.get("/v1/sources").body["items"] == []
    assert driver.get(path, token=weak).status == 403
    assert driver.get(path).body["status"] == "active"
