"""What calling `outbound` comes to: the receiver's doing is told from Lambda's and from ours."""

from __future__ import annotations

import base64
import random
import socket
import threading
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from aiwebhook.aws import outbound_function
from aiwebhook.aws.outbound_function import (
    InvokedApiExchange,
    InvokedCallbackSender,
    InvokedDocumentReader,
    OutboundFunction,
)
from aiwebhook.aws.signed_request import AwsDenied
from aiwebhook.domain.delivery import Answered, DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.errors import Unavailable
from aiwebhook.outbound.api_exchange import HttpApiExchange
from aiwebhook.ports.exchange import api_answer_of
from aiwebhook.ports.oauth import NoDocument
from aiwebhook.ports.reconciliation import ApiAnswer, NoApiAnswer, OutboundRequest
from tests.notifier.sending import any_callback
from tests.support.loopback import Service, headers_of, read_request, service
from tests.support.outbound import (
    NAME,
    Answers,
    OutboundByJson,
    Reply,
    always,
    environment_at,
    failure,
    lambda_double,
    result,
)

pytestmark = pytest.mark.req("N3")
DELIVERED: Mapping[str, object] = {"status": 204, "retry_after": None, "snippet": ""}
URL = "https://hooks.example.com/"


def send_through(answers: Answers) -> SendOutcome:
    with lambda_double(answers) as double:
        function = OutboundFunction(environment_at(double.url), NAME)
        try:
            return InvokedCallbackSender(function).send(any_callback(URL), within_s=5)
        finally:
            function.close()


def refused(status: int, kind: str = "", body: bytes = b"{}") -> Answers:
    return always((status, {"X-Amzn-ErrorType": kind} if kind else {}, body))


def test_the_event_has_the_exact_bytes_and_the_function_is_called_by_its_name() -> None:
    with lambda_double(always(result(DELIVERED))) as double:
        function = OutboundFunction(environment_at(double.url), NAME)
        outcome = InvokedCallbackSender(function).send(
            any_callback(URL, b'{"say":"\xc3\xa9\x00"}'), within_s=5
        )
        function.close()
    assert outcome == Answered(status=204)
    assert double.paths == [f"/2015-03-31/functions/{NAME}/invocations"]
    assert double.events == [
        {
            "kind": "callback",
            "url": URL,
            "headers": {"webhook-id": "dlv_1"},
            "body": "eyJzYXkiOiLDqQAifQ==",
            "within_s": 5,
        }
    ]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (refused(429, "TooManyRequestsException"), "aws_throttled"),
        (refused(429), "aws_throttled"),
        (refused(404, "ResourceNotFoundException"), "aws_refused"),
        (refused(500, "ServiceException"), "aws_refused"),
        (refused(502, body=b"<html>"), "aws_refused"),
        (refused(503), "aws_refused"),
        (always(failure("Runtime.ImportModuleError", "no module")), "aws_unavailable"),
        (always(failure("Runtime.ExitError", "Runtime exited")), "aws_unavailable"),
        (always(failure("Runtime.OutOfMemory")), "aws_unavailable"),
    ],
)
def test_a_call_that_lambda_refuses_says_nothing_of_the_receiver(
    answers: Answers, code: str
) -> None:
    with pytest.raises(Unavailable) as refusal:
        send_through(answers)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "answers",
    [
        refused(403),
        refused(
            403, body=b'{"Message":"User is not authorized to perform: lambda:InvokeFunction"}'
        ),
        refused(403, "AccessDeniedException"),
        refused(403, "AccessDeniedException:http://internal.amazon.com/coral/"),
    ],
)
def test_a_missing_grant_is_reported_as_one_whether_lambda_names_it_or_not(
    answers: Answers,
) -> None:
    with pytest.raises(AwsDenied) as denied:
        send_through(answers)
    assert denied.value.code == "misconfigured"


def test_nobody_there_says_nothing_of_the_receiver() -> None:
    function = OutboundFunction(environment_at("http://127.0.0.1:1"), NAME)
    with pytest.raises(Unavailable) as away:
        InvokedCallbackSender(function).send(any_callback(URL), within_s=5)
    assert away.value.code == "aws_unavailable"


@pytest.mark.parametrize(
    "answers",
    [
        always(
            failure("Sandbox.Timedout", "RequestId: 1 Error: Task timed out after 20.00 seconds")
        ),
        always((200, {"X-Amz-Function-Error": "Unhandled"}, b'{"errorMessage":"Task timed out"}')),
    ],
)
def test_what_nobody_knows_the_end_of_is_a_timeout(answers: Answers) -> None:
    outcome = send_through(answers)
    assert isinstance(outcome, DeliveryUnanswered)
    assert outcome.fault is SendFailure.TIMEOUT


