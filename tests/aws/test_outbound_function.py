"""What calling `outbound` comes to: the receiver's doing is told from Lambda's and from ours."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from aiwebhook.aws import outbound_function
from aiwebhook.aws.outbound_function import (
    InvokedCallbackSender,
    InvokedDocumentReader,
    OutboundFunction,
)
from aiwebhook.aws.signed_request import AwsDenied
from aiwebhook.domain.delivery import Answered, DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.errors import Unavailable
from aiwebhook.ports.oauth import NoDocument
from tests.notifier.sending import any_callback
from tests.support.outbound import (
    NAME,
    Answers,
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
def test_a_missing_grant_is_told_as_one_whether_lambda_names_it_or_not(answers: Answers) -> None:
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


def test_a_document_that_nobody_could_ask_for_is_no_fault_of_the_client() -> None:
    with pytest.raises(Unavailable, match="lambda refused Invoke"):
        read_through(refused(429))


def test_no_secret_stands_in_what_is_logged_of_a_refusal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(Unavailable):
        send_through(refused(403, body=b'{"Message":"AKIATEST secret-canary v1,signature"}'))
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "outbound not called" in logged
    for canary in ("AKIATEST", "secret-canary", "v1,signature", URL):
        assert canary not in logged
