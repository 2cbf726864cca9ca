"""RSA keys of a library that makes them, for tests."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


@cache
def rsa_key(bits: int) -> RSAPrivateKey:
    """The same key whenever it is asked for."""
    return generate_private_key(public_exponent=65537, key_size=bits)


def rsa_pem(form: PrivateFormat = PrivateFormat.TraditionalOpenSSL, bits: int = 2048) -> bytes:
    """In PEM: PKCS #1, as GitHub gives it, or PKCS #8."""
    return rsa_key(bits).private_bytes(Encoding.PEM, form, NoEncryption())
