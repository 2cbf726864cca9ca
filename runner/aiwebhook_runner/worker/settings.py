"""Which of the worker's environment variables its runs get."""

import os
from collections.abc import Mapping
from pathlib import Path

from aiwebhook.sealed import forget

OWN = ("AIWEBHOOK_API_KEY", "AIWEBHOOK_URL")
"""A run uses its lease, not the worker's key."""


def own_target(env: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Address and key of the deployment; empty where they are not set."""
    env = os.environ if env is None else env
    return env.get("AIWEBHOOK_URL", ""), env.get("AIWEBHOOK_API_KEY", "")


def run_environment(url: str, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Everything except the worker's own variables: a supervisor has the providers' keys, its
    agent does not.
    """
    env = os.environ if env is None else env
    return {name: value for name, value in env.items() if name not in OWN} | {
        "AIWEBHOOK_API_URL": url
    }


def state_folder() -> Path:
    """Where a worker keeps files of this user and machine; possibly not writable."""
    return Path(os.environ.get("HOME") or os.devnull, ".local", "state", "aiwebhook")


def search_path() -> str:
    """The PATH on which programs are looked up."""
    return os.environ.get("PATH", os.defpath)


def is_set(name: str) -> bool:
    """Whether the variable has a value."""
    return bool(os.environ.get(name))


def forget_key() -> None:
    """The key is in the options; it need not be readable in /proc."""
    forget(["AIWEBHOOK_API_KEY"])
