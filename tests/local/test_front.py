"""The front: one port for people, closed to pages and strangers, patient with many callers."""

import contextlib
import hashlib
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import httpx
import psutil
import pytest

from tests.local.conftest import ToyStack


def raw(stack: ToyStack, request: bytes) -> bytes:
    """Send bytes as they are; returns the first line of the answer."""
    port = int(stack.info.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        return connection.recv(65536).partition(b"\r\n")[0]


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    """The answer is a problem with these, and all members of the format."""
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    members = {"type", "title", "status", "detail", "code", "retryable", "remedy", "request_id"}
    assert answer.json().keys() >= members


@pytest.mark.req("O5")
def test_short_paths_reach_the_functions(toy_stack: ToyStack) -> None:
    answer = toy_stack.client.get("/v1/things/a%20b?x=1&x=2&y=")

    assert answer.status_code == 200
    assert answer.json()["path"] == "/v1/things/a b"
    assert answer.json()["query"] == {"x": ["1", "2"], "y": [""]}
    assert toy_stack.client.get("/").json()["path"] == "/"


@pytest.mark.req("W1")
def test_a_function_gets_the_exact_bytes(toy_stack: ToyStack) -> None:
    body = bytes(range(256)) * 100

    answer = toy_stack.client.put("/v1/bytes", content=body)

    assert answer.json()["sha256"] == hashlib.sha256(body).hexdigest()


@pytest.mark.req("O5")
def test_a_problem_of_a_handler_passes_unchanged(toy_stack: ToyStack) -> None:
    answer = toy_stack.client.get("/v1/things?status=404")

    assert answer.status_code == 404
    assert answer.json()["path"] == "/v1/things"


@pytest.mark.req("O5")
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", ""])
def test_a_foreign_host_is_refused(toy_stack: ToyStack, host: str) -> None:
    answer = toy_stack.client.get("/v1/things", headers={"host": host})

    assert_problem(answer, 403, "foreign_host")


@pytest.mark.req("O5")
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
    ],
)
def test_a_page_of_another_origin_is_refused(toy_stack: ToyStack, headers: Any) -> None:
    answer = toy_stack.client.post("/v1/things", headers=headers)

    assert_problem(answer, 403, "foreign_origin")


@pytest.mark.req("O5")
def test_our_own_pages_may_call_us(toy_stack: ToyStack) -> None:
    headers = {"origin": toy_stack.info.url, "sec-fetch-site": "same-origin"}

    answer = toy_stack.client.post("/v1/things", headers=headers)

    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.req("O5")
def test_the_emulator_answers_to_the_stacks_own_token_only(toy_stack: ToyStack) -> None:
    session: Any = boto3.session.Session()
    stranger = session.client(
        "lambda",
        endpoint_url=toy_stack.info.url,
        region_name="us-east-1",
        aws_access_key_id="000000000000",
        aws_secret_access_key="local",
        aws_session_token="guessed",
    )

    # A function got the call, and knows nothing of functions.
    with contextlib.closing(stranger):
        assert "Functions" not in stranger.list_functions()
    assert toy_stack.client.post("/_ministack/reset").json()["path"] == "/_ministack/reset"
    assert toy_stack.info.aws.client("lambda").list_functions()["Functions"]


@pytest.mark.req("W6")
def test_a_caller_cannot_choose_its_address(toy_stack: ToyStack) -> None:
    answer = toy_stack.client.get("/v1/things", headers={"x-forwarded-for": "203.0.113.7"})

    assert answer.json()["source_ip"] == "127.0.0.1"


@pytest.mark.req("W6")
@pytest.mark.parametrize(
    ("size", "status"), [(4_000_000, 200), (4_823_450, 413), (10_000_000, 413), (11_000_000, 413)]
)
def test_bodies_have_the_limits_of_gateway_and_lambda(
    toy_stack: ToyStack, size: int, status: int
) -> None:
    answer = toy_stack.client.post("/v1/things", content=b"x" * size)

    assert answer.status_code == status
    if status == 413:
        assert_problem(answer, 413, "payload_too_large")
        assert "in chunks" in answer.json()["remedy"]


