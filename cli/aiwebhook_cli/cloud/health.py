"""How a deployment is: whether its API serves, and which version stands there."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from aiwebhook.client import Client, RetryPolicy
from aiwebhook.errors import AiWebhookError, ConfigurationError
from aiwebhook_cli.cloud.toolchain import clone_of

Row = dict[str, str]
_ONCE = RetryPolicy(attempts=1)


def health_rows(outputs: Mapping[str, str], tags: Mapping[str, str], folder: Path) -> Iterator[Row]:
    """`outputs` and `tags` are those of the service stack; `folder` may lie in a clone."""
    yield {"what": "health", "state": api_health(outputs["PublicUrl"])}
    deployed, here = tags.get("aiwebhook:version", "unknown"), _version_here(folder)
    other = here is not None and here != deployed
    yield {"what": "version", "state": f"{deployed}; this clone is {here}" if other else deployed}


def api_health(url: str) -> str:
    """In a word, or the reason."""
    try:
        with Client(url.rstrip("/"), retry=_ONCE) as client:
            return str(client.get("/readyz")["status"])
    except AiWebhookError as error:
        return f"not ready: {error.detail}"


def _version_here(folder: Path) -> str | None:
    try:
        project = clone_of(folder) / "pyproject.toml"
    except ConfigurationError:
        return None
    return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])
