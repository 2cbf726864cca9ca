"""What of the worker's environment its runs get."""

import os
from collections.abc import Mapping
from pathlib import Path

from aiwebhook.sealed import forget

OWN = ("AIWEBHOOK_API_KEY", "AIWEBHOOK_URL")
"""A run speaks with its lease, not with the worker's key."""


def run_environment(url: str, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """All but the worker's own: a supervisor holds the providers' keys, its agent does not."""
    env = os.environ if env is None else env
    return {name: value for name, value in env.items() if name not in OWN} | {
        "AIWEBHOOK_API_URL": url
    }


def state_folder() -> Path:
    """Where a worker keeps what only concerns this user and machine; maybe not to be written."""
    return Path(os.environ.get("HOME") or os.devnull, ".local", "state", "aiwebhook")


def search_path() -> str:
    """Where programs are looked for."""
    return os.environ.get("PATH", os.defpath)


def is_set(name: str) -> bool:
    """Whether the variable holds something."""
    return bool(os.environ.get(name))


def forget_key() -> None:
    """The key is in the options; nobody needs to find it in /proc."""
    forget(["AIWEBHOOK_API_KEY"])