def test_an_answer_that_never_comes_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound_function, "MARGIN_S", 0.2)
    over = threading.Event()

    def silent(_event: object) -> Reply:
        over.wait(30)
        return result(DELIVERED)

    with lambda_double(silent) as double:
        function = OutboundFunction(environment_at(double.url), NAME)
        outcome = InvokedCallbackSender(function).send(any_callback(URL), within_s=0.1)
        over.set()
        function.close()
    assert isinstance(outcome, DeliveryUnanswered)
    assert outcome.fault is SendFailure.TIMEOUT


def test_calls_do_not_wait_for_each_other_and_connections_are_used_again() -> None:
    meeting = threading.Barrier(4, timeout=10)

    def together(_event: object) -> Reply:
        meeting.wait()
        return result(DELIVERED)

    with lambda_double(together) as double, ThreadPoolExecutor(4) as pool:
        function = OutboundFunction(environment_at(double.url), NAME)
        sender = InvokedCallbackSender(function)

        def send(_n: int) -> SendOutcome:
            return sender.send(any_callback(URL), within_s=5)

        for _ in range(2):
            assert list(pool.map(send, range(4))) == [Answered(status=204)] * 4
        assert len({double.clients[at] for at in range(8)}) == 4
        function.close()


def read_through(answers: Answers) -> bytes | NoDocument:
    with lambda_double(answers) as double:
        function = OutboundFunction(environment_at(double.url), NAME)
        try:
            return InvokedDocumentReader(function).read(URL, limit=10)
        finally:
            function.close()


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (result({"body": "YQ=="}), b"a"),
        (result({"reason": "it is larger"}), NoDocument(reason="it is larger")),
        (failure("Sandbox.Timedout"), NoDocument(reason="its server could not be asked in time")),
    ],
)
def test_a_document_comes_back_or_the_reason(reply: Reply, found: bytes | NoDocument) -> None:
    assert read_through(always(reply)) == found


def test_a_document_that_could_not_be_requested_is_not_the_clients_fault() -> None:
    with pytest.raises(Unavailable, match="lambda refused Invoke"):
        read_through(refused(429))


def asked_through(body: bytes, *, limit: int) -> ApiAnswer | NoApiAnswer:
    """An API on a loopback port, by way of outbound."""

    def serve(it: Service, connection: socket.socket) -> None:
        it.requests.append(read_request(connection))
        head = f"HTTP/1.1 200 X\r\nContent-Length: {len(body)}\r\nLink: <next>\r\n\r\n"
        connection.sendall(head.encode() + body)

    function = OutboundByJson(apis=HttpApiExchange(allow_loopback=True))
    with service(serve) as api:
        request = OutboundRequest(
            method="POST", url=f"{api.url}/hooks/1", headers={"authorization": "Bearer t"}
        )
        answer = InvokedApiExchange(function).exchange(request, limit=limit)
    [sent] = api.requests
    assert sent.startswith(b"POST /hooks/1 HTTP/1.1\r\n")
    assert headers_of(sent)["authorization"] == "Bearer t"
    return answer


@pytest.mark.parametrize("body", [b"", b"[]", bytes(range(256)), b'{"a": 1}' * 3_000_000])
def test_what_an_api_answered_comes_back_byte_for_byte(body: bytes) -> None:
    """Also what would be four times too large for an answer of Lambda's."""
    answer = asked_through(body, limit=len(body))
    assert isinstance(answer, ApiAnswer)
    assert (answer.status, answer.headers["link"], answer.body) == (200, "<next>", body)


@pytest.mark.parametrize(
    ("body", "limit"), [(b"x" * 1001, 1000), (random.Random(1).randbytes(5_000_000), 10_000_000)]
)
def test_what_is_too_large_is_a_reason(body: bytes, limit: int) -> None:
    assert isinstance(asked_through(body, limit=limit), NoApiAnswer)


def test_no_more_is_unpacked_than_was_asked_for() -> None:
    packed = base64.b64encode(zlib.compress(b"x" * 1001)).decode()
    with pytest.raises(ValueError, match="more came back"):
        api_answer_of({"status": 200, "headers": {}, "packed": packed}, limit=1000)


def test_the_log_of_a_refusal_contains_no_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(Unavailable):
        send_through(refused(403, body=b'{"Message":"AKIATEST secret-canary v1,signature"}'))
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "outbound not called" in logged
    for canary in ("AKIATEST", "secret-canary", "v1,signature", URL):
        assert canary not in logged
