"""Which deployment the command line speaks to, and as whom.

Options win over the environment (AIWEBHOOK_URL, AIWEBHOOK_API_KEY), that over the local stack's
own files (.local/stack.json, .local/api_key; AIWEBHOOK_HOME names another folder).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aiwebhook.errors import AiWebhookError, Unauthorized, Unavailable
from aiwebhook_cli.error_wording import in_cli_terms

if TYPE_CHECKING:
    from aiwebhook.client import Client

HOME = ".local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Globals:
    """What was said before the command."""

    json: bool = False
    url: str | None = None
    key: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    folder: Path = field(default_factory=Path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address and a key, each with the place it came from; None: found nowhere."""

    url: str | None
    url_from: str
    key: str | None = field(repr=False)
    key_from: str


def find_target(options: Globals) -> Target:
    """What can be found; never raises."""
    home = _home(options)
    url, url_from = _first(
        (options.url, "--url"),
        (options.environ.get("AIWEBHOOK_URL"), "AIWEBHOOK_URL"),
        (_stack_url(home), str(home / "stack.json")),
    )
    key, key_from = _first(
        (options.key, "--key"),
        (options.environ.get("AIWEBHOOK_API_KEY"), "AIWEBHOOK_API_KEY"),
        (_text(home / "api_key"), str(home / "api_key")),
    )
    return Target(url=url, url_from=url_from, key=key, key_from=key_from)


@contextmanager
def connect(options: Globals) -> Generator[Client]:
    """A client, whose errors speak of options and commands, and of where the key came from.

    Raises Unavailable or Unauthorized that say what to set.
    """
    from aiwebhook.client import Client, RetryPolicy, TransportOptions  # noqa: PLC0415 reason: HTTP costs 40 ms; --help needs none

    target = find_target(options)
    if target.url is None:
        raise Unavailable(
            "No deployment is named, and no local stack runs.",
            code="no_target",
        )
    if target.key is None:
        raise Unauthorized(
            "No API key is named.",
            code="no_key",
        )
    # A person waits: three tries within a second, not five within ten.
    # And nobody's conversation reads here: the replies carry no news, and count none as told.
    transport = TransportOptions(retry=RetryPolicy(attempts=3), reader="none")
    with Client(target.url, api_key=target.key, options=transport) as client:
        try:
            yield client
        except AiWebhookError as error:
            raise in_cli_terms(error, key_from=target.key_from) from error


def stack_record(options: Globals) -> str | None:
    """What the local stack wrote about itself (JSON), when there is one."""
    return _text(_home(options) / "stack.json")


def _first(*found: tuple[str | None, str]) -> tuple[str | None, str]:
    return next(((value, place) for value, place in found if value), (None, ""))


def _home(options: Globals) -> Path:
    """The folder of the local stack: named, or `.local` here or in a folder above."""
    named = options.environ.get("AIWEBHOOK_HOME")
    if named:
        return Path(named)
    here = options.folder.resolve()
    for folder in (here, *here.parents):
        if (folder / HOME / "api_key").exists():
            return folder / HOME
    return here / HOME


def _stack_url(home: Path) -> str | None:
    text = _text(home / "stack.json")
    try:
        stack: object = json.loads(text or "{}")
    except ValueError:
        return None
    url: Any = cast("dict[str, Any]", stack).get("url") if isinstance(stack, dict) else None
    return url if isinstance(url, str) else None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
