"""Sign-in codes: what a person types on the consent page. `K7QF-9M2P-4RTX-W8BD`.

The first group finds the person, the other three (60 random bits) prove that it is them; of these
only a salted scrypt is kept. Read aloud and typed by thumb: no I, L, O or U, any case, any spacing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from aiwebhook.domain.identity import Randomness

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
_READ_AS = str.maketrans("ILO", "110")
_SPACING = re.compile(r"[\s\u2010-\u2015.-]+")
_CODE = re.compile(f"[{_ALPHABET}]{{16}}")
_GROUP = 4
_SALT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInCode:
    """A code in its two parts, without hyphens."""

    handle: str
    secret: str

    def __str__(self) -> str:
        whole = self.handle + self.secret
        return "-".join(whole[at : at + _GROUP] for at in range(0, len(whole), _GROUP))

    def __repr__(self) -> str:
        return f"SignInCode({self.handle}-…)"

    def hash(self, salt: bytes) -> bytes:
        """What is kept of the secret part. Some 40 ms: whoever steals the table must guess 2^60
        times as long.
        """
        return hashlib.scrypt(self.secret.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)

    def fits(self, salt: bytes, kept: bytes) -> bool:
        """Whether this is the code that was kept."""
        return hmac.compare_digest(self.hash(salt), kept)


def new_code(randomness: Randomness) -> SignInCode:
    number = int.from_bytes(randomness(10))  # 80 bits: 16 characters of 5
    text = "".join(_ALPHABET[number >> shift & 31] for shift in range(0, 80, 5))
    return SignInCode(handle=text[:_GROUP], secret=text[_GROUP:])


def new_salt(randomness: Randomness) -> bytes:
    return randomness(_SALT)


def parse_code(typed: str) -> SignInCode | None:
    """A code as somebody typed it; None where it cannot be one."""
    if len(typed) > 100:
        return None
    text = _SPACING.sub("", typed.upper()).translate(_READ_AS)
    if _CODE.fullmatch(text) is None:
        return None
    return SignInCode(handle=text[:_GROUP], secret=text[_GROUP:])
