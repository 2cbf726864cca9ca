"""Signed POSTs to one AWS service over one kept-alive connection: what SQS, SNS, ECS and
Secrets Manager need.

No boto3 (ADR 0011). Nothing is retried but a connection that turned out to be closed: callers hold
an outbox, a queue or a lease, so that a second try comes by itself and with its own back-off.
"""

from __future__ import annotations

import http.client
import json
import select
import ssl
from collections.abc import Mapping
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
_RESPONSE_LIMIT = 4 * 1024 * 1024
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


class AwsClient:
    """Signs and sends. Raises AwsRefused when the service says no (AwsDenied: a grant is missing),
    Unavailable when it does not answer.

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
        status, answer = self._post(headers, body)
        document = _json_object(answer)
        if status >= 300:
            raise aws_refusal(self._service, target.rpartition(".")[2], status, document)
        return document

    def query(self, action: str, version: str, fields: Mapping[str, str]) -> str:
        """Call an operation of the AWS query protocol; the answer is XML."""
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        body = urlencode({"Action": action, "Version": version, **fields}).encode()
        status, answer = self._post(headers, body)
        text = answer.decode("utf-8", "replace")
        if status >= 300:
            code = text.partition("<Code>")[2].partition("</Code>")[0]
            raise aws_refusal(self._service, action, status, {"code": code})
        return text

    def close(self) -> None:
        """Drop the connection; the next request opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _post(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        signed = sign_post(
            {"Host": self._base.netloc, **headers},
            body,
            scope=SigningScope(service=self._service, region=self._environment.region),
            credentials=self._environment.credentials(),
            now=self._clock(),
        )
        with self._lock:
            try:
                return self._exchange(signed, body)
            except (OSError, http.client.HTTPException) as exc:
                self.close()
                raise Unavailable(
                    f"{self._service} does not answer ({type(exc).__name__}).",
                    code="aws_unavailable",
                ) from exc

    def _exchange(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        connection, reused = self._live_connection()
        try:
            response = _send(connection, headers, body)
        except (ConnectionError, http.client.BadStatusLine):
            # The service closed an idle connection just now: it has not read the request, so that
            # sending it again is safe. A fresh connection that breaks is a real fault.
            if not reused:
                raise
            self.close()
            response = _send(self._live_connection()[0], headers, body)
        answer = response.read(_RESPONSE_LIMIT)
        if response.will_close or not response.isclosed():
            self.close()
        return response.status, answer

    def _live_connection(self) -> tuple[http.client.HTTPConnection, bool]:
        held = self._connection
        if held is not None and held.sock is not None and not _readable(held):
            return held, True
        self.close()
        host, port = self._base.hostname or "", self._base.port
        if self._base.scheme == "http":
            fresh = http.client.HTTPConnection(host, port, timeout=self._timeout_s)
        else:
            tls = ssl.create_default_context(cafile=self._environment.ca_bundle)
            fresh = http.client.HTTPSConnection(host, port, timeout=self._timeout_s, context=tls)
        self._connection = fresh
        return fresh, False


def _readable(connection: http.client.HTTPConnection) -> bool:
    """An idle connection with something to read has been closed by the other side."""
    return bool(select.select([connection.sock], [], [], 0)[0])


def _send(
    connection: http.client.HTTPConnection, headers: Mapping[str, str], body: bytes
) -> http.client.HTTPResponse:
    connection.request("POST", "/", body=body, headers=dict(headers))
    return connection.getresponse()


def _json_object(answer: bytes) -> dict[str, Any]:
    try:
        document = json.loads(answer or b"{}")
    except ValueError:
        return {}
    return cast(dict[str, Any], document) if isinstance(document, dict) else {}
