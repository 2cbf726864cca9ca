"""Every write that is no command obeys an idempotency key, and no secret is told twice."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from aiwebhook.domain.cursors import event_cursor
from aiwebhook.domain.identity import DEFAULT_PROJECT
from session_api.all_operations import OPERATIONS
from session_api.operation import Access, Operation
from tests.support.commands import any_name
from tests.support.deliveries import receive
from tests.support.follower import Follower
from tests.support.oauth import Connecting
from tests.support.rules import any_rule
from tests.support.session_api import ApiDriver, ApiReply, Json

pytestmark = pytest.mark.req("W6")
URL = "https://hooks.example.com/a"
WRITES = {
    operation.name: operation
    for operation in OPERATIONS
    if operation.method != "GET" and operation.command is None and operation.name != "tryRules"
}
"""Of those that POST, `tryRules` writes nothing."""
# Runs and workers prove who they are by their lease, whose epoch fences every write.
FENCED = {n for n, o in WRITES.items() if o.access in (Access.LEASE, Access.WORKER, Access.OPEN)}
RECONCILIATION = {"hook": "repos/acme/billing/hooks/4711", "token": "github_pat_any"}
BODIES: dict[str, Json] = {
    "addPerson": {"name": "Ana"},
    "createKey": {"name": "phone", "scopes": ["read"]},
    "rotateKey": {"overlap_s": 60},
    "createEndpoint": {"url": URL},
    "changeEndpoint": {"payload": "full"},
    "changeRetention": {"events": 30},
    "prune": {"dry_run": True},
    "createSource": {"kind": "hmac"},
    "changeSource": {"max_bytes": 1000},
    "rotateSource": {"overlap_s": 60},
    "claimChannel": {"holder": "client-1"},
    "acknowledgeDelivery": {"lease_epoch": 1, "cursor": event_cursor("1", 0)},
    "releaseChannel": {"lease_epoch": 1},
    "keepRule": any_rule(),
    "createProjectKey": {"name": "first"},
    "setReconciliation": RECONCILIATION,
}
OTHER: dict[str, Json] = {
    "addPerson": {"name": "Ben"},
    "createKey": {"name": "other", "scopes": ["read"]},
    "rotateKey": {"overlap_s": 61},
    "createEndpoint": {"url": f"{URL}/2"},
    "changeEndpoint": {"payload": "thin"},
    "changeRetention": {"events": 31},
    "prune": {"dry_run": False},
    "createSource": {"kind": "github"},
    "changeSource": {"max_bytes": 1001},
    "rotateSource": {"overlap_s": 61},
    "claimChannel": {"holder": "client-2"},
    "acknowledgeDelivery": {"lease_epoch": 1, "cursor": event_cursor("1", 1)},
    "releaseChannel": {"lease_epoch": 2},
    "keepRule": any_rule(per_hour=3),
    "replayInbound": {"rules": True},
    "createProject": {"project_id": "other", "name": "Other"},
    "createProjectKey": {"name": "second"},
    "redeliverFailed": {"since": "2026-01-01T00:00:00Z"},
    "setReconciliation": RECONCILIATION | {"token": "github_pat_other"},
}
ONCE = sorted(set(WRITES) - FENCED)


def asking(driver: ApiDriver, name: str, dsn: str) -> ApiDriver:
    """Projects are made by the default one, everything else by the test's own."""
    if not name.startswith("createProject"):
        return driver
    return ApiDriver(dsn, project_id=DEFAULT_PROJECT, outside=driver.outside)


def body_of(name: str) -> Json | None:
    """What the operation is given."""
    if name == "createProject":
        return {"project_id": any_name("project").lower(), "name": "Any"}
    return BODIES.get(name)


def reconciled_source(driver: ApiDriver, path: str) -> str:
    """The path with the id of a source about which GitHub is asked."""
    source_id = driver.post("/v1/sources", {"kind": "github"}).body["source_id"]
    driver.post(f"/v1/sources/{source_id}/reconciliation", RECONCILIATION)
    return path.replace("{source_id}", source_id)


