"""A wait is granted, not owed: who asks for it is held, or answered at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from queue import SimpleQueue

import pytest

from aiwebhook.domain.identity import Scope
from aiwebhook.ids import new_id
from aiwebhook.ports.waits import WaitOrder
from aiwebhook.postgres.authenticator import PostgresAuthenticator
from aiwebhook.postgres.inbound_store import PostgresInboundStore
from aiwebhook.postgres.wait_store import PostgresWaitStore
from aiwebhook.usecases.accept_delivery import WebhookSource
from aiwebhook.wiring.relay import rule_services_on
from aiwebhook.wiring.relay_parts import RelayParts
from relay.door import RelayDoor
from session_api.late_paths import LatePaths
from session_api.raw_routes import RAW_ROUTES
from session_api.router import Router
from tests.support.commands import any_name, open_database
from tests.support.http_front import rest_event
from tests.support.session_api import BRIEF, ApiDriver, ApiReply, Json, session_api_on
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("N4")
CLIENTS, PLACES, MAX_WAITS = 200, 8, 6
OWN = MAX_WAITS // 3


class _Account:
    """An account in which PLACES functions run at once, each on a connection of its own; who finds
    all of them busy waits for a place, as at Lambda's limit."""

    def __init__(self, driver: ApiDriver) -> None:
        self._driver = driver
        driver.outside.max_waits = MAX_WAITS
        self._places: SimpleQueue[Callable[[Json], Json]] = SimpleQueue()
        for _ in range(PLACES):
            self._places.put(_functions(driver))

    def call(self, method: str, path: str, body: Json | None = None, token: str = "") -> Json:
        headers = {"Authorization": f"Bearer {token or self._driver.key}"}
        place = self._places.get()
        try:
            content = b"" if body is None else json.dumps(body).encode()
            return place(rest_event(method, path, headers=headers, body=content))
        finally:
            self._places.put(place)


def _functions(driver: ApiDriver) -> Callable[[Json], Json]:
    """relay and session_api."""
    api = session_api_on(driver.dsn, driver.outside)
    database = driver.outside.databases[-1]
    relay = RelayDoor(
        RelayParts(
            authenticator=PostgresAuthenticator(database),
            inbound=PostgresInboundStore(database),
            services=replace(api.commands, waits=replace(api.waits, function="relay")),
            github=lambda: WebhookSource(project_id=driver.project_id, secrets=("secret",)),
            master_key=lambda: b"no source is asked for",
            rules=lambda: rule_services_on(database, api.commands),
        )
    )
    router = Router(LatePaths(), api, RAW_ROUTES)
    return lambda event: (relay if event["path"] == "/webhook" else router).answer(event)


@contextmanager
def _waiting_clients(account: _Account, task_id: str) -> Generator[list[Future[Json]]]:
    """Half of them read with `wait`, half send a command with `wait_s`."""
    command = {
        "type": "collaborative_session_command",
        "command": "get_task",
        "data": {"task_id": task_id, "wait_s": 20},
    }
    with ThreadPoolExecutor(CLIENTS) as pool:
        yield [
            pool.submit(account.call, "POST", "/webhook", command)
            if number % 2
            else pool.submit(account.call, "GET", f"/v1/tasks/{task_id}?wait=20")
            for number in range(CLIENTS)
        ]


def test_webhooks_and_heartbeats_go_on_while_200_clients_ask_to_wait(driver: ApiDriver) -> None:
    task_id = driver.task()
    run = driver.claim()
    account = _Account(driver)
    heartbeat = f"/v1/runs/{task_id}/heartbeat"
    create = {
        "type": "collaborative_session_command",
        "command": "create_session",
        "session_id": any_name("session"),
    }

    with _waiting_clients(account, task_id) as clients:
        beats = [
            account.call("POST", heartbeat, {}, token=run.input["lease_token"]) for _ in range(20)
        ]
        hooks = [account.call("POST", "/webhook", create) for _ in range(20)]
        held = _still_held(clients)
        assert run.post("complete", {"output": BRIEF}).status == 200
        last = [each.result() for each in held]

    assert {reply["statusCode"] for reply in (*beats, *hooks, *last)} == {200}
    refused = [each.result() for each in clients if each not in held]
    assert all('"next_poll_ms":2000' in reply["body"].replace(" ", "") for reply in refused)
    assert all('"next_poll_ms"' not in reply["body"] for reply in last)
    assert all('"completed"' in reply["body"] for reply in last)


def _still_held(clients: list[Future[Json]]) -> list[Future[Json]]:
    """Once all others are answered: a third of the waits of each of the two functions."""
    left = set(clients)
    while len(left) > 2 * OWN:
        done, left = wait(left, timeout=15, return_when=FIRST_COMPLETED)
        assert done, f"{len(left)} are held"
    return list(left)


