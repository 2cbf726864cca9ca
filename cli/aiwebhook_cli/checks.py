"""What an examination finds, and how it is shown: a line each, ✓ or ✗ with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiwebhook_cli.printing import console

_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("–", "dim")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was found. `ok` None: not there and not needed, or not looked at because an
    earlier check failed.
    """

    name: str
    ok: bool | None
    found: str
    remedy: str = ""


def print_checks(checks: Sequence[Check]) -> None:
    """For people; the remedy of what is in order is left out."""
    from aiwebhook_cli.screen import styled  # noqa: PLC0415 Rich costs 60 ms

    screen = console()
    width = max([11, *(len(check.name) for check in checks)])
    for check in checks:
        remedy = f"  → {check.remedy}" if check.remedy and check.ok is not True else ""
        screen.print(styled(_MARKS[check.ok], f" {check.name:<{width}} {check.found}{remedy}"))
