"""What is done with a delivery: shown, forwarded byte for byte, or given to a program."""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiwebhook.client.wire import BadAddress, ClientRequest, Wire, WireError
from aiwebhook.errors import Invalid

Json = dict[str, Any]
TIMEOUT_S = 30.0
_NOT_PASSED_ON = frozenset(
    {
        *("connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate"),
        *("te", "trailer", "transfer-encoding", "upgrade", "via", "x-amzn-trace-id"),
        *("x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "cloudfront-viewer-country"),
    }
)
"""What belongs to one hop, or was added on the way."""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_ENDS_A_LINE = re.compile(r"[\r\n\0]")

_AWAY: Mapping[str, str] = {
    "ConnectionRefusedError": "nothing listens there",
    "gaierror": "its name is not known",
    "TimeoutError": "it does not answer in time",
}
"""What a name of the wire's errors means to whoever watches."""


class Verdict(StrEnum):
    """What became of a try."""

    DONE = "done"
    """It is where it belongs."""
    REFUSED = "refused"
    """Trying again changes nothing: 3xx and 4xx."""
    BROKEN = "broken"
    """It failed; a few tries may help: 5xx, or a program that exits with another code than 0."""
    AWAY = "away"
    """There is nobody: the delivery, and all behind it, wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """How a try ended, and why, in a few words."""

    verdict: Verdict
    reason: str


HandOn = Callable[[Json], Attempted]


def delivery_content(delivery: Json) -> bytes:
    """The exact bytes."""
    return base64.b64decode(delivery["body_base64"])


class Forwarder:
    """Posts a delivery to a URL of this machine, as it came: method, path behind the
    source's, headers, bytes.
    """

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        """Raises Invalid for what is no HTTP address."""
        try:
            self._wire = Wire(url)
        except BadAddress as exc:
            raise Invalid(f"'{url}' is no HTTP address.", code="usage") from exc
        self._timeout_s = timeout_s

    def close(self) -> None:
        """Close the connections that are kept."""
        self._wire.close()

    def __call__(self, delivery: Json) -> Attempted:
        request = ClientRequest(
            method=delivery["method"],
            target=delivery["path"],
            headers=forwarded_headers(delivery),
            body=delivery_content(delivery),
            timeout_s=self._timeout_s,
        )
        try:
            status = self._wire.exchange(request).status
        except WireError as exc:
            reason = _AWAY.get(str(exc), f"no whole answer ({exc})")
            return Attempted(verdict=Verdict.AWAY, reason=reason)
        return Attempted(verdict=verdict_of(status), reason=f"HTTP {status}")


def verdict_of(status: int) -> Verdict:
    """What an answer of the target means."""
    if status in (408, 425, 429):  # not yet
        return Verdict.AWAY
    if status >= 500:
        return Verdict.BROKEN
    return Verdict.DONE if 200 <= status < 300 else Verdict.REFUSED


def forwarded_headers(delivery: Json) -> Mapping[str, str]:
    """The original ones, but for those of a hop; and the id here, to tell a repeat by."""
    given: Mapping[str, str] = delivery["headers"]
    kept = {
        name: value.encode("utf-8", "replace").decode("latin-1")
        for name, value in given.items()
        if name not in _NOT_PASSED_ON and _NAME.fullmatch(name) and not _ENDS_A_LINE.search(value)
    }
    return {**kept, "x-aiwebhook-delivery": delivery["delivery_id"]}


class Executor:
    """Runs a program for each delivery: its bytes on standard input, what it is about
    in the environment.
    """

    def __init__(self, words: Sequence[str], environ: Mapping[str, str]) -> None:
        self._words, self._environ = words, environ

    def __call__(self, delivery: Json) -> Attempted:
        told = {
            f"AIWEBHOOK_{name.upper()}": str(delivery[name])
            for name in ("delivery_id", "source", "event", "action", "repository", "guid")
            if delivery[name] is not None and "\0" not in str(delivery[name])
        }
        try:
            done = subprocess.run(
                self._words,
                input=delivery_content(delivery),
                env={**self._environ, **told},
                check=False,
            )
        except OSError as exc:
            raise Invalid(
                f"'{self._words[0]}' cannot be run: {exc.strerror}.", code="usage"
            ) from exc
        if done.returncode == 0:
            return Attempted(verdict=Verdict.DONE, reason="exit 0")
        return Attempted(verdict=Verdict.BROKEN, reason=f"exit {done.returncode}")


def only_shown(_delivery: Json) -> Attempted:
    """Whoever only looks has done with it."""
    return Attempted(verdict=Verdict.DONE, reason="shown")
