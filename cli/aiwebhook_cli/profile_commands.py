"""`aiwebhook profile …`: deployments by name."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated, cast

import typer

from aiwebhook.errors import Invalid
from aiwebhook_cli import profiles
from aiwebhook_cli.arguments import piped_text, profiles_to_complete
from aiwebhook_cli.printing import Json, print_done, print_rows
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals

app = typer.Typer(
    help="Deployments by name, with their keys, in ~/.config/aiwebhook.", no_args_is_help=True
)
_COLUMNS = (
    Column(name="name"),
    Column(name="url", title="address"),
    Column(name="default"),
    Column(name="key", rank=1),
    Column(name="stage", rank=2),
    Column(name="region", rank=3),
)
Name = Annotated[
    str, typer.Argument(help="The profile's name.", autocompletion=profiles_to_complete)
]


@app.command(epilog="Example: aiwebhook profile add work https://… < key.txt")
def add(
    ctx: typer.Context, name: Name, url: Annotated[str, typer.Argument(help="Its URL.")]
) -> None:
    """Add a deployment, or change it. Its key is asked for, or read from standard input."""
    options = cast("Globals", ctx.obj)
    if sys.stdin.isatty():
        key: str = typer.prompt("API key", hide_input=True)
    else:
        key = piped_text("API key", one_line=True)
    if not url.startswith(("http://", "https://")):
        raise Invalid(f"{url!r} is no HTTP address.", remedy="Give an address such as https://….")
    profile = profiles.NamedDeployment(name=name, url=url.rstrip("/"), key=key.strip() or None)
    path = profiles.save_profile(profile, options.environ)
    print_done(options, _shown(profile, None), f"Profile {name} is in {path}.")


@app.command("list", epilog="Example: aiwebhook profile list")
def list_(ctx: typer.Context) -> None:
    """List the profiles; keys are not shown."""
    options = cast("Globals", ctx.obj)
    found = profiles.read_profiles(options.environ)
    rows = [_shown(profile, found.default) for profile in found.by_name.values()]
    print_rows(options, {"items": rows}, rows, _COLUMNS, nothing="No profiles.")


@app.command(epilog="Example: aiwebhook profile use work")
def use(ctx: typer.Context, name: Name) -> None:
    """Make a profile the default. Used when no address is named and no local stack runs."""
    options = cast("Globals", ctx.obj)
    profiles.set_default(name, options.environ)
    print_done(options, {"default": name}, f"{name} is the default profile.")


@app.command(epilog="Example: aiwebhook profile remove work")
def remove(ctx: typer.Context, name: Name) -> None:
    """Remove a profile. Its key stays valid: 'aiwebhook keys revoke' ends it."""
    options = cast("Globals", ctx.obj)
    profiles.remove_profile(name, options.environ)
    print_done(options, {"removed": name}, f"Profile {name} is removed.")


def _shown(profile: profiles.NamedDeployment, default: str | None) -> Json:
    """Whether there is a key, never the key."""
    return asdict(profile) | {
        "key": "yes" if profile.key else "no",
        "default": "yes" if profile.name == default else "",
    }