def test_two_who_ask_at_once_do_not_both_get_the_last_wait(driver: ApiDriver) -> None:
    """The second counts only once the first is committed."""
    order = replace(_order(driver), max_waits=1)
    databases = [open_database(driver.dsn), open_database(driver.dsn)]
    driver.outside.databases += databases  # closed with the others
    one, other = (PostgresWaitStore(database) for database in databases)
    other.happened_lately(project_id=driver.project_id, within_s=1)  # connects

    with ThreadPoolExecutor(1) as pool:
        with databases[0].transaction():
            first = one.grant_wait(order)
            asked = pool.submit(other.grant_wait, replace(order, wait_id="another"))
            eventually(lambda: asked.done() or _is_locked(driver))
        second = asked.result()

    assert (first, second) == (True, False)


def _is_locked(driver: ApiDriver) -> bool:
    return bool(
        driver.sql("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted LIMIT 1")
    )


def test_no_key_gets_more_than_a_third(driver: ApiDriver) -> None:
    store = driver.api.waits.store
    orders = [_order(driver, holder=f"key {number % 4}") for number in range(24)]

    granted = [store.grant_wait(order) for order in orders]

    assert granted.count(True) == MAX_WAITS
    assert [granted[key::4].count(True) for key in range(4)] == [OWN, OWN, 1, 1]


def test_the_wait_of_a_process_that_died_expires(driver: ApiDriver) -> None:
    store = driver.api.waits.store
    assert [store.grant_wait(_order(driver)) for _ in range(3)] == [True, True, False]

    driver.sql("UPDATE granted_waits SET expires_at = now()")

    assert store.grant_wait(_order(driver))
    kept = driver.sql("SELECT function FROM granted_waits WHERE expires_at > now()")
    assert kept.count((driver.project_id,)) == 1


def _order(driver: ApiDriver, holder: str = "a key") -> WaitOrder:
    return WaitOrder(
        wait_id=new_id("wait"),
        function=driver.project_id,
        holder=holder,
        wait_s=60,
        max_waits=MAX_WAITS,
        max_own=OWN,
    )


def test_who_does_not_wait_pays_nothing_and_a_wait_one_round_trip_at_each_end(
    driver: ApiDriver,
) -> None:
    task_id = driver.task()
    with driver.counting() as at_once:
        driver.get(f"/v1/tasks/{task_id}")
        driver.get("/v1/events?after=latest")
    with driver.counting() as held:
        reply = driver.get(f"/v1/tasks/{task_id}?wait=1")
    run = driver.claim()
    run.post("complete", {"output": BRIEF})
    with driver.counting() as ended:
        driver.get(f"/v1/tasks/{task_id}?wait=20")

    assert not {*at_once, *ended} & {"lock_waits", "grant_wait", "end_wait", "happened_lately"}
    assert [name for name in held if "wait" in name] == ["lock_waits", "grant_wait", "end_wait"]
    assert "next_poll_ms" not in reply.data
    assert driver.sql("SELECT count(*) FROM granted_waits WHERE function = 'session_api'") == [(0,)]


CLAIM: Json = {"worker_id": "w", "agents": ["gemini"], "wait_s": 20}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/sessions/SESSION/events?after_seq=1&wait=20", None),
        ("/v1/events?after=latest&wait=20", None),
        ("/v1/runs/claim", CLAIM),
    ],
)
def test_programs_that_follow_are_told_when_to_ask_again(
    driver: ApiDriver, path: str, body: Json | None
) -> None:
    """Every two seconds while something happens, then every five; none is held."""
    path = path.replace("SESSION", driver.session())
    driver.waiting(holds_polls=False)
    method = "GET" if body is None else "POST"

    with driver.counting() as names:
        busy = driver.call(method, path, body)
    driver.sql("UPDATE events SET created_at = created_at - interval '61 seconds'")
    idle = driver.call(method, path, body)

    assert [_pause(each) for each in (busy, idle)] == [2_000, 5_000]
    assert "grant_wait" not in names


def test_a_page_with_more_behind_it_asks_for_no_pause(driver: ApiDriver) -> None:
    session_id = driver.session()
    for number in range(3):
        driver.post(f"/v1/sessions/{session_id}/conversation", {"content": f"chunk {number}"})
    driver.waiting(holds_polls=False)
    path = f"/v1/sessions/{session_id}/events?wait=20"

    assert "next_poll_ms" not in driver.get(f"{path}&limit=2").body
    assert driver.get(f"{path}&limit=50").body["next_poll_ms"] == 2_000


def _pause(reply: ApiReply) -> int:
    return int(reply.headers.get("X-Next-Poll-Ms") or reply.body["next_poll_ms"])


def test_nobody_is_held_where_no_wait_may_be_granted(driver: ApiDriver) -> None:
    task_id = driver.task()
    driver.waiting(max_waits=0)
    reader = driver.make_key(Scope.READ)

    with driver.counting() as names:
        reply = driver.get(f"/v1/tasks/{task_id}?wait=20", token=reader)

    assert (reply.status, reply.data["status"]) == (200, "pending")
    assert reply.data["next_poll_ms"] == 2_000
    assert "grant_wait" not in names
