"""Keyset pagination: a page starts after the last row of the previous one."""

from __future__ import annotations

from aiwebhook.ports.command_rows import Page


def keyset(page: Page) -> dict[str, object]:
    """The parameters of a page."""
    time, identity = page.after or (None, None)
    return {"limit": page.limit, "after_time": time, "after_id": identity}
