"""`aiwebhook worker`: thin over aiwebhook_runner.worker, imported only when it is asked for."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Annotated, cast

import typer

from aiwebhook.errors import ConfigurationError
from aiwebhook_cli.target import Globals, find_target, required_key, required_url

EXAMPLES = """Example: aiwebhook worker --agents claude_code,codex --concurrency 2

Example: aiwebhook worker --agents local --config ~/worker.toml

Example: aiwebhook worker --agents codex --once

Keys: AIWEBHOOK_API_KEY with the scope worker. The providers' own keys
(ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY) and GITHUB_TOKEN stay on
this machine and are never shown to an agent.

After a first SIGTERM or Ctrl-C the worker takes no new task and lets running
ones finish; a second one returns them to the queue. docs/worker.md has units
for systemd and launchd, and every key of the configuration.
"""
CONFIG = Path("~/.config/aiwebhook/worker.toml")
_AGENT = re.compile(r"[a-z][a-z0-9_]{0,63}")


def worker(
    ctx: typer.Context,
    agents: Annotated[
        str, typer.Option(help="Agents to serve, separated by commas: claude_code,codex,local.")
    ],
    concurrency: Annotated[
        list[str] | None,
        typer.Option(
            help="Tasks at once: AGENT=N, or N for every agent; repeatable. Default: 1.",
            metavar="AGENT=N",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="The worker's name, unique. Default: the machine's.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help=f"What agent local may do. Default: {CONFIG}, if it exists."),
    ] = None,
    health_port: Annotated[
        int,
        typer.Option(
            help="Port of GET /health on 127.0.0.1; 0 picks a free one.", min=0, max=65535
        ),
    ] = 0,
    drain_s: Annotated[
        float, typer.Option(help="Seconds that running tasks get after SIGTERM.", min=0)
    ] = 60.0,
    once: Annotated[bool, typer.Option("--once", help="Run one task, then exit.")] = False,
) -> None:
    """Run tasks on this machine, with its own agents and keys."""
    # reason: every option of a command is a parameter of its function
    options = cast("Globals", ctx.obj)
    target = find_target(options)
    url, key = required_url(target), required_key(target)
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError(
            f"{url!r} is no HTTP address.",
            remedy="Give an address such as https://… in AIWEBHOOK_URL (or --url).",
        )
    from aiwebhook_runner.worker.options import WorkerOptions  # noqa: PLC0415 --help needs none of it
    from aiwebhook_runner.worker.run import run_worker  # noqa: PLC0415 as above

    run_worker(
        WorkerOptions(
            url=url,
            key=key,
            name=_name(name),
            concurrency=_places(agents, concurrency or []),
            config=_config(config),
            health_port=health_port,
            drain_s=drain_s,
            once=once,
            json=options.json,
        )
    )


def _name(name: str | None) -> str:
    name = name or socket.gethostname() or "worker"
    if not re.fullmatch(r"[ -~]{1,200}", name):
        raise typer.BadParameter(f"--name must be 1–200 printable ASCII characters, got {name!r}")
    return name


def _places(agents: str, concurrency: list[str]) -> dict[str, int]:
    places = dict.fromkeys((a.strip() for a in agents.split(",") if a.strip()), 1)
    if not places:
        raise typer.BadParameter("--agents must name at least one agent")
    for agent in places:
        if not _AGENT.fullmatch(agent):
            raise typer.BadParameter(f"--agents: {agent!r} cannot be the name of an agent")
    for option in concurrency:
        agent, equals, number = option.rpartition("=")
        if not number.isdecimal() or not 1 <= int(number) <= 1_000:
            raise typer.BadParameter(f"--concurrency must be AGENT=1–1000, got {option!r}")
        if equals and agent not in places:
            raise typer.BadParameter(f"--concurrency: {agent!r} is not one of --agents")
        places |= {agent: int(number)} if equals else dict.fromkeys(places, int(number))
    return places


def _config(config: Path | None) -> Path | None:
    """The named one must be there; the usual one may be."""
    if config is None:
        usual = CONFIG.expanduser()
        return usual if usual.is_file() else None
    path = config.expanduser().resolve()
    if not path.is_file():
        raise ConfigurationError(f"{path} is not a file.", remedy="Name the file with --config.")
    return path
