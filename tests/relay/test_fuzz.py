"""Whatever is sent, relay answers, and never with a 5xx."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiwebhook.commands.catalogue import CATALOGUE
from tests.relay.conftest import RelayClient
from tests.support.apigateway import proxy_event

FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
FIELDS = sorted({name for spec in CATALOGUE.values() for name in spec.code.model.model_fields})
DATA = st.dictionaries(st.sampled_from(FIELDS) | TEXT, JSON, max_size=6)
ENVELOPE = st.fixed_dictionaries(
    {"command": st.sampled_from(sorted(CATALOGUE)), "data": DATA},
    optional={"session_id": st.sampled_from(["s", "t"]) | JSON, "request_id": JSON, "type": JSON},
)


def answered(relay: RelayClient, body: bytes, headers: dict[str, str] | None = None) -> None:
    """Any answer but a 5xx; a refusal is a whole problem."""
    # A big bucket: the fuzz is about bodies.
    sent = {"Authorization": f"Bearer {relay.driver.key.key}", **(headers or {})}
    answer = relay.send(proxy_event(body, headers=sent))
    assert answer.status < 500, answer.body
    if answer.status >= 400:
        assert answer.body["status"] == answer.status
        assert answer.body["remedy"]


@pytest.fixture
def open_relay(relay: RelayClient) -> RelayClient:
    """Without a rate limit, with a session."""
    relay.driver.sql(
        "UPDATE api_keys SET rate_per_minute = 1000000, burst = 1000000"
        " WHERE project_id = %(project_id)s"
    )
    relay.driver.session("s")
    return relay


@pytest.mark.req("W2")
@FUZZ
@given(body=st.binary(max_size=300))
def test_any_bytes(open_relay: RelayClient, body: bytes) -> None:
    answered(open_relay, body)


@pytest.mark.req("W2")
@FUZZ
@given(body=JSON)
def test_any_json(open_relay: RelayClient, body: Any) -> None:
    answered(open_relay, json.dumps(body).encode())


@pytest.mark.req("W2")
@FUZZ
@given(body=ENVELOPE)
def test_any_command_with_any_fields(open_relay: RelayClient, body: Any) -> None:
    answered(open_relay, json.dumps(body).encode())


@pytest.mark.req("W2")
@FUZZ
@given(commands=st.lists(ENVELOPE | JSON, min_size=1, max_size=5), atomic=st.booleans())
def test_any_batch(open_relay: RelayClient, commands: list[Any], *, atomic: bool) -> None:
    data = {"commands": commands, "atomic": atomic}
    answered(open_relay, json.dumps({"command": "batch", "session_id": "s", "data": data}).encode())


@pytest.mark.req("W1", "W2")
@FUZZ
@given(
    headers=st.dictionaries(
        st.sampled_from(
            [
                "Authorization",
                "X-API-Key",
                "X-GitHub-Event",
                "X-Hub-Signature-256",
                "Content-Type",
                "Content-Encoding",
                "Idempotency-Key",
                "X-Correlation-Id",
            ]
        ),
        TEXT,
    )
)
def test_any_headers(open_relay: RelayClient, headers: dict[str, str]) -> None:
    body = {"command": "store_memory", "session_id": "s", "data": {"type": "idea", "content": "x"}}
    answered(open_relay, json.dumps(body).encode(), headers)
