"""The environment of the local stack's processes, read here only."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from aiwebhook.domain.provider import SECRET_ENTRIES
from aiwebhook.sealed import forget

FRONT = "AIWEBHOOK_FRONT"
SESSION_TOKEN = "AWS_SESSION_TOKEN"  # noqa: S105 - its name
ALLOW_LOCAL_REPOS = "AIWEBHOOK_ALLOW_LOCAL_REPOS"
OF_THE_RUNNER = frozenset({ALLOW_LOCAL_REPOS, "AIWEBHOOK_CHECKPOINT_S"})
"""Settings of the runner that the local containers take over from the shell."""


def search_path() -> str:
    """PATH: the only variable of the developer's shell that children see."""
    return os.environ.get("PATH", os.defpath)


def containers_path(agents: Path) -> str:
    """PATH of the local containers; `agents` is the folder of the agents' programs."""
    return os.pathsep.join([str(agents), str(Path(sys.executable).parent), search_path()])


def task_variables() -> dict[str, str]:
    """What of the developer's shell is meant for tasks: other providers, repositories on disk."""
    return {
        name: value
        for name, value in os.environ.items()
        if value and (name.startswith("AIWEBHOOK_UPSTREAM_") or name in OF_THE_RUNNER)
    }


def agent_keys() -> dict[str, str]:
    """The developer's keys of the model providers and of GitHub; empty where there is none."""
    return {name: os.environ.get(name, "") for name in SECRET_ENTRIES}


def forget_agent_keys() -> None:
    """They are in the options now; neither a child nor /proc needs to show them."""
    forget(SECRET_ENTRIES)


def demo_is_live() -> bool:
    """Whether the demo may spend money: its agent talks to the real provider then."""
    return os.environ.get("AIWEBHOOK_DEMO_LIVE") == "1"


def take_front_settings() -> dict[str, Any]:
    """What the supervisor gave to the front's process.

    Taken out of the environment together with PYTHONPATH: functions inherit the rest.
    """
    os.environ.pop("PYTHONPATH", None)
    return json.loads(os.environ.pop(FRONT))
