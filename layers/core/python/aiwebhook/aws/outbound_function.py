"""Strangers' servers, reached by way of the function `outbound`, which stands outside the VPC
(ADR 0033): CallbackSender and DocumentReader for those inside.

What is ours to blame is told from what the stranger did: a call that Lambda refuses, or a function
that does not start, raises Unavailable and says nothing about the receiver.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from queue import Empty, SimpleQueue
from typing import Any

from aiwebhook import observability
from aiwebhook.aws.environment import AwsEnvironment
from aiwebhook.aws.signed_request import (
    AnswerLost,
    AwsAnswer,
    AwsClient,
    answered_object,
    aws_refusal,
)
from aiwebhook.domain.delivery import DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.errors import Unavailable
from aiwebhook.ports.deliveries import Callback
from aiwebhook.ports.exchange import (
    API_S,
    api_answer_of,
    api_event,
    callback_event,
    document_event,
    document_of,
    outcome_of,
)
from aiwebhook.ports.oauth import DOCUMENT_S, NoDocument
from aiwebhook.ports.reconciliation import ApiAnswer, NoApiAnswer, OutboundRequest

MARGIN_S = 8.0
"""Beside the exchange itself: the start of a process, and Lambda's own time."""
_TIMED_OUT = "Sandbox.Timedout"
_TIMED_OUT_TEXT = "Task timed out"  # of Lambda's documents without an errorType


class ExchangeLost(Exception):
    """The function was called, and nobody knows what the exchange came to."""


class OutboundFunction:
    """Calls the function, over as many connections as there are calls at once. Thread-safe."""

    def __init__(self, environment: AwsEnvironment, function_name: str) -> None:
        """Nothing is connected before the first call."""
        self._environment = environment
        self._path = f"/2015-03-31/functions/{function_name}/invocations"
        self._idle: SimpleQueue[AwsClient] = SimpleQueue()

    def exchange(self, event: Mapping[str, Any], *, within_s: float) -> dict[str, Any]:
        """One exchange of at most that time, and its outcome. Raises Unavailable when there was
        none, ExchangeLost when that is not known.
        """
        try:
            client = self._idle.get_nowait()
        except Empty:
            client = AwsClient("lambda", self._environment)
        try:
            answer = client.post(
                {"Content-Type": "application/json"},
                json.dumps(event, separators=(",", ":")).encode(),
                path=self._path,
                answer_s=within_s + MARGIN_S,
            )
        except AnswerLost as exc:
            raise ExchangeLost("outbound did not answer") from exc
        except Unavailable as exc:
            _tell(exc)
            raise
        finally:
            self._idle.put(client)
        return _outcome(answer)

    def close(self) -> None:
        """Drop the connections; the next calls open new ones."""
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return


class InvokedCallbackSender:
    """Has `outbound` send. Raises Unavailable when nothing was sent for a reason of ours."""

    def __init__(self, function: OutboundFunction) -> None:
        self._function = function

    def send(self, callback: Callback, *, within_s: float) -> SendOutcome:
        """POST once. What nobody knows the end of counts as a timeout: the receiver gets it again,
        under the same id.
        """
        event = callback_event(callback, within_s=within_s)
        try:
            return outcome_of(self._function.exchange(event, within_s=within_s))
        except ExchangeLost as exc:
            return DeliveryUnanswered(fault=SendFailure.TIMEOUT, detail=str(exc))


class InvokedDocumentReader:
    """Has `outbound` read. Raises Unavailable when nothing was asked for a reason of ours."""

    def __init__(self, function: OutboundFunction) -> None:
        self._function = function

    def read(self, url: str, *, limit: int) -> bytes | NoDocument:
        """The document, or why there is none."""
        try:
            answer = self._function.exchange(document_event(url, limit=limit), within_s=DOCUMENT_S)
        except ExchangeLost:
            return NoDocument(reason="its server could not be asked in time")
        return document_of(answer)


class InvokedApiExchange:
    """Has `outbound` ask. Raises Unavailable when nothing was asked for a reason of ours."""

    def __init__(self, function: OutboundFunction) -> None:
        self._function = function

    def exchange(self, request: OutboundRequest, *, limit: int) -> ApiAnswer | NoApiAnswer:
        """The answer, or why there is none; then the request may have been received."""
        event = api_event(request, limit=limit)
        try:
            return api_answer_of(self._function.exchange(event, within_s=API_S), limit=limit)
        except ExchangeLost:
            return NoApiAnswer(reason="nobody knows what it answered")


def _outcome(answer: AwsAnswer) -> dict[str, Any]:
    document = answered_object(answer.body)
    if answer.status >= 300:
        raise _refusal(answer, document)
    if "X-Amz-Function-Error" not in answer.headers:
        return document
    kind = str(document.get("errorType", "unknown"))
    if kind == _TIMED_OUT or _TIMED_OUT_TEXT in str(document.get("errorMessage", "")):
        raise ExchangeLost("outbound was ended in the middle")
    # It did not start, or was ended by its memory's limit: its handler reports everything else as
    # an outcome, so that a receiver cannot bring this about.
    failed = Unavailable(f"outbound failed: {kind}.", code="aws_unavailable")
    _tell(failed)
    raise failed


def _refusal(answer: AwsAnswer, document: Mapping[str, Any]) -> Unavailable:
    """Lambda names an error in a header, or nowhere: then its status must do."""
    named = answer.headers.get("X-Amzn-ErrorType") or document.get("__type") or document.get("Code")
    message = document.get("message") or document.get("Message") or ""
    code = str(named or answer.status)
    refusal = aws_refusal("lambda", "Invoke", answer.status, {"code": code, "message": message})
    _tell(refusal)
    return refusal


def _tell(error: Unavailable) -> None:
    observability.warning("outbound not called", code=error.code, detail=error.detail)
    observability.count("outbound_not_called")
