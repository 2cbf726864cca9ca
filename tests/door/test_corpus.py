"""Bodies as language models send them: understood at once, or repaired at the second try."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.commands.base import CommandRequest
from aiwebhook.commands.validation import Prepared, prepare
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.http import Request
from aiwebhook.postgres.authenticator import PostgresAuthenticator
from aiwebhook.postgres.inbound_store import PostgresInboundStore
from aiwebhook.usecases.accept_delivery import WebhookSource
from aiwebhook.wiring.relay import rule_services_on
from aiwebhook.wiring.relay_parts import RelayParts
from relay.door import COMMAND_FIELDS, RelayDoor
from relay.reading import read_message
from tests.door.follower import second_try
from tests.relay.conftest import Answer, RelayClient
from tests.support.apigateway import proxy_event
from tests.support.commands import CommandDriver

Json = dict[str, Any]
HERE = Path(__file__).parent / "corpus"
BODIES: list[Json] = [
    {**body, "text": body["text"].replace("TITLE_OF_600", "x" * 600)}
    for file in sorted(HERE.glob("*.toml"))
    for body in tomllib.loads(file.read_text("utf-8"))["body"]
]
CALLER = Caller(project_id="p", key_id="k", scopes=frozenset({Scope.ADMIN}))


def named(*outcomes: str) -> list[Any]:
    return [pytest.param(body, id=body["name"]) for body in BODIES if body["outcome"] in outcomes]


@pytest.fixture(scope="module")
def client(shared_database: str) -> Iterator[RelayClient]:
    """A project that has what the bodies speak of."""
    driver = CommandDriver(shared_database)
    driver.sql("UPDATE api_keys SET rate_per_minute = 1000000, burst = 1000000")
    for session_id in ("carbon_planning", "other"):
        driver.send("create_session", session_id, {"title": "A title"})
    copper = {"type": "decision", "content": "We take copper", "key": "copper"}
    driver.send("store_memory", "carbon_planning", copper)
    for agent, task_id in (("researcher", "task_1"), ("claude_code", "task_claude")):
        task = {"agent_name": agent, "description": "Look into it", "task_id": task_id}
        driver.send("delegate_task", "carbon_planning", task)
    plan = {"name": "Plan", "type": "document", "content": "x", "artifact_id": "art_1"}
    driver.send("add_artifact", "carbon_planning", plan)
    door = RelayDoor(
        RelayParts(
            authenticator=PostgresAuthenticator(driver.database),
            inbound=PostgresInboundStore(driver.database),
            services=driver.services,
            github=lambda: WebhookSource(project_id=driver.project_id, secrets=()),
            master_key=lambda: b"k" * 32,
            rules=lambda: rule_services_on(driver.database, driver.services),
        )
    )

    def handler(event: Json, _context: object) -> Json:
        return door.answer(event)

    yield RelayClient(driver, handler)
    driver.close()


def send(client: RelayClient, text: str) -> Answer:
    return client.post(text.encode("utf-8"))


@pytest.mark.req("W2")
@pytest.mark.parametrize("body", named("understood"))
def test_what_can_mean_one_thing_only_is_understood(client: RelayClient, body: Json) -> None:
    answer = send(client, body["text"])

    assert answer.status in (200, 202), answer.body


@pytest.mark.req("W2")
@pytest.mark.parametrize("body", [b for b in named("understood") if "means" in b.values[0]])
def test_it_is_understood_as_what_it_stands_for(body: Json) -> None:
    sent, meant = read(body["text"]), read(body["means"])

    assert sent.spec == meant.spec
    assert sent.command == meant.command
    assert sent.context.session_id == meant.context.session_id
    assert sent.context.idempotency == meant.context.idempotency
    assert sent.notes
    assert not meant.notes


@pytest.mark.req("W2")
@pytest.mark.parametrize("body", named("repaired"))
def test_the_text_of_the_refusal_leads_to_a_second_try_that_succeeds(
    client: RelayClient, body: Json
) -> None:
    refusal = send(client, body["text"])
    assert 400 <= refusal.status < 500, refusal.body

    repaired = second_try(body["text"], refusal.body)

    assert repaired is not None, refusal.body
    answer = send(client, repaired)
    assert answer.status in (200, 202), (refusal.body, repaired, answer.body)


@pytest.mark.req("W2")
def test_of_the_bodies_nearly_all_are_understood_or_repaired() -> None:
    counts = Counter(body["outcome"] for body in BODIES)

    assert sum(counts.values()) >= 60
    assert counts["refused"] <= 0.05 * (counts["repaired"] + counts["refused"])
    assert len({body["name"] for body in BODIES}) == len(BODIES)


def read(text: str) -> Prepared:
    """The validated command of a body, as the door reads it; the key is the same for all."""
    event = proxy_event(text.encode())
    request = Request(
        method="POST",
        path="/webhook",
        headers={"content-type": event["headers"]["Content-Type"]},
        body=text.encode(),
        address=None,
        request_id="r",
        correlation_id="c",
    )
    body, notes = read_message(request, COMMAND_FIELDS)
    return prepare(
        CommandRequest(
            caller=CALLER,
            command=body["command"],
            session_id=body.get("session_id"),
            data=body.get("data") or {},
            request_id="r",
            correlation_id="c",
            idempotency_key="the same",
            lenient=True,
            notes=tuple(str(note) for note in notes),
        )
    )


@pytest.mark.req("W2")
@pytest.mark.parametrize("body", named("repaired"))
def test_a_refusal_shows_a_whole_request_that_would_be_accepted(
    client: RelayClient, body: Json
) -> None:
    problem = send(client, body["text"]).body

    assert json.dumps(problem["example"], ensure_ascii=False) in problem["remedy"]
    assert problem["example"].get("command") or problem["example"]["type"]
