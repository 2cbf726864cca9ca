"""The agents' queues, as the environment says them: 4 KB of it must do for all agents."""

from __future__ import annotations

import json
from typing import Annotated, Any, cast

from pydantic import BeforeValidator


def _urls(value: object) -> object:
    """{"like": the URL of one of them, "prefix": how their names begin, "agents": […]}: each name
    ends with that of its agent. Or {"agent": URL} with all of them in full.
    """
    given: object = json.loads(value) if isinstance(value, str) else value
    found = cast("dict[str, Any]", given if isinstance(given, dict) else {})
    agents = found.get("agents")
    if not isinstance(agents, list):
        return cast("object", given)
    place = str(found["like"]).rpartition("/")[0]
    return {name: f"{place}/{found['prefix']}{name}" for name in cast("list[str]", agents)}


AgentQueueUrls = Annotated[dict[str, str], BeforeValidator(_urls)]
"""Agent name → queue URL."""
