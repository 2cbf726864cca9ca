"""The environment of the local stack's processes, read here only."""

import json
import os
from typing import Any

FRONT = "AIWEBHOOK_FRONT"


def search_path() -> str:
    """PATH: the only variable of the developer's shell that children see."""
    return os.environ.get("PATH", os.defpath)


def take_front_settings() -> dict[str, Any]:
    """What the supervisor gave to the front's process.

    Taken out of the environment together with PYTHONPATH: functions inherit the rest.
    """
    os.environ.pop("PYTHONPATH", None)
    return json.loads(os.environ.pop(FRONT))