def of_webhooks(driver: ApiDriver, path: str) -> str:
    """The path with the id of a channel, a source or a delivery that came in."""
    if "{channel}" in path:
        channel = any_name("channel")
        driver.post(f"/v1/channels/{channel}/claim", {"holder": "client-1"})
        return path.replace("{channel}", channel)
    if "/reconcil" in path:
        return reconciled_source(driver, path)
    if "{source_id}" in path:
        source = driver.post("/v1/sources", {"kind": "hmac"}).body
        return path.replace("{source_id}", source["source_id"])
    if "{rule_id}" in path:
        rule = driver.post("/v1/rules", any_rule(any_name("rule"))).body
        return path.replace("{rule_id}", rule["rule_id"])
    if path.startswith("/v1/inbound/"):
        return path.replace("{delivery_id}", receive(driver, b"{}").delivery_id)
    return path


def path_of(driver: ApiDriver, operation: Operation) -> str:
    """With the ids of things made for it."""
    path = operation.path
    if "{project_id}" in path:
        made = {"project_id": any_name("project").lower(), "name": "Any"}
        driver.post("/v1/projects", made)
        path = path.replace("{project_id}", made["project_id"])
    if "{key_id}" in path:
        key = driver.post("/v1/keys", {"name": "old", "scopes": ["read"]}).body
        path = path.replace("{key_id}", key["key_id"])
    if "{person_id}" in path:
        person = driver.post("/v1/people", {"name": any_name("person")}).body
        path = path.replace("{person_id}", person["person_id"])
    path = of_webhooks(driver, path)
    if "{connection_id}" in path:
        connecting = Connecting(driver=driver)
        connecting.connected()
        made = driver.get("/v1/connections").body["items"][0]
        path = path.replace("{connection_id}", made["connection_id"])
    if "{subscription_id}" in path:
        made = Follower(driver=driver).subscribe()
        path = path.replace("{subscription_id}", made["id"])
    if "{endpoint_id}" in path or "{delivery_id}" in path:
        endpoint_id = driver.post("/v1/endpoints", {"url": URL}).body["endpoint_id"]
        path = path.replace("{endpoint_id}", endpoint_id)
        if "{delivery_id}" in path:
            ping = driver.post(f"/v1/endpoints/{endpoint_id}/ping").body
            path = path.replace("{delivery_id}", ping["delivery_id"])
    return path


def send(
    driver: ApiDriver, operation: Operation, path: str, body: Json | None, key: str
) -> ApiReply:
    """The operation under an idempotency key."""
    return driver.call(operation.method, path, body, headers={"Idempotency-Key": key})


def test_every_write_is_a_command_is_fenced_or_is_done_once() -> None:
    assert {n for n, o in WRITES.items() if o.once} == set(ONCE)


@pytest.mark.parametrize("name", ONCE)
def test_a_write_under_a_key_happens_once_and_tells_its_secret_once(
    driver: ApiDriver, name: str, module_database: str
) -> None:
    operation, driver, key = WRITES[name], asking(driver, name, module_database), any_name("k")
    path, body = path_of(driver, operation), body_of(name)
    first = send(driver, operation, path, body, key)
    again = send(driver, operation, path, body, key)

    assert (first.status, again.status) == (200, 200), again.text
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    secret = operation.shown_once
    kept: dict[str, Any] = dict(again.body)
    if secret is not None:
        assert first.body[secret]
        assert kept.pop(secret) is None
        verb = {"people": "reset", "projects": "keys"}.get(operation.path.split("/")[2], "rotate")
        assert verb in kept.pop("notice")
        assert first.body[secret] not in again.text
    assert kept == {n: value for n, value in first.body.items() if n != secret}


