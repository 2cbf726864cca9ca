from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest

from aiwebhook.aws.blobs import away
from aiwebhook.aws.environment import AwsEnvironment, aws_environment
from aiwebhook.aws.signed_request import AwsClient, AwsDenied, AwsRefused
from aiwebhook.aws.sns import SnsPublisher
from aiwebhook.errors import ConfigurationError, Unavailable
from aiwebhook.problem import headers_of, problem_of
from tests.support.events import any_event

SECRET = "wJalrXUtnFEMI-the-secret"
TOKEN = "a-session-token-canary"


def environment(url: str) -> AwsEnvironment:
    return aws_environment(
        {
            "AWS_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "AKIATEST",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_SESSION_TOKEN": TOKEN,
        }
    )


def answer(status: int, body: str, *extra: str) -> bytes:
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *extra]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def service(serve: Callable[[socket.socket, int], None]) -> Generator[str]:
    """A loopback service; `serve(connection, number)` handles one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            for number in range(100):
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    serve(connection, number)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=10)


@pytest.mark.req("T3")
def test_one_connection_serves_many_requests() -> None:
    connections: list[int] = []

    def serve(connection: socket.socket, number: int) -> None:
        connections.append(number)
        for _ in range(3):
            read_request(connection)
            connection.sendall(answer(200, '{"a":1}'))

    with service(serve) as url:
        client = AwsClient("sqs", environment(url))
        answers = [client.json("X.Do", {}) for _ in range(3)]
        client.close()
    assert answers == [{"a": 1}] * 3
    assert connections == [0]


@pytest.mark.req("T3")
def test_a_connection_closed_while_idle_is_replaced_without_an_error() -> None:
    def serve(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(answer(200, f'{{"connection":{number}}}'))

    with service(serve) as url:
        client = AwsClient("sqs", environment(url))
        assert [client.json("X.Do", {})["connection"] for _ in range(3)] == [0, 1, 2]
        client.close()


@pytest.mark.req("T3")
def test_a_reused_connection_that_breaks_unanswered_is_tried_once_more() -> None:
    def serve(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(answer(200, f'{{"connection":{number}}}'))
        if number == 0:
            read_request(connection)  # and closes without an answer

    with service(serve) as url:
        client = AwsClient("sqs", environment(url))
        assert [client.json("X.Do", {})["connection"] for _ in range(2)] == [0, 1]
        client.close()


@pytest.mark.req("T3")
def test_a_fresh_connection_that_breaks_is_a_fault_and_not_tried_again() -> None:
    seen: list[int] = []

    def serve(connection: socket.socket, number: int) -> None:
        seen.append(number)
        read_request(connection)

    with service(serve) as url, pytest.raises(Unavailable) as failure:
        AwsClient("sqs", environment(url)).json("X.Do", {})
    assert seen == [0]
    assert failure.value.code == "aws_unavailable"


@pytest.mark.req("T3")
def test_a_service_that_does_not_answer_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Unavailable):
            AwsClient("sqs", environment(url), timeout_s=0.05).json("X.Do", {})


@pytest.mark.req("T3")
@pytest.mark.parametrize(
    ("status", "body", "code", "throttled"),
    [
        (400, '{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}', "QueueDoesNotExist", False),
        (400, '{"__type":"ThrottlingException","message":"slow"}', "ThrottlingException", True),
        (403, '{"__type":"AccessDeniedException"}', "AccessDeniedException", False),
        (500, "<html>oh</html>", "HTTP 500", False),
        (503, "", "HTTP 503", False),
        (400, "[1]", "HTTP 400", False),
        (429, "\x00", "HTTP 429", True),
    ],
)
def test_a_refusal_carries_the_code_of_the_service(
    status: int, body: str, code: str, throttled: bool
) -> None:
    def serve(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(answer(status, body, "Connection: close"))

    with service(serve) as url, pytest.raises(AwsRefused) as refusal:
        AwsClient("sqs", environment(url)).json("X.Do", {})
    assert refusal.value.aws_code == code
    assert refusal.value.throttled is throttled
    assert isinstance(refusal.value, Unavailable)


@pytest.mark.req("O3")
def test_no_message_repeats_what_was_signed() -> None:
    """AWS quotes the canonical request, token included, when a signature does not match."""

    def serve(connection: socket.socket, number: int) -> None:
        quoted = read_request(connection).decode("latin-1").replace('"', "").splitlines()
        message = "/".join(quoted)
        body = f'{{"__type":"InvalidSignatureException","message":"{message}"}}'
        connection.sendall(answer(403, body, "Connection: close"))

    with service(serve) as url, pytest.raises(AwsRefused) as refusal:
        AwsClient("sqs", environment(url)).json("X.Do", {})
    assert TOKEN in refusal.value.aws_message
    assert TOKEN not in str(refusal.value)
    assert TOKEN not in refusal.value.detail
    assert SECRET not in refusal.value.aws_message


@pytest.mark.req("O5")
def test_the_endpoint_of_a_service_goes_before_the_endpoint_of_all() -> None:
    env = {"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    assert aws_environment(env).endpoint("sqs") == "https://sqs.eu-central-1.amazonaws.com"
    everything = {**env, "AWS_ENDPOINT_URL": "http://one"}
    assert aws_environment(everything).endpoint("sqs") == "http://one"
    own = {**everything, "AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://two"}
    assert aws_environment(own).endpoint("secretsmanager") == "http://two"
    assert aws_environment(own).endpoint("sqs") == "http://one"


@pytest.mark.req("O4")
def test_a_missing_region_is_named() -> None:
    with pytest.raises(ConfigurationError, match="AWS_REGION"):
        aws_environment({})


@pytest.mark.req("O4")
@pytest.mark.parametrize(
    "code", ["AccessDenied", "com.x#AccessDeniedException", "AuthorizationError"]
)
def test_a_missing_grant_is_a_500_that_no_repetition_cures_and_is_counted(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def serve(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(answer(403, f'{{"__type":"{code}"}}', "Connection: close"))

    with service(serve) as url, pytest.raises(AwsDenied) as denied:
        AwsClient("sqs", environment(url)).json("X.Do", {})
    told = problem_of(denied.value, request_id="req_1")
    assert (told["status"], told["code"], told["retryable"]) == (500, "misconfigured", False)
    assert "Retry-After" not in headers_of(denied.value)
    assert '"aws_denied":[1.0]' in capsys.readouterr().out  # what the alarm looks at


@pytest.mark.req("O4")
def test_content_that_may_not_be_read_is_misconfigured_too() -> None:
    assert away("AccessDenied").code == "misconfigured"
    assert away("SlowDown").code == "aws_unavailable"


@pytest.mark.req("O4")
def test_an_event_that_may_not_be_published_stays_in_the_outbox() -> None:
    """Any other refusal gives it up, because it would be refused for ever."""

    def serve(connection: socket.socket, number: int) -> None:
        read_request(connection)
        body = "<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>"
        connection.sendall(answer(403, body, "Connection: close"))

    with service(serve) as url, pytest.raises(AwsDenied):
        SnsPublisher(AwsClient("sns", environment(url)), "arn:x").publish([any_event()])
