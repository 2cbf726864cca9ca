"""What the consent page carries from showing to sending, so that nothing is kept in between.

The form holds the client's request again, and a MAC over it, the browser's cookie and the time: a
form that another site made, or that was shown to another browser, is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

LIFETIME = timedelta(minutes=15)
_LABEL = b"aiwebhook consent page v1"


class ConsentKeys:
    """Makes and checks the MAC. The repr shows no key."""

    __slots__ = ("_key",)

    def __init__(self, master_key: bytes | str) -> None:
        """`master_key` is the one of AppSecret."""
        master = master_key.encode() if isinstance(master_key, str) else master_key
        self._key = hmac.digest(master, _LABEL, hashlib.sha256)

    def __repr__(self) -> str:
        return "ConsentKeys(…)"

    def sign(self, fields: Mapping[str, str], *, browser: str, shown_at: datetime) -> str:
        """`<time>.<mac>` for a form with these fields."""
        time = str(int(shown_at.timestamp()))
        return f"{time}.{self._mac(fields, browser, time)}"

    def fits(self, token: str, fields: Mapping[str, str], *, browser: str, now: datetime) -> bool:
        """Whether this form was shown to this browser in the last quarter of an hour."""
        time, _, mac = token.partition(".")
        expected = self._mac(fields, browser, time)
        if not browser or not hmac.compare_digest(mac.encode(), expected.encode()):
            return False
        return now < datetime.fromtimestamp(int(time), now.tzinfo) + LIFETIME

    def _mac(self, fields: Mapping[str, str], browser: str, time: str) -> str:
        message = json.dumps([browser, time, sorted(fields.items())])
        return hmac.digest(self._key, message.encode(), hashlib.sha256).hex()
