"""Whether a delivery is signed as its source signs. Pure; never raises, whatever a stranger sends.

Every live secret is tried, and compared in constant time, so that timing tells nothing about them.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiwebhook.domain.signature import SECRET_PREFIX, SignatureCheck, verify_github
from aiwebhook.domain.source import SourceKind, SourceRules

MAX_SIGNATURES = 16
"""In one header: each is compared with each live secret."""
_TIME = re.compile(r"[0-9]{9,11}", re.ASCII)
_WELL = SignatureCheck(valid=True, reason="signed")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedArrival:
    """What is to be checked. Names of headers are in lower case; `now_s` is seconds since 1970."""

    headers: Mapping[str, str] = field(repr=False)
    repeated: frozenset[str]
    body: bytes = field(repr=False)
    now_s: int


Verify = Callable[[SignedArrival, SourceRules, Sequence[str]], SignatureCheck]


def verify_source(
    kind: SourceKind, rules: SourceRules, secrets: Sequence[str], arrival: SignedArrival
) -> SignatureCheck:
    """Whether any of the live secrets signed it, in time."""
    if kind is SourceKind.NONE:
        return SignatureCheck(valid=True, reason="not signed, as agreed")
    secrets = [secret for secret in secrets if secret]  # an empty secret would be everybody's
    if not secrets:
        return _bad("the source has no secret yet")
    return _VERIFIERS[kind](arrival, rules, secrets)


def standard_key(secret: str) -> bytes | None:
    """The key of a secret of Standard Webhooks; None where it is none."""
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _github(arrival: SignedArrival, _rules: SourceRules, secrets: Sequence[str]) -> SignatureCheck:
    name = "x-hub-signature-256"
    if name in arrival.repeated:
        return _bad(f"{name} came more than once")
    return verify_github(arrival.body, arrival.headers.get(name), secrets)


def _standard(arrival: SignedArrival, rules: SourceRules, secrets: Sequence[str]) -> SignatureCheck:
    prefix = "webhook-" if "webhook-signature" in arrival.headers else "svix-"
    names = [f"{prefix}{part}" for part in ("id", "timestamp", "signature")]
    fault = _missing(arrival, names) or _untimely(arrival, names[1], rules.window_s)
    if fault:
        return _bad(fault)
    message_id, at, signatures = (arrival.headers[name] for name in names)
    if not message_id.isascii() or "." in message_id:
        return _bad(f"{names[0]} is malformed")
    given = [
        part.removeprefix("v1,")
        for part in signatures.split(" ")[: MAX_SIGNATURES + 1]
        if part.startswith("v1,")
    ]
    signed = f"{message_id}.{at}.".encode() + arrival.body
    keys = [key for key in map(standard_key, secrets) if key]
    wanted = [base64.b64encode(hmac.digest(key, signed, "sha256")) for key in keys]
    return _compared(given, wanted)


def _stripe(arrival: SignedArrival, rules: SourceRules, secrets: Sequence[str]) -> SignatureCheck:
    name = "stripe-signature"
    fault = _missing(arrival, [name])
    if fault:
        return _bad(fault)
    pairs = [part.strip().partition("=") for part in arrival.headers[name].split(",")[:64]]
    times = [value for key, _, value in pairs if key == "t"]
    given = [value for key, _, value in pairs if key == "v1"]
    if len(times) != 1:
        return _bad("stripe-signature has no single time")
    fault = _out_of_window(times[0], arrival.now_s, rules.window_s)
    if fault:
        return _bad(fault)
    signed = f"{times[0]}.".encode() + arrival.body
    return _compared(given, _hex(secrets, signed))


def _slack(arrival: SignedArrival, rules: SourceRules, secrets: Sequence[str]) -> SignatureCheck:
    names = ["x-slack-request-timestamp", "x-slack-signature"]
    fault = _missing(arrival, names) or _untimely(arrival, names[0], rules.window_s)
    if fault:
        return _bad(fault)
    at, given = (arrival.headers[name] for name in names)
    signed = f"v0:{at}:".encode() + arrival.body
    return _compared([given], [b"v0=" + each for each in _hex(secrets, signed)])


def _hmac(arrival: SignedArrival, rules: SourceRules, secrets: Sequence[str]) -> SignatureCheck:
    fault = _missing(arrival, [rules.header])
    if fault:
        return _bad(fault)
    given = arrival.headers[rules.header]
    if not given.startswith(rules.prefix):
        return _bad(f"{rules.header} has not the prefix that was agreed")
    given = given[len(rules.prefix) :]
    if rules.encoding == "hex":
        return _compared([given.lower()], _hex(secrets, arrival.body))
    macs = [hmac.digest(each.encode(), arrival.body, "sha256") for each in secrets]
    return _compared([given], [base64.b64encode(mac) for mac in macs])


_VERIFIERS: Mapping[SourceKind, Verify] = {
    SourceKind.GITHUB: _github,
    SourceKind.STANDARD_WEBHOOKS: _standard,
    SourceKind.STRIPE: _stripe,
    SourceKind.SLACK: _slack,
    SourceKind.HMAC: _hmac,
}


def _hex(secrets: Sequence[str], signed: bytes) -> list[bytes]:
    macs = (hmac.digest(each.encode(), signed, "sha256") for each in secrets)
    return [mac.hex().encode() for mac in macs]


def _compared(given: Sequence[str], wanted: Sequence[bytes]) -> SignatureCheck:
    if len(given) > MAX_SIGNATURES:
        return _bad(f"there are more than {MAX_SIGNATURES} signatures")
    signed = [each.encode("utf-8", "replace") for each in given]
    matches = [hmac.compare_digest(one, other) for one in signed for other in wanted]
    return _WELL if any(matches) else _bad("no live secret gives this signature")


def _missing(arrival: SignedArrival, names: Sequence[str]) -> str | None:
    for name in names:
        if not arrival.headers.get(name):
            return f"{name} is missing"
        if name in arrival.repeated:
            return f"{name} came more than once"
    return None


def _untimely(arrival: SignedArrival, name: str, window_s: int) -> str | None:
    return _out_of_window(arrival.headers[name], arrival.now_s, window_s)


def _out_of_window(text: str, now_s: int, window_s: int) -> str | None:
    if _TIME.fullmatch(text) is None:
        return "the signed time is not a whole number of seconds"
    if abs(now_s - int(text)) > window_s:
        return f"the signed time is more than {window_s} s away"
    return None


def _bad(reason: str) -> SignatureCheck:
    return SignatureCheck(valid=False, reason=reason)
