"""Identity: UUIDv7 text with a prefix (RFC 9562 §5.7), so that ids sort by creation time.

Prefixes: sess_ chunk_ mem_ task_ art_ evt_ dlv_ req_ key_ ep_ att_ in_ rec_. Ids a client
chose match `CLIENT_ID`.
"""

from __future__ import annotations

import os
import re
import time

CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


def new_id(prefix: str) -> str:
    """A fresh id such as `task_0199a1b2-…`; `prefix` comes without the underscore."""
    return f"{prefix}_{new_uuid()}"


def new_uuid() -> str:
    """A fresh bare UUIDv7, for those who want nothing else (session ids of agent CLIs)."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | (0x7 << 76)  # version 7
    value = value & ~(0x3 << 62) | (0x2 << 62)  # variant of RFC 9562
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
