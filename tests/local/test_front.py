"""The front: one port for people, closed to pages and strangers, patient with many callers."""

# reason: one front, one file of what it must stand

import contextlib
import hashlib
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import httpx
import psutil
import pytest

from aiwebhook.security_headers import SECURITY_HEADERS
from aiwebhook_local.function_call import INTEGRATION_LIMIT_S, FunctionCall
from tests.local.conftest import ToyStack
from tests.support.waiting import eventually


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
    assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
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
        assert_problem(answer, 413, "body_too_large")
        assert "in chunks" in answer.json()["remedy"]


@pytest.mark.req("W6")
@pytest.mark.parametrize(("size", "status"), [(9_000, 200), (10_300, 431)])
def test_headers_have_the_limit_of_the_gateway(toy_stack: ToyStack, size: int, status: int) -> None:
    answer = toy_stack.client.get("/v1/things", headers={"x-long": "x" * size})

    assert answer.status_code == status
    if status == 431:
        assert_problem(answer, 431, "headers_too_large")


@pytest.mark.req("W6")
@pytest.mark.parametrize(("size", "status"), [(4_700_000, 200), (4_720_000, 413)])
def test_answers_have_the_limit_of_lambda(toy_stack: ToyStack, size: int, status: int) -> None:
    """Six million bytes and some, of which base64 leaves four and a half."""
    answer = toy_stack.client.get(f"/v1/bytes?size={size}")

    assert answer.status_code == status
    if status == 413:
        assert_problem(answer, 413, "answer_too_large")
        assert "Ask for less" in answer.json()["remedy"]
    else:
        assert len(answer.content) == size


@pytest.mark.req("W6")
def test_a_function_may_work_as_long_as_the_gateway_waits_and_not_longer() -> None:
    """The time runs from its start: to wait for a free process is none of the function's."""
    in_time, late = FunctionCall(), FunctionCall(limit_s=0.0)
    for call in (in_time, late):
        process = subprocess.Popen(["sleep", "600"], text=True)
        with call.served_by(process):
            if call is in_time:
                process.kill()
            process.wait()

    assert (in_time.too_late, late.too_late) == (False, True)
    assert INTEGRATION_LIMIT_S == 29


@pytest.mark.slow
@pytest.mark.req("W6")
@pytest.mark.timeout(120)
def test_a_function_that_gives_no_answer_in_time_is_a_gateway_timeout(toy_stack: ToyStack) -> None:
    answer = toy_stack.client.get("/v1/slow?wait=60")

    assert_problem(answer, 504, "timeout")
    assert answer.headers["retry-after"] == "5"


@pytest.mark.req("W6")
def test_a_body_of_unknown_length_is_counted(toy_stack: ToyStack) -> None:
    chunks = (b"x" * 1_000_000 for _ in range(12))

    assert toy_stack.client.post("/v1/things", content=chunks).status_code == 413


@pytest.mark.req("O5")
def test_a_crashed_function_is_an_internal_error_that_says_nothing_about_it(
    toy_stack: ToyStack,
) -> None:
    answer = toy_stack.client.get("/v1/crash")

    assert_problem(answer, 500, "internal")
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


@pytest.mark.req("O5")
def test_descriptors_come_back_when_clients_close_their_connections(toy_stack: ToyStack) -> None:
    front = psutil.Process(toy_stack.info.pids["front"])
    port = int(toy_stack.info.url.rpartition(":")[2])
    ours = {connection.raddr for connection in front.net_connections() if connection.raddr}

    clients = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(50)]
    addresses = {client.getsockname() for client in clients}
    for client in clients:
        client.sendall(b"GET /nothing HTTP/1.1\r\nHost: elsewhere\r\n\r\n")
        assert client.recv(65536)
        client.close()

    def left() -> set[Any]:
        return {c.raddr for c in front.net_connections() if c.raddr} & addresses

    assert not ours & addresses
    eventually(lambda: not left(), within_s=40)  # of itself: 75 s


@pytest.mark.req("O5")
def test_the_process_of_an_abandoned_poll_ends(toy_stack: ToyStack, tmp_path: Path) -> None:
    front = psutil.Process(toy_stack.info.pids["front"])
    host, mark = toy_stack.info.url.removeprefix("http://"), tmp_path / "waits"
    address = ("127.0.0.1", int(host.rpartition(":")[2]))
    with socket.create_connection(address, timeout=30) as poll:
        request = f"GET /v1/slow?wait=25&mark={mark} HTTP/1.1\r\nHost: {host}\r\n\r\n"
        poll.sendall(request.encode())
        eventually(mark.exists)
        working = set(front.children())

    eventually(lambda: working - set(front.children()), within_s=20)  # of itself: 25 s


CLIENTS = 60


@pytest.mark.req("O5")
def test_functions_heal_when_their_processes_die_as_they_start(toy_stack: ToyStack) -> None:
    def ask() -> None:
        while not enough.is_set():
            statuses.append(client.get("/v1/things").status_code)

    front = psutil.Process(toy_stack.info.pids["front"])
    statuses: list[int] = []
    enough = threading.Event()
    with toy_stack.own_client() as client, ThreadPoolExecutor(CLIENTS) as pool:
        asking = [pool.submit(ask) for _ in range(CLIENTS)]
        killed: set[int] = set()

        def kill_a_new_one() -> bool:
            for child in processes_of(front):
                if child.pid not in killed:
                    killed.add(child.pid)
                    with contextlib.suppress(psutil.Error):
                        child.kill()
            return len(killed) >= 20

        eventually(kill_a_new_one, within_s=60)
        healed_from = len(statuses)
        eventually(lambda: statuses[healed_from:].count(200) >= 40, within_s=60)
        enough.set()
        for asker in asking:
            asker.result()

    assert set(statuses) <= {200, 503}
    # However many have started: they share what they run.
    temporary = toy_stack.info.home.temporary
    assert len(list(temporary.glob("function-*SessionApi*"))) == 1


def processes_of(front: psutil.Process) -> list[psutil.Process]:
    """The function's, those that start included."""
    found = list[psutil.Process]()
    for child in front.children():
        with contextlib.suppress(psutil.Error):
            if "SessionApi" in " ".join(child.cmdline()):
                found.append(child)
    return found