@pytest.mark.req("W6")
def test_a_body_of_unknown_length_is_counted(toy_stack: ToyStack) -> None:
    chunks = (b"x" * 1_000_000 for _ in range(12))

    assert toy_stack.client.post("/v1/things", content=chunks).status_code == 413


@pytest.mark.req("O5")
def test_a_crashed_function_is_a_bad_gateway_that_says_nothing_about_it(
    toy_stack: ToyStack,
) -> None:
    answer = toy_stack.client.get("/v1/crash")

    assert_problem(answer, 502, "function_failed")
    assert "secret detail" not in answer.text


@pytest.mark.req("O5")
@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /v1/\xff\xfe HTTP/1.1",
        b"GET /v1/%ff%fe?%ff=%zz&=&&a HTTP/1.1",
        b"GET /v1/x?\xc3\x28 HTTP/1.1",
        b"GET //webhook//.././../etc/passwd HTTP/1.1",
        b"GET /%00/%2e%2e/%2F HTTP/1.1",
        b"GET /restapis/aiwebhook/local/_user_request_/v1 HTTP/1.1",
        b"GET /_aws/execute-api/x/y/z HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"OPTIONS /v1/things HTTP/1.1",
        b"BREW /v1/things HTTP/1.1",
        b"GET http://127.0.0.1/absolute HTTP/1.1",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1",
        b"POST /v1/things HTTP/1.1\r\nContent-Length: -1",
        b"POST /v1/things HTTP/1.1\r\nContent-Length: many",
        b"POST /v1/things HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3",
        b"POST /v1/things HTTP/1.1\r\nContent-Length: 0\r\nContent-Encoding: gzip",
        b"GET /v1/things HTTP/1.1\r\nX-Odd: \xff\xfe",
        b"GET /v1/things HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=x",
        b"GET /v1/things HTTP/1.1\r\nAuthorization: Bearer Credential=/////",
        b"not even HTTP",
    ],
)
def test_odd_requests_get_no_server_error(toy_stack: ToyStack, request_line: bytes) -> None:
    host = toy_stack.info.url.removeprefix("http://").encode()
    rest = b"\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"

    status = raw(toy_stack, request_line + rest).split()[1]

    assert 200 <= int(status) < 500, status


@pytest.mark.req("O5")
def test_a_hundred_callers_queue_for_a_dozen_function_processes(toy_stack: ToyStack) -> None:
    def call(number: int) -> int:
        return client.get(f"/v1/things?number={number}").status_code

    limits = httpx.Limits(max_connections=100)
    client = httpx.Client(base_url=toy_stack.info.url, timeout=60, limits=limits)
    with client, ThreadPoolExecutor(100) as pool:
        statuses = list(pool.map(call, range(100)))

    assert statuses == [200] * 100
    front = psutil.Process(toy_stack.info.pids["front"])
    functions = [child for child in front.children() if "SessionApi" in child.cwd()]
    assert 0 < len(functions) <= 12


@pytest.mark.req("O5")
def test_long_polls_leave_the_places_of_other_requests_free(toy_stack: ToyStack) -> None:
    with ThreadPoolExecutor(13) as pool, toy_stack.own_client() as client:
        polls = [pool.submit(client.get, "/v1/slow?wait=2") for _ in range(13)]
        answered = client.get("/v1/things").status_code
        still_waiting = [poll for poll in polls if not poll.done()]
        assert (answered, bool(still_waiting)) == (200, True)
        assert {poll.result().status_code for poll in polls} == {200}


@pytest.mark.req("O5")
def test_a_connection_is_kept_for_many_requests(toy_stack: ToyStack) -> None:
    with toy_stack.own_client() as client:
        streams = [client.get("/v1/things").extensions["network_stream"] for _ in range(3)]
        ports = {stream.get_extra_info("client_addr") for stream in streams}

    assert len(ports) == 1