@pytest.mark.parametrize("name", ONCE)
def test_another_request_under_the_same_key_is_refused(
    driver: ApiDriver, name: str, module_database: str
) -> None:
    operation, driver, key = WRITES[name], asking(driver, name, module_database), any_name("k")
    path = path_of(driver, operation)
    other_path = path if name in OTHER else path_of(driver, operation)
    send(driver, operation, path, body_of(name), key)
    other = send(driver, operation, other_path, OTHER.get(name), key)
    command = driver.post("/v1/sessions", {"title": "x"}, headers={"Idempotency-Key": key})

    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert (command.status, command.body["code"]) == (422, "idempotency_key_reused")


def test_a_refused_write_leaves_its_key_free(driver: ApiDriver) -> None:
    create = WRITES["createEndpoint"]
    refused = send(driver, create, create.path, {"url": "https://10.0.0.1/"}, "k")
    made = send(driver, create, create.path, {"url": URL}, "k")
    assert (refused.status, made.status) == (422, 200)


@pytest.mark.req("N3")
def test_a_deleted_endpoint_registered_again_never_gets_its_old_secret(driver: ApiDriver) -> None:
    create = WRITES["createEndpoint"]
    secrets: list[str] = []
    for _ in range(3):
        made = send(driver, create, create.path, {"url": URL}, "once").body
        secrets += [made["secret"]] if made["secret"] else []
        driver.call("DELETE", f"/v1/endpoints/{made['endpoint_id']}")
        fresh = driver.post("/v1/endpoints", {"url": URL}).body
        secrets.append(fresh["secret"])
        driver.call("DELETE", f"/v1/endpoints/{fresh['endpoint_id']}")
    assert len(set(secrets)) == len(secrets) == 4


def test_a_ping_is_rung_after_its_commit_and_once(driver: ApiDriver) -> None:
    ping = WRITES["pingEndpoint"]
    path = path_of(driver, ping)
    before = len(driver.get("/v1/deliveries").body["items"])
    for _ in range(3):
        send(driver, ping, path, None, "k")
    assert len(driver.get("/v1/deliveries").body["items"]) == before + 1


@pytest.mark.parametrize("key", ["", "x" * 256, "ünïcode", "a\tb"])
def test_a_key_that_is_none_is_refused(driver: ApiDriver, key: str) -> None:
    create = WRITES["createKey"]
    told = send(driver, create, create.path, BODIES["createKey"], key)
    assert (told.status, told.body["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    "headers", [{}, {"Idempotency-Key": "k"}], ids=["alone", "beside a header"]
)
@pytest.mark.parametrize("request_id", ["", "x" * 256, "ünïcode", "a\tb", 1, ["k"]])
def test_a_request_id_that_is_none_is_refused(
    driver: ApiDriver, request_id: object, headers: dict[str, str]
) -> None:
    before = len(driver.get("/v1/keys").body["items"])
    body = {**BODIES["createKey"], "request_id": request_id}
    told = driver.post("/v1/keys", body, headers=headers)
    assert (told.status, told.body["code"]) == (422, "invalid")
    assert told.body["errors"][0]["pointer"] == "/request_id"
    assert len(driver.get("/v1/keys").body["items"]) == before


def test_a_refused_write_keeps_earlier_tries_off_and_later_ones_not(driver: ApiDriver) -> None:
    """One that its function had begun before may still be on its way."""
    rotate = "rotateKey"
    refused = send(driver, WRITES[rotate], "/v1/keys/key_none/rotate", BODIES[rotate], "k")
    assert refused.status == 404
    with psycopg.connect(driver.dsn) as connection:
        query = "SELECT outcome ? 'refused_at' FROM idempotency_keys WHERE project_id = %s"
        assert connection.execute(query, [driver.project_id]).fetchall() == [(True,)]

    path = path_of(driver, WRITES[rotate])
    assert send(driver, WRITES[rotate], path, BODIES[rotate], "k").status == 200
