"""The researcher at the other end: what it says, and how its task ends."""

from __future__ import annotations

from tests.support.session_api import BRIEF, ApiDriver

SAID = "Copper is fine."


def completed(driver: ApiDriver) -> None:
    """The only task there is, done."""
    told = driver.claim()
    told.post("artifacts", {"name": "plan.md", "type": "document", "content": "# The plan"})
    assert told.post("complete", {"output": BRIEF, "say": SAID}).status == 200
