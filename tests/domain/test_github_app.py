"""What a GitHub App logs in with, checked by another implementation."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import PrivateFormat

from aiwebhook.domain.github_app import NotAPrivateKey, RsaKey, app_token, read_rsa_key, sign_rs256
from tests.support.rsa_keys import rsa_key, rsa_pem

pytestmark = pytest.mark.req("W7")
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("bits", [2048, 3072])
@pytest.mark.parametrize("form", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
def test_a_token_is_signed_with_the_key_of_the_app(form: PrivateFormat, bits: int) -> None:
    token = app_token("Iv1.12", rsa_pem(form, bits), NOW)
    head, claims, signature = token.split(".")
    rsa_key(bits).public_key().verify(
        part(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256()
    )
    assert json.loads(part(head)) == {"alg": "RS256", "typ": "JWT"}
    at = int(NOW.timestamp())
    assert json.loads(part(claims)) == {"iat": at - 60, "exp": at + 540, "iss": "Iv1.12"}


def test_signatures_of_many_messages_are_those_of_the_library() -> None:
    key = read_rsa_key(rsa_pem())
    for number in range(50):
        message = b"message %d" % number
        assert sign_rs256(key, message) == rsa_key(2048).sign(message, PKCS1v15(), SHA256())


def test_a_key_that_windows_wrote_is_read() -> None:
    assert read_rsa_key(rsa_pem().replace(b"\n", b"\r\n")) == read_rsa_key(rsa_pem())


NO_KEYS: Mapping[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "words": lambda: b"no key",
    "a public key": lambda: rsa_pem().replace(b"RSA PRIVATE", b"PUBLIC"),
    "no DER": lambda: _pem(b"A" * 200),
    "endless lengths": lambda: _pem(b"//8" * 80 + b"="),
    "cut off": lambda: rsa_pem()[:600],
    "cut off within": lambda: _pem(b"".join(rsa_pem().split()[4:10])),
    "another length": lambda: rsa_pem().replace(b"MII", b"MIA", 1),
    "too short": lambda: rsa_pem(bits=1024),
}


def _pem(text: bytes) -> bytes:
    return b"-----BEGIN RSA PRIVATE KEY-----\n" + text + b"\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize("name", NO_KEYS)
def test_what_is_no_key_is_told(name: str) -> None:
    with pytest.raises(NotAPrivateKey):
        read_rsa_key(NO_KEYS[name]())


def test_no_number_of_a_key_is_in_its_text() -> None:
    key = read_rsa_key(rsa_pem())
    assert str(key.private) not in repr(key)


def test_a_key_whose_numbers_do_not_belong_together_signs_nothing() -> None:
    key = read_rsa_key(rsa_pem())
    wrong = RsaKey(modulus=key.modulus, public=key.public, private=key.private - 2)
    with pytest.raises(NotAPrivateKey):
        sign_rs256(wrong, b"message")
