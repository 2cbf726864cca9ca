"""The program: reads its options and settings, then serves."""

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from aiwebhook_gateway.gateway import gateway
from aiwebhook_gateway.jsons import parse
from aiwebhook_gateway.log import Log
from aiwebhook_gateway.scripted.app import ScriptedProvider
from aiwebhook_gateway.scripted.scenarios import SCENARIOS, Scenario
from aiwebhook_gateway.scripted.steps import BadScript, read_script
from aiwebhook_gateway.serving import serve, silence_libraries
from aiwebhook_gateway.settings import GatewaySettings, SettingsWrong, forget_keys


def main(arguments: list[str]) -> int:
    """Returns the process exit code: 0 when told to stop, 1 when it could not start, 2 misused."""
    options = _parser().parse_args(arguments)
    silence_libraries()
    try:
        return _serve(options) if options.command == "serve" else _scripted(options)
    except SettingsWrong as exc:
        sys.stderr.write(f"{exc}\n")
        return 2
    except (OSError, BadScript) as exc:
        sys.stderr.write(f"{exc}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m aiwebhook_gateway")
    commands = parser.add_subparsers(dest="command", required=True)
    real = commands.add_parser("serve", help="the LLM gateway of one run; settings by environment")
    real.add_argument("--with-parent", action="store_true", help="end when stdin ends")
    scripted = commands.add_parser("scripted", help="a fake provider that plays scenarios")
    scripted.add_argument("--port", type=int, default=0, help="0 takes a free one")
    scripted.add_argument("--script", type=Path, help="JSON file with more scenarios")
    scripted.add_argument("--log", type=Path, help="JSON lines, one per request")
    scripted.add_argument("--with-parent", action="store_true", help="end when stdin ends")
    return parser


def _serve(options: argparse.Namespace) -> int:
    settings = GatewaySettings.from_env()
    forget_keys()

    async def run() -> None:
        async with gateway(settings, Log()) as opened:
            await serve(opened.handle, settings.port, with_parent=options.with_parent)

    asyncio.run(run())
    return 0


def _scripted(options: argparse.Namespace) -> int:
    scenarios = dict(SCENARIOS)
    if options.script:
        script = read_script(parse(options.script.read_text(encoding="utf-8")))
        scenarios |= {name: Scenario(steps=steps) for name, steps in script.items()}
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(options.log.open("a", encoding="utf-8")) if options.log else None
        provider = ScriptedProvider(scenarios=scenarios, log=log)
        asyncio.run(serve(provider.handle, options.port, with_parent=options.with_parent))
    return 0
