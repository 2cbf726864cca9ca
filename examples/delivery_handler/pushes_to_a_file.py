"""Notes what was pushed: a handler of `aiwebhook listen --handler pushes`.

    pip install examples/delivery_handler     # into the environment that has aiwebhook
    aiwebhook listen --handler pushes

Returned is done. What is raised is a failure: tried three times, then noted and passed over
(`aiwebhook deliveries list --status failed`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiwebhook_cli.listening.handlers import IncomingDelivery

NOTES = Path("pushes.txt")


def note_push(delivery: IncomingDelivery) -> None:
    """Append a line for a push: the delivery's id, what was pushed to, and the newest commit."""
    if delivery.event != "push":
        return
    payload = delivery.json()
    known = NOTES.read_text().splitlines() if NOTES.exists() else []
    # At least once: the same delivery may come again, under the same id.
    if any(line.startswith(delivery.delivery_id) for line in known):
        return
    with NOTES.open("a", encoding="utf-8") as notes:
        notes.write(f"{delivery.delivery_id} {payload['ref']} {payload['after']}\n")
