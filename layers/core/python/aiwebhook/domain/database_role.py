"""Under which role a function works in the database (ADR 0026)."""

from __future__ import annotations

from dataclasses import dataclass, field

DATABASE_FUNCTIONS = ("relay", "session_api", "dispatcher", "reaper", "notifier", "reconciler")
"""Those that have a role; migrate is the owner."""
_PREFIX = "aiwebhook_"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLogin:
    """How a function's role logs in. `password` None: with tokens of AWS IAM."""

    password: str | None = field(repr=False)
    connections: int
    """How many connections it may have at once."""


def role_of(function: str) -> str:
    """The name of a function's role."""
    return f"{_PREFIX}{function}"
