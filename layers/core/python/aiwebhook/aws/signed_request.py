"""Signed POSTs to one AWS service over one kept-alive connection: what SQS, SNS, ECS, Secrets
Manager and Lambda need.

No boto3 (ADR 0011). Nothing is retried but a connection that turned out to be closed: callers hold
an outbox, a queue or a lease, so that a second try comes by itself and with its own back-off.
"""

from __future__ import annotations

import http.client
import json
import select
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from aiwebhook import observability
from aiwebhook.aws.environment import AwsEnvironment
from aiwebhook.aws.sigv4 import SigningScope, sign_post
from aiwebhook.clock import Clock, utc_now
from aiwebhook.error_codes import CODES
from aiwebhook.errors import Unavailable

TIMEOUT_S = 3.0  # per socket operation; the services answer in milliseconds or not at all
_RESPONSE_LIMIT = 7 * 1024 * 1024  # Lambda answers with up to 6 MB
_DENIED = frozenset(
    {
        "403",  # S3's HEAD has no body that would say more
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "KMS.AccessDeniedException",
        "KMSAccessDeniedException",
        "NotAuthorized",
        "UnauthorizedOperation",
    }
)
"""How services name a missing grant."""
_THROTTLED = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "KMSThrottl")


class AwsRefused(Unavailable):
    """The service answered with an error.

    `detail` names service, action and code only: AWS's own message may repeat the signed
    headers, token included. `aws_message` is that message, for callers who know that the code is
    a harmless one.
    """

    def __init__(self, service: str, action: str, status: int, fault: Mapping[str, Any]) -> None:
        kind = str(fault.get("__type") or fault.get("code") or f"HTTP {status}")
        self.aws_code = kind.rpartition("#")[2].partition(":")[0]
        self.aws_message = str(fault.get("message") or fault.get("Message") or "")
        self.fault = fault
        self.status = status
        self.throttled = status == 429 or any(mark in self.aws_code for mark in _THROTTLED)
        super().__init__(
            f"{service} refused {action}: {self.aws_code}.",
            code="aws_throttled" if self.throttled else "aws_refused",
        )


class AwsDenied(AwsRefused):
    """A grant is missing: waiting does not help, somebody must change the deployment. An answer
    that needs the call is a 500; what only follows a commit is left to the sweep, as always.
    """

    retryable = False

    def __init__(self, service: str, action: str, status: int, fault: Mapping[str, Any]) -> None:
        super().__init__(service, action, status, fault)
        self.code = "misconfigured"
        self.remedy = CODES[self.code].remedy
        observability.warning("aws denied", aws_service=service, action=action, code=self.aws_code)
        observability.count("aws_denied")  # what the alarm of the function looks at


def aws_refusal(service: str, action: str, status: int, fault: Mapping[str, Any]) -> AwsRefused:
    """The error of a service that said no."""
    error = AwsRefused(service, action, status, fault)
    return AwsDenied(service, action, status, fault) if error.aws_code in _DENIED else error


