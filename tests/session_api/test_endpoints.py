"""Callback endpoints and their deliveries, API keys."""

from __future__ import annotations

import pytest

from aiwebhook.domain.identity import Scope
from tests.support.session_api import BRIEF, ApiDriver, Json

URL = "https://hooks.example.com/aiwebhook"


def any_endpoint(driver: ApiDriver, **fields: object) -> Json:
    told = driver.post("/v1/endpoints", {"url": URL, **fields})
    assert told.status == 200, told.text
    return told.body


@pytest.mark.req("N1")
def test_an_endpoint_is_registered_changed_and_removed(driver: ApiDriver) -> None:
    made = any_endpoint(driver, event_types=["task.completed"], description="mine")
    path = f"/v1/endpoints/{made['endpoint_id']}"

    found = driver.get(path).body
    changed = driver.call("PATCH", path, {"payload": "full", "status": "disabled"}).body
    listed = driver.get("/v1/endpoints").body["items"]
    deleted = driver.call("DELETE", path)

    assert made["secret"].startswith("whsec_")
    assert "secret" not in found
    assert (changed["payload"], changed["status"]) == ("full", "disabled")
    assert (changed["event_types"], changed["description"]) == (["task.completed"], "mine")
    assert [endpoint["endpoint_id"] for endpoint in listed] == [made["endpoint_id"]]
    assert deleted.body == {"deleted": made["endpoint_id"]}
    assert [driver.get(path).status, driver.call("DELETE", path).status] == [404, 404]


@pytest.mark.req("N1")
def test_registering_twice_under_one_key_makes_one_endpoint(driver: ApiDriver) -> None:
    headers = {"Idempotency-Key": "once"}

    first = driver.post("/v1/endpoints", {"url": URL}, headers=headers)
    again = driver.post("/v1/endpoints", {"url": URL}, headers=headers)
    other = driver.post("/v1/endpoints", {"url": f"{URL}/2"}, headers=headers)

    assert again.body["endpoint_id"] == first.body["endpoint_id"]
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert len(driver.get("/v1/endpoints").body["items"]) == 1


@pytest.mark.req("N3")
def test_a_rotation_gives_a_new_secret_and_waits_for_the_old_one(driver: ApiDriver) -> None:
    made = any_endpoint(driver)
    path = f"/v1/endpoints/{made['endpoint_id']}"

    rotated = driver.post(f"{path}/rotate").body
    again = driver.post(f"{path}/rotate")

    assert rotated["secret"] != made["secret"]
    assert (rotated["secret_version"], made["secret_version"]) == (2, 1)
    assert rotated["previous_secret_until"] > made["created_at"]
    assert (again.status, again.body["code"]) == (409, "rotation_under_way")
    assert driver.post("/v1/endpoints/ep_none/rotate").status == 404


@pytest.mark.req("N3")
@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://user:password@example.com/",
        "https://example.com:8443/",
        "ftp://example.com",
        "not a url",
        "https://localhost.localdomain:80",
    ],
)
def test_addresses_we_do_not_call_are_refused_when_registered(driver: ApiDriver, url: str) -> None:
    told = driver.post("/v1/endpoints", {"url": url})

    assert (told.status, told.body["errors"][0]["pointer"]) == (422, "/url")


@pytest.mark.req("N3")
def test_a_ping_makes_a_delivery_and_rings_for_it(driver: ApiDriver) -> None:
    made = any_endpoint(driver, event_types=["task.failed"])
    path = f"/v1/endpoints/{made['endpoint_id']}"

    due = driver.post(f"{path}/ping").body

    delivery = driver.get(f"/v1/deliveries/{due['delivery_id']}").body
    assert (delivery["event_type"], delivery["status"]) == ("endpoint.ping", "pending")
    assert delivery["log"] == []
    assert driver.outside.ringer.rung == [(driver.project_id, delivery["event_no"], 0)]
    driver.call("PATCH", path, {"status": "disabled"})
    refused = driver.post(f"{path}/ping")
    assert (refused.status, refused.body["code"]) == (409, "endpoint_disabled")


