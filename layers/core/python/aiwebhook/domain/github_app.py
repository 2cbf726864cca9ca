"""What a GitHub App logs in with: a JSON Web Token, signed RS256 with its private key. Pure.

RS256 is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3, RFC 8017 §8.2): padding and one modular
power, which Python has. The key may be as GitHub gives it (PKCS #1) or wrapped (PKCS #8). What is
signed is ours alone, once in a few minutes and unseen from outside, so that the time a power takes
tells nobody anything (ADR 0035 has what a library would cost).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

_PEM = re.compile(
    rb"-----BEGIN (?:RSA )?PRIVATE KEY-----\s([A-Za-z0-9+/=\s]{100,8000})"
    rb"-----END (?:RSA )?PRIVATE KEY-----"
)
_SEQUENCE, _INTEGER, _OCTETS = 0x30, 0x02, 0x04
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""DigestInfo of SHA-256, before the digest (RFC 8017 §9.2)."""
_MIN_BITS, _MAX_BITS = 2048, 8192
_EARLIER_S = 60
"""GitHub refuses what begins in its future: clocks differ."""
_VALID_S = 540
"""GitHub takes at most ten minutes."""


class NotAPrivateKey(ValueError):
    """The text is no RSA private key in PEM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RsaKey:
    """A private key: modulus and exponents."""

    modulus: int
    public: int
    private: int = field(repr=False)


def app_token(app_id: str, key: bytes, now: datetime) -> str:
    """What the App of that id logs in with for nine minutes. Raises NotAPrivateKey."""
    at = int(now.timestamp())
    claims = {"iat": at - _EARLIER_S, "exp": at + _VALID_S, "iss": app_id}
    signed = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
    return f"{signed}.{_base64url(sign_rs256(read_rsa_key(key), signed.encode()))}"


def read_rsa_key(pem: bytes) -> RsaKey:
    """The key in PEM, PKCS #1 or PKCS #8. Raises NotAPrivateKey."""
    match = _PEM.search(pem)
    try:
        if match is None:
            raise NotAPrivateKey("there is no PEM of a private key")
        numbers = [*_integers(base64.b64decode(b"".join(match[1].split()), validate=True))]
        _, modulus, public, private = numbers[:4]
    except (ValueError, IndexError) as exc:
        raise NotAPrivateKey("it is no RSA private key in PEM") from exc
    if not _MIN_BITS <= modulus.bit_length() <= _MAX_BITS or not 1 < private < modulus:
        raise NotAPrivateKey(f"an RSA key has {_MIN_BITS} to {_MAX_BITS} bits")
    return RsaKey(modulus=modulus, public=public, private=private)


def sign_rs256(key: RsaKey, message: bytes) -> bytes:
    """The signature. Raises NotAPrivateKey where the numbers of the key do not belong together."""
    size = (key.modulus.bit_length() + 7) // 8
    info = _SHA256_INFO + hashlib.sha256(message).digest()
    padded = b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info
    number = int.from_bytes(padded)
    signature = pow(number, key.private, key.modulus)
    if pow(signature, key.public, key.modulus) != number:  # a wrong signature can tell the key
        raise NotAPrivateKey("the numbers of the key do not belong together")
    return signature.to_bytes(size)


def _integers(der: bytes) -> Iterator[int]:
    """The integers of a PKCS #1 key, which PKCS #8 has within an octet string."""
    items = [*_items(_items_of(der))]
    wrapped = [value for tag, value in items if tag == _OCTETS]
    if wrapped:
        items = [*_items(_items_of(wrapped[0]))]
    for tag, value in items:
        if tag == _INTEGER:
            yield int.from_bytes(value)


def _items_of(der: bytes) -> bytes:
    ((tag, value),) = _items(der)
    if tag != _SEQUENCE:
        raise NotAPrivateKey("it is no sequence")
    return value


def _items(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and value of each item. Raises IndexError for what is cut off."""
    at = 0
    while at < len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            octets = length & 0x7F
            length, at = int.from_bytes(der[at : at + octets]), at + octets
        if at + length > len(der):
            raise IndexError
        yield tag, der[at : at + length]
        at += length


def _part(value: Mapping[str, object]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
