"""What the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was found. `ok` None: not there and not needed, or not looked at because an
    earlier check failed.
    """

    name: str
    ok: bool | None
    found: str
    remedy: str = ""