@pytest.mark.req("N3")
def test_a_delivery_is_sent_again_under_its_old_id(driver: ApiDriver) -> None:
    made = any_endpoint(driver)
    driver.task()
    driver.claim().post("complete", {"output": BRIEF})
    (delivery,) = driver.get(f"/v1/deliveries?endpoint_id={made['endpoint_id']}").body["items"]

    again = driver.post(f"/v1/deliveries/{delivery['delivery_id']}/redeliver")

    assert delivery["event_type"] == "task.completed"
    assert "log" not in delivery
    assert again.body == {"delivery_id": delivery["delivery_id"], "status": "pending"}
    assert driver.outside.ringer.rung == [(driver.project_id, delivery["event_no"], 0)]
    assert driver.get("/v1/deliveries?status=dead").body["items"] == []
    assert driver.post("/v1/deliveries/dlv_none/redeliver").status == 404


@pytest.mark.req("O7")
def test_endpoints_and_deliveries_of_another_project_do_not_exist(driver: ApiDriver) -> None:
    made = any_endpoint(driver)
    due = driver.post(f"/v1/endpoints/{made['endpoint_id']}/ping").body
    stranger = driver.other_project()
    endpoint = f"/v1/endpoints/{made['endpoint_id']}"
    delivery = f"/v1/deliveries/{due['delivery_id']}"

    statuses = [
        stranger.get(endpoint).status,
        stranger.call("PATCH", endpoint, {"payload": "full"}).status,
        stranger.call("DELETE", endpoint).status,
        stranger.post(f"{endpoint}/rotate").status,
        stranger.post(f"{endpoint}/ping").status,
        stranger.get(delivery).status,
        stranger.post(f"{delivery}/redeliver").status,
    ]

    assert statuses == [404] * 7
    assert stranger.get("/v1/endpoints").body["items"] == []
    assert stranger.get("/v1/deliveries").body["items"] == []


@pytest.mark.req("O7")
def test_a_key_is_made_used_rotated_and_revoked(driver: ApiDriver) -> None:
    made = driver.post("/v1/keys", {"name": "phone", "scopes": ["read"]}).body
    path = f"/v1/keys/{made['key_id']}"

    works = driver.get("/v1/sessions", token=made["key"])
    rotated = driver.post(f"{path}/rotate", {"overlap_s": 0}).body
    old = driver.get("/v1/sessions", token=made["key"])
    new = driver.get("/v1/sessions", token=rotated["key"])
    revoked = driver.call("DELETE", f"/v1/keys/{rotated['key_id']}")
    after = driver.get("/v1/sessions", token=rotated["key"])
    listed = driver.get("/v1/keys").body["items"]

    assert [told.status for told in (works, old, new, revoked, after)] == [200, 401, 200, 200, 401]
    assert rotated["scopes"] == ["read"]
    assert {key["name"] for key in listed} == {"phone", "test"}
    assert all("key" not in key and "key_hash" not in key for key in listed)


@pytest.mark.req("O7")
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "k"}, "/scopes"),
        ({"name": "k", "scopes": []}, "/scopes"),
        ({"name": "k", "scopes": ["root"]}, "/scopes/0"),
        ({"name": "", "scopes": ["read"]}, "/name"),
        ({"name": "k", "scopes": ["read"], "cidrs": ["anywhere"]}, "/cidrs"),
        ({"name": "k", "scopes": ["read"], "rate_per_minute": 0}, "/rate_per_minute"),
        ({"name": "k", "scopes": ["read"], "expires_in_days": "7"}, "/expires_in_days"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(driver: ApiDriver, body: Json, pointer: str) -> None:
    told = driver.post("/v1/keys", body)

    assert (told.status, told.body["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.req("O7")
def test_managing_needs_the_scope_admin(driver: ApiDriver) -> None:
    key = driver.make_key(Scope.COMMANDS, Scope.WORKER, Scope.READ)

    paths = ("/v1/keys", "/v1/endpoints", "/v1/deliveries")

    assert [driver.get(path, token=key).status for path in paths] == [403, 403, 403]
