"""The environment of the local stack's processes, read here only."""

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

from aiwebhook.domain.provider import AGENT_SECRETS, keys_in
from aiwebhook.sealed import forget

FRONT = "AIWEBHOOK_FRONT"
SESSION_TOKEN = "AWS_SESSION_TOKEN"  # noqa: S105 - its name
ALLOW_LOCAL_REPOS = "AIWEBHOOK_ALLOW_LOCAL_REPOS"
OF_THE_RUNNER = frozenset({ALLOW_LOCAL_REPOS, "AIWEBHOOK_CHECKPOINT_S"})
"""Settings of the runner that the local containers take over from the shell."""


def developers_path() -> str:
    """PATH: the only variable of the developer's shell that children see."""
    return os.environ.get("PATH", os.defpath)


def containers_path(agents: Path) -> str:
    """PATH of the local containers; `agents` is the folder of the agents' programs."""
    return os.pathsep.join([str(agents), str(Path(sys.executable).parent), developers_path()])


def task_variables() -> dict[str, str]:
    """Variables of the developer's shell that are meant for tasks: other providers,
    repositories on disk.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if value and (name.startswith("AIWEBHOOK_UPSTREAM_") or name in OF_THE_RUNNER)
    }


def agent_keys() -> dict[str, str]:
    """The developer's keys for model providers and GitHub, as far as they are set."""
    return keys_in(os.environ)


def forget_agent_keys() -> None:
    """Remove the keys from the environment, so that children and /proc do not show them."""
    forget(AGENT_SECRETS)


def has_lambda_runtime() -> bool:
    """Whether AWS's runtime interface client is installed. It has wheels for
    Linux only (docs/adr/0021).
    """
    return importlib.util.find_spec("awslambdaric") is not None


def demo_is_live() -> bool:
    """Whether the demo may spend money by having its agent call the real provider."""
    return os.environ.get("AIWEBHOOK_DEMO_LIVE") == "1"


def take_front_settings() -> dict[str, Any]:
    """What the supervisor gave to the front's process.

    Taken out of the environment together with PYTHONPATH: functions inherit the rest.
    """
    os.environ.pop("PYTHONPATH", None)
    return json.loads(os.environ.pop(FRONT))


def function_environment() -> tuple[dict[str, str], dict[str, str]]:
    """What every function process gets beside its own variables, from the front's environment:
    where AWS is and how Python behaves, without what is meant for the emulator; and the secrets.
    """
    names = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE")
    more = ("AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED", "AWS_SECRET_ACCESS_KEY")
    region = os.environ["AWS_DEFAULT_REGION"]
    environment = {name: os.environ[name] for name in (*names, *more)}
    environment |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    # The emulator takes twelve digits for an account.
    environment["AWS_ACCESS_KEY_ID"] = "000000000000"
    return environment, {SESSION_TOKEN: os.environ[SESSION_TOKEN]}