class AnswerLost(Unavailable):
    """The request was sent and no answer came: the service may have done what it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAnswer:
    """What a service answered; names of headers in any case."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class AwsClient:
    """Signs and sends. Raises AwsRefused when the service says no (AwsDenied: a grant is missing),
    Unavailable when it does not answer (AnswerLost: it had been asked).

    One request at a time; threads wait for each other.
    """

    def __init__(
        self,
        service: str,
        environment: AwsEnvironment,
        *,
        timeout_s: float = TIMEOUT_S,
        clock: Clock = utc_now,
    ) -> None:
        self._service = service
        self._environment = environment
        self._timeout_s = timeout_s
        self._clock = clock
        self._base = urlsplit(environment.endpoint(service))
        self._lock = Lock()
        self._connection: http.client.HTTPConnection | None = None

    def json(
        self, target: str, payload: Mapping[str, Any], *, version: str = "1.1"
    ) -> dict[str, Any]:
        """Call an operation of the AWS JSON protocol; `target` is `Prefix.Action`."""
        headers = {"Content-Type": f"application/x-amz-json-{version}", "X-Amz-Target": target}
        body = json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()
        answer = self.post(headers, body)
        document = answered_object(answer.body)
        if answer.status >= 300:
            action = target.rpartition(".")[2]
            raise aws_refusal(self._service, action, answer.status, document)
        return document

    def query(self, action: str, version: str, fields: Mapping[str, str]) -> str:
        """Call an operation of the AWS query protocol; the answer is XML."""
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        body = urlencode({"Action": action, "Version": version, **fields}).encode()
        answer = self.post(headers, body)
        text = answer.body.decode("utf-8", "replace")
        if answer.status >= 300:
            code = text.partition("<Code>")[2].partition("</Code>")[0]
            raise aws_refusal(self._service, action, answer.status, {"code": code})
        return text

    def close(self) -> None:
        """Drop the connection; the next request opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def post(
        self,
        headers: Mapping[str, str],
        body: bytes,
        *,
        path: str = "/",
        answer_s: float | None = None,
    ) -> AwsAnswer:
        """Whatever the service answers. `answer_s`: how long to wait for it, if not the client's
        own time. `path` is of characters that need no encoding.
        """
        signed = sign_post(
            {"Host": self._base.netloc, **headers},
            body,
            scope=SigningScope(service=self._service, region=self._environment.region, path=path),
            credentials=self._environment.credentials(),
            now=self._clock(),
        )
        request = _Request(path=path, headers=signed, body=body, answer_s=answer_s)
        with self._lock:
            try:
                return self._exchange(request)
            except (OSError, http.client.HTTPException) as exc:
                self.close()
                raise AnswerLost(self._silence(exc), code="aws_unavailable") from exc

    def _silence(self, exc: Exception) -> str:
        return f"{self._service} does not answer ({type(exc).__name__})."

    def _exchange(self, request: _Request) -> AwsAnswer:
        connection, reused = self._live_connection()
        try:
            response = _send(connection, request)
        except (ConnectionError, http.client.BadStatusLine):
            # The service closed an idle connection just now: it has not read the request, so that
            # sending it again is safe. A fresh connection that breaks is a real fault.
            if not reused:
                raise
            self.close()
            response = _send(self._live_connection()[0], request)
        body = response.read(_RESPONSE_LIMIT)
        if response.will_close or not response.isclosed():
            self.close()
        return AwsAnswer(status=response.status, headers=response.msg, body=body)

    def _live_connection(self) -> tuple[http.client.HTTPConnection, bool]:
        held = self._connection
        if held is not None and held.sock is not None and not _readable(held):
            return held, True
        self.close()
        host, port = self._base.hostname or "", self._base.port
        if self._base.scheme == "http":
            fresh = http.client.HTTPConnection(host, port, timeout=self._timeout_s)
        else:
            tls = _authorities(self._environment.ca_bundle)
            fresh = http.client.HTTPSConnection(host, port, timeout=self._timeout_s, context=tls)
        try:
            fresh.connect()
        except OSError as exc:
            fresh.close()
            raise Unavailable(self._silence(exc), code="aws_unavailable") from exc
        self._connection = fresh
        return fresh, False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """`answer_s`: how long to wait for the answer; None: as long as for anything else."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    answer_s: float | None


@cache
def _authorities(ca_bundle: str | None) -> ssl.SSLContext:
    """Reading them costs 10 ms of CPU: all connections of a process share them."""
    return ssl.create_default_context(cafile=ca_bundle)


def _readable(connection: http.client.HTTPConnection) -> bool:
    """An idle connection with something to read has been closed by the other side."""
    return bool(select.select([connection.sock], [], [], 0)[0])


def _send(connection: http.client.HTTPConnection, request: _Request) -> http.client.HTTPResponse:
    if request.answer_s is not None and connection.sock is not None:
        connection.sock.settimeout(request.answer_s)
    connection.request("POST", request.path, body=request.body, headers=dict(request.headers))
    return connection.getresponse()


def answered_object(answer: bytes) -> dict[str, Any]:
    """What an answer says; nothing where it is no JSON object."""
    try:
        document = json.loads(answer or b"{}")
    except ValueError:
        return {}
    return cast(dict[str, Any], document) if isinstance(document, dict) else {}
