"""The commands, and where each of them is: a command line imports the one that it calls.

Importing every group takes as long as asking a server twice, and what they import with them more.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from copy import copy
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.models import CommandInfo

from aiwebhook_cli.arguments import profiles_to_complete
from aiwebhook_cli.json_shape import fields_of
from aiwebhook_cli.streams import write_own
from aiwebhook_cli.target import Globals

GROUPS: Mapping[str, str] = {
    "local": "local",
    "session": "sessions",
    "task": "tasks",
    "memory": "memories",
    "artifact": "artifacts",
    "agent": "agents",
    "events": "events",
    "keys": "keys",
    "projects": "projects",
    "people": "people",
    "connections": "connections",
    "subscriptions": "subscriptions",
    "endpoints": "endpoints",
    "callbacks": "callbacks",
    "deliveries": "deliveries",
    "sources": "sources",
    "rules": "rules",
    "mcp": "mcp",
    "cloud": "cloud.destroy",  # the last module of the group: it imports the others
    "profile": "profile_commands",
    "retention": "retention",
    "migrate": "migrate",
}
"""Name of a group: the module whose `app` it is."""
SINGLE: Mapping[str, tuple[str, ...]] = {
    "prune": ("retention", "prune_now"),
    "audit": ("projects", "audit", "Example: aiwebhook audit --action key. --since 7d"),
    "usage": ("projects", "usage", "Example: aiwebhook usage --by agent --since 7d"),
    "listen": ("listen", "listen"),
    "doctor": ("doctor", "doctor"),
    "worker": ("worker", "worker"),
    "completion": ("completion", "completion"),
}
"""Name of a command outside the groups: its module, the function, and its epilog; without, that
is EXAMPLES of the module.
"""
ORDER = (
    *("local", "doctor", "session", "memory", "artifact", "task", "agent", "worker", "events"),
    *("listen", "deliveries", "sources", "rules", "endpoints", "callbacks", "subscriptions"),
    *("cloud", "keys", "people", "connections", "projects", "usage", "audit", "retention", "prune"),
    *("profile", "mcp", "migrate", "completion"),
)
"""As help lists them: what a newcomer needs first, then what belongs together."""
_EXAMPLES = """Examples:

  aiwebhook local up                        run everything on this machine

  aiwebhook session create plan --title "Carbon tracking"

  aiwebhook task delegate plan researcher "Write a brief" --wait

  aiwebhook task list --status failed --json | jq .

  aiwebhook doctor                          what is wrong, and what to do

--json, --jsonl, --url, --key, --profile and --store may stand anywhere.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (docs/cli.md).
"""


class _InOrder(TyperGroup):
    """The root. Typer would list all single commands before the groups."""

    def list_commands(self, ctx: object) -> list[str]:
        """In ORDER, as many of them as were added."""
        del ctx
        return sorted(self.commands, key=ORDER.index)


def command_tree(words: Sequence[str] = ()) -> typer.Typer:
    """What a command line of these words needs; everything where none of them is known, so that
    help and the errors about unknown commands are whole.
    """
    app = typer.Typer(
        name="aiwebhook",
        cls=_InOrder,
        help="Hand work from a conversation to background agents.",
        epilog=_EXAMPLES,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # Rich costs 100 ms
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(root)
    called, *inner = _called(words) or (None,)
    for name, module in GROUPS.items():
        if called in (None, name):
            app.add_typer(_narrowed(_module(module).app, inner), name=name)
    for name, (module, function, *examples) in SINGLE.items():
        if called in (None, name):
            found = _module(module)
            epilog = examples[0] if examples else getattr(found, "EXAMPLES", None)
            app.command(name=name, epilog=epilog)(getattr(found, function))
    return app


def root(
    ctx: typer.Context,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON; --json=a,b only these fields.")
    ] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON, a row on each line.")] = False,
    json_fields: Annotated[str | None, typer.Option("--json-fields", hidden=True)] = None,
    url: Annotated[
        str | None,
        typer.Option("--url", help="The deployment. Default: AIWEBHOOK_URL, .local, a profile."),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="API key. Default: the one beside the address.")
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            help="A deployment of 'aiwebhook profile list'.",
            autocompletion=profiles_to_complete,
        ),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(
            "--store",
            metavar="DIR",
            help="A folder of sessions, served while the command runs (or by 'local up').",
            file_okay=False,
        ),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """What every command needs to know."""
    # reason: every global option is a parameter
    if version:
        from aiwebhook_cli.version import version_sentence  # noqa: PLC0415 it costs 15 ms

        write_own(version_sentence())
        raise typer.Exit
    ctx.obj = Globals(
        json=json or jsonl,
        fields=fields_of(json_fields),
        lines=jsonl,
        url=url,
        key=key,
        profile=profile,
        store=store,
        environ=os.environ,  # noqa: TID251 the edge
        folder=_here(),
    )
    if store is not None and ctx.invoked_subcommand != "local":
        from aiwebhook_cli.folder.served import serve_while  # noqa: PLC0415 only with --store

        ctx.obj = serve_while(ctx, ctx.obj, store)


def _called(words: Sequence[str]) -> Sequence[str]:
    """The words from the command on, as far as that can be told without the parser: behind global
    options and their values. Empty where the first of them is none of ours.
    """
    rest = list(words)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in ("--url", "--key", "--profile", "--store"):
            del rest[:1]
        elif option not in ("--json", "--jsonl") and "=" not in option:
            return ()
    return rest if rest and (rest[0] in GROUPS or rest[0] in SINGLE) else ()


def _narrowed(group: typer.Typer, words: Sequence[str]) -> typer.Typer:
    """The group with the one command that is called; whole where the next word names none. Typer
    evaluates the annotations of every command that it is given, which costs 1 ms each.
    """
    chosen = [c for c in group.registered_commands if words and _name(c) == words[0]]
    if not chosen:
        return group
    narrow = copy(group)
    narrow.registered_commands = chosen
    return narrow


def _name(command: CommandInfo) -> str:
    return command.name or (command.callback.__name__ if command.callback else "")


def _module(name: str) -> Any:  # noqa: ANN401 its `app` and functions are looked up by name
    return import_module(f"aiwebhook_cli.{name}")


def _here() -> Path:
    """The working folder; the root where somebody has deleted it."""
    try:
        return Path.cwd()
    except OSError:
        return Path("/")
