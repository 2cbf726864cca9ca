"""Which deployment the command line speaks to, and as whom.

The first of these places that names an address decides: `--url`, `--profile`, AIWEBHOOK_URL,
AIWEBHOOK_PROFILE, the local stack that runs (.local/stack.json; AIWEBHOOK_HOME names another
folder), the default profile. A key goes only to the address that it was given with; one given
without an address (`--key`, AIWEBHOOK_API_KEY alone) goes to whichever applies.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aiwebhook.errors import AiWebhookError, Unauthorized, Unavailable
from aiwebhook_cli.error_wording import in_cli_terms
from aiwebhook_cli.json_shape import UnknownField

if TYPE_CHECKING:
    from aiwebhook.client import Client

HOME = ".local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Globals:
    """What was said before the command."""

    json: bool = False
    fields: tuple[str, ...] = ()  # of JSON; empty: all
    lines: bool = False  # of JSON: a row on each
    url: str | None = None
    key: str | None = None
    profile: str | None = None
    store: Path | None = None  # a folder of sessions, which is served while the command runs
    environ: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    folder: Path = field(default_factory=Path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address and a key, each with the place it came from; None: found nowhere."""

    url: str | None
    url_from: str
    key: str | None = field(repr=False)
    key_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where an address, a key or both may be named."""

    url: str | None
    url_from: str
    key: str | None = field(repr=False)
    key_from: str


def cli_state_folder(options: Globals) -> Path:
    """Where this machine keeps what commands know between starts."""
    state = options.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "aiwebhook"


def find_target(options: Globals) -> Target:
    """What can be found. Raises ConfigurationError for profiles that cannot be read, and NotFound
    for one that is named and does not exist."""
    address = named = None
    for place in _places(options):
        if address is None and place.url:
            address = place
        fits = place.url is None or (address is not None and place.url == address.url)
        if named is None and place.key and fits:
            named = place
        if address is not None and named is not None:
            break
    return Target(
        url=address and address.url,
        url_from=address.url_from if address else "",
        key=named and named.key,
        key_from=named.key_from if named else "",
    )


@contextmanager
def connect(options: Globals) -> Generator[Client]:
    """A client, whose errors speak of options and commands, and of where the key came from.

    Raises Unavailable or Unauthorized that say what to set.
    """
    from aiwebhook.client import Client, RetryPolicy, TransportOptions  # noqa: PLC0415 reason: HTTP costs 40 ms; --help needs none

    target = find_target(options)
    url, key = required_url(target), required_key(target)
    # A person waits: three tries within a second, not five within ten.
    # And nobody's conversation reads here: the replies carry no news, and count none as told.
    transport = TransportOptions(retry=RetryPolicy(attempts=3), reader="none")
    with Client(url, api_key=key, options=transport) as client:
        try:
            yield client
        except UnknownField:
            raise
        except AiWebhookError as error:
            raise in_cli_terms(error, key_from=target.key_from) from error


def required_url(target: Target) -> str:
    """Raises Unavailable that says how to name a deployment."""
    if target.url is None:
        raise Unavailable(
            "No deployment is named, and no local stack runs.",
            code="no_target",
        )
    return target.url


def required_key(target: Target) -> str:
    """Raises Unauthorized that says which address lacks a key."""
    if target.key is None:
        raise Unauthorized(
            f"No API key is named for {target.url} (from {target.url_from}).",
            code="no_key",
        )
    return target.key


def stack_record(options: Globals) -> str | None:
    """What the local stack wrote about itself (JSON), when there is one."""
    return _text(_home(options) / "stack.json")


def reader_dsn(options: Globals) -> str | None:
    """A role of the local stack's database that can only read, where there is a stack."""
    return _text(_home(options) / "reader_dsn")


def _places(options: Globals) -> Iterator[_Place]:
    """In their order; files are read when their turn comes."""
    environ = options.environ
    yield _Place(url=options.url, url_from="--url", key=options.key, key_from="--key")
    if options.profile:
        yield _of_profile(options, options.profile, f"--profile {options.profile}")
    yield _Place(
        url=environ.get("AIWEBHOOK_URL"),
        url_from="AIWEBHOOK_URL",
        key=environ.get("AIWEBHOOK_API_KEY"),
        key_from="AIWEBHOOK_API_KEY",
    )
    named = environ.get("AIWEBHOOK_PROFILE")
    if named:
        yield _of_profile(options, named, f"AIWEBHOOK_PROFILE={named}")
    home = _home(options)
    stack = _stack_url(home)
    if stack:
        yield _Place(
            url=stack,
            url_from=str(home / "stack.json"),
            key=_text(home / "api_key"),
            key_from=str(home / "api_key"),
        )
    from aiwebhook_cli.profiles import read_profiles  # noqa: PLC0415 most commands need no file

    default = read_profiles(environ).default
    if default:
        yield _of_profile(options, default, f"the default profile {default}")


def _of_profile(options: Globals, name: str, place: str) -> _Place:
    from aiwebhook_cli.profiles import read_profiles  # noqa: PLC0415 most commands need no file

    profile = read_profiles(options.environ).get(name)
    return _Place(url=profile.url, url_from=place, key=profile.key, key_from=place)


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
