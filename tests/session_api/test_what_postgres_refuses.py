"""What Python takes and PostgreSQL refuses, or the reverse, is a refusal by name, never a 5xx: in
every field of every command and of every other write.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from aiwebhook.commands.base import CommandRequest
from aiwebhook.commands.catalogue import CATALOGUE
from aiwebhook.commands.execute import execute
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.errors import AiWebhookError
from aiwebhook.problem import http_status_of
from aiwebhook.strict_json import parse_object
from session_api.all_operations import OPERATIONS
from session_api.operation import Access
from tests.support.session_api import ApiDriver

pytestmark = pytest.mark.req("W2")
NOISE = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyzäöü", k=5_000))
VALUES: list[Any] = [
    "\0", "\ud800", "\u202e", "", " ", NOISE, NOISE[:100], NOISE[:128], NOISE[:500],
    0, -1, 2**31, 2**63, 2**64, 10**400, -(2**63), 1.5, 1e308, 5e-324, -0.0, True, None,
    "infinity", "-infinity", "epoch", "now", "24:00", "10000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z",
    "10.0.0.0/255.0.0.0", "fe80::%1/64", "::ffff:10.0.0.0/104", "10.0.0.1", "1.2.3.4/0",
    [], {}, [NOISE], ["\0"], ["10.0.0.0/255.0.0.0"], ["fe80::%1/64"], [["x"]], [None],
    {"\0": 1}, {"a": "\ud800"}, {"a": 10**400}, {"a": 1e308}, {"a": {"b": [1e-320]}},
    {NOISE: NOISE}, [1e308], "{}", "null", "NaN", "\x1b[31m", "x" * 3_000,
]  # fmt: skip
BASE: dict[str, Any] = {
    "createKey": {"name": "n", "scopes": ["read"]},
    "createEndpoint": {"url": "https://hooks.example.com/a"},
    "claimRun": {"worker_id": "w", "agents": ["researcher"]},
    "heartbeatRuns": {"worker_id": "w", "leases": []},
    "getRunSignals": {"leases": []},
    "completeRuns": {"reports": [{"lease_token": "none", "report": {}}]},
    "create_session": {"title": "t"},
    "append_conversation": {"content": "c"},
    "store_memory": {"type": "note", "key": "k", "content": "c"},
    "add_artifact": {"name": "n", "type": "t", "content": "c"},
    "delegate_task": {"agent_name": "researcher", "description": "d"},
}


def cases() -> Iterator[tuple[str, str, Any]]:
    """Command or operation, field, value."""
    for name, spec in CATALOGUE.items():
        for field in spec.code.model.model_fields:
            yield from ((name, field, value) for value in VALUES)
    for operation in OPERATIONS:
        model, access = operation.params, operation.access
        if model is not None and access is not Access.LEASE and operation.method != "GET":
            for field in model.model_fields:
                yield from ((operation.name, field, value) for value in VALUES)


CASES = list(cases())
PATHS = {o.name: (o.method, o.path) for o in OPERATIONS}


def tried(driver: ApiDriver, session_id: str, name: str, field: str, value: Any) -> str | None:
    """What went wrong, if that is our fault."""
    data = {**BASE.get(name, {}), field: value}
    if name not in CATALOGUE:
        method, path = PATHS[name]
        for part in ("endpoint_id", "key_id", "delivery_id"):
            path = path.replace(f"{{{part}}}", "ep_none")
        status = driver.call(method, path, data).status
    else:
        status = _status_of_command(driver, session_id, name, data)
    return None if status < 500 else f"{name} {field}={value!r:.60}: {status}"


def _status_of_command(driver: ApiDriver, session_id: str, name: str, data: Any) -> int:
    request = CommandRequest(
        caller=Caller(project_id=driver.project_id, key_id="key", scopes=frozenset(Scope)),
        command=name,
        session_id=session_id if CATALOGUE[name].needs_session else None,
        data={},
        request_id="req",
        correlation_id="cor",
    )
    try:
        execute(driver.api.commands, replace(request, data=parse_object(json.dumps(data).encode())))
    except AiWebhookError as error:
        return http_status_of(error)
    return 200


@pytest.mark.parametrize("part", range(4))
def test_a_sample_of_values_that_one_of_both_refuses_is_never_our_failure(
    driver: ApiDriver, part: int
) -> None:
    session_id = driver.session()
    sample = random.Random(part).sample(CASES, 250)
    assert [f for case in sample if (f := tried(driver, session_id, *case))] == []


@pytest.mark.req("T4")
def test_what_a_run_sends_is_never_our_failure(driver: ApiDriver) -> None:
    """Terminal reports have tests of their own: each of them ends the run."""
    driver.task()
    run = driver.claim()
    calls = [
        (operation.path.rsplit("/", 1)[1], field, value)
        for operation in OPERATIONS
        if operation.access is Access.LEASE and operation.params and operation.method != "GET"
        for field in operation.params.model_fields
        for value in VALUES
    ]
    base: dict[str, Any] = {
        "artifacts": {"name": "n", "type": "t", "content": "c"},
        "checkpoint": {"data": {}},
    }
    going = [call for call in calls if call[0] not in ("complete", "fail")]
    faults = [
        (action, field, value, told.text)
        for action, field, value in random.Random(2).sample(going, 250)
        if (told := run.post(action, {**base.get(action, {}), field: value})).status >= 500
    ]
    assert faults == []


@pytest.mark.slow
def test_no_value_that_one_of_both_refuses_is_our_failure(driver: ApiDriver) -> None:
    session_id = driver.session()
    assert [f for case in CASES if (f := tried(driver, session_id, *case))] == []


@pytest.mark.req("W2")
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("10.0.0.1", "10.0.0.1/32"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("::/0", "::/0"),
    ],
)
def test_a_network_is_kept_in_the_form_that_the_database_reads(
    driver: ApiDriver, given: str, kept: str
) -> None:
    made = driver.post("/v1/keys", {"name": "n", "scopes": ["read"], "cidrs": [given]})
    assert (made.status, made.body["cidrs"]) == (200, [kept])


@pytest.mark.parametrize("given", ["fe80::%1/64", "fe80::1%eth0/128", "10.0.0.1/8", "10/8", "x"])
def test_an_invalid_network_is_refused_by_its_name(driver: ApiDriver, given: str) -> None:
    refused = driver.post("/v1/keys", {"name": "n", "scopes": ["read"], "cidrs": [given]})
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/cidrs")
