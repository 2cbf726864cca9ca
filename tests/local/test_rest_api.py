"""API Gateway's part: where a request goes, as which event, and what its result means."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from aiwebhook_local.functions.rest_api import (
    ApiRequest,
    Arrival,
    MalformedReply,
    Route,
    event_of,
    match,
    reply_of,
)

pytestmark = pytest.mark.req("O5")

ROUTES = [
    Route(path="/{proxy+}", functions={"ANY": "rest"}),
    Route(path="/", functions={"GET": "root"}),
    Route(path="/webhook", functions={"POST": "relay"}),
    Route(path="/v1/{id}", functions={"ANY": "one"}),
    Route(path="/v1/{id}/{more+}", functions={"ANY": "below"}),
    Route(path="/v1/commands", functions={"ANY": "commands"}),
    Route(path="/v1", functions={}),
]
ARRIVAL = Arrival(
    request_id="id",
    at=datetime(2026, 11, 29, 6, 30, tzinfo=UTC),
    account="000000000000",
    api_id="aiwebhook",
    stage="local",
)


def any_request(**changes: Any) -> ApiRequest:
    """A request whose parts do not matter."""
    parts: dict[str, Any] = {
        "method": "GET",
        "path": "/any",
        "query": b"",
        "headers": (),
        "body": b"",
        "address": "127.0.0.1",
    }
    return ApiRequest(**(parts | changes))


@pytest.mark.parametrize(
    ("method", "path", "function", "parameters"),
    [
        ("GET", "/", "root", {}),
        ("POST", "/webhook", "relay", {}),
        ("POST", "//webhook/", "relay", {}),
        # A resource keeps only the methods that it serves.
        ("GET", "/webhook", "rest", {"proxy": "webhook"}),
        ("GET", "/v1", "rest", {"proxy": "v1"}),
        ("GET", "/v1/commands", "commands", {}),
        ("GET", "/v1/a b", "one", {"id": "a b"}),
        ("GET", "/v1/a/b/c", "below", {"id": "a", "more": "b/c"}),
        ("PUT", "/x/y", "rest", {"proxy": "x/y"}),
    ],
)
def test_the_most_specific_route_that_serves_the_method_is_taken(
    method: str, path: str, function: str, parameters: dict[str, str]
) -> None:
    found = match(ROUTES, method, path)

    assert found is not None
    assert (found.function, found.parameters) == (function, parameters)


def test_what_no_route_serves_is_found_by_none() -> None:
    assert match(ROUTES, "POST", "/") is None


def event(**changes: Any) -> dict[str, Any]:
    """The event of a request."""
    found = match(ROUTES, "PUT", "/any")
    assert found is not None
    return event_of(any_request(**changes), found, ARRIVAL)


def test_an_event_lists_every_value_of_a_header_and_names_the_last() -> None:
    several = (b"x-a", b"1"), (b"x-b", b"\xc3\xa4"), (b"x-a", b"2"), (b"x-c", b"\xff")

    made = event(headers=several)

    assert made["headers"] == {"x-a": "2", "x-b": "ä", "x-c": "ÿ"}
    assert made["multiValueHeaders"] == {"x-a": ["1", "2"], "x-b": ["ä"], "x-c": ["ÿ"]}


def test_an_event_lists_every_value_of_a_query_and_names_the_last() -> None:
    made = event(query=b"a=1&b=&a=%20")

    assert made["queryStringParameters"] == {"a": " ", "b": ""}
    assert made["multiValueQueryStringParameters"] == {"a": ["1", " "], "b": [""]}


def test_an_event_has_no_empty_maps_and_no_empty_body() -> None:
    made = event()

    names = ("queryStringParameters", "multiValueQueryStringParameters", "body")
    assert [made[name] for name in names] == [None, None, None]
    assert made["isBase64Encoded"] is False


def test_an_event_has_every_byte_of_the_body() -> None:
    body = bytes(range(256))

    made = event(body=body)

    assert made["isBase64Encoded"] is True
    assert base64.b64decode(made["body"]) == body


def test_an_event_says_when_and_from_where() -> None:
    context = event(address="203.0.113.7")["requestContext"]

    assert context["identity"]["sourceIp"] == "203.0.113.7"
    assert context["requestTime"] == "29/Nov/2026:06:30:00 +0000"
    assert context["requestTimeEpoch"] == 1_795_933_800_000


def test_a_reply_has_the_headers_of_both_maps_and_json_for_a_type() -> None:
    returned = {
        "statusCode": "201",
        "headers": {"X-A": 1, "Set-Cookie": "lost"},
        "multiValueHeaders": {"set-cookie": ["a=1", "b=2"]},
        "body": "ä",
    }

    reply = reply_of(json.dumps(returned).encode(), ARRIVAL)

    assert (reply.status, reply.body) == (201, "ä".encode())
    assert reply.headers == (
        (b"content-type", b"application/json"),
        (b"x-a", b"1"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"x-amzn-requestid", b"id"),
    )


@pytest.mark.parametrize(
    "returned",
    [
        *("null", '"text"', "[1]", "{}", '{"statusCode": "x"}', '{"statusCode": 200, "body": 1}'),
        '{"statusCode": 200, "headers": [1]}',
        '{"statusCode": 200, "body": "%", "isBase64Encoded": true}',
    ],
)
def test_what_is_no_reply_is_malformed(returned: str) -> None:
    with pytest.raises(MalformedReply):
        reply_of(returned.encode(), ARRIVAL)
