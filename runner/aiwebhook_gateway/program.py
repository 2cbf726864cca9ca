"""The program: reads its options and settings, then serves."""

import argparse
import asyncio
import sys

from aiwebhook.json_log import JsonLog
from aiwebhook_gateway.gateway import gateway
from aiwebhook_gateway.serving import serve_until_stopped, silence_libraries
from aiwebhook_gateway.settings import GatewaySettings, SettingsWrong, forget_keys


def main(arguments: list[str]) -> int:
    """Returns the process exit code: 0 when told to stop, 1 when it could not start, 2 misused."""
    options = _parser().parse_args(arguments)
    silence_libraries()
    try:
        settings = GatewaySettings.from_env()
        forget_keys()
        asyncio.run(_serve(settings, with_parent=options.with_parent))
    except SettingsWrong as exc:
        sys.stderr.write(f"{exc}\n")
        return 2
    except OSError as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m aiwebhook_gateway")
    commands = parser.add_subparsers(dest="command", required=True)
    real = commands.add_parser("serve", help="the LLM gateway of one run; settings by environment")
    real.add_argument("--with-parent", action="store_true", help="end when stdin ends")
    return parser


async def _serve(settings: GatewaySettings, *, with_parent: bool) -> None:
    async with gateway(settings, JsonLog(service="gateway", stream=sys.stderr)) as opened:
        await serve_until_stopped(opened.handle, settings.port, with_parent=with_parent)
