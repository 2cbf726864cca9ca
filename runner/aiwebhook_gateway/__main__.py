"""`python -m aiwebhook_gateway scripted`: the scripted provider."""

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from aiwebhook_gateway.jsons import parse
from aiwebhook_gateway.scripted.app import ScriptedProvider
from aiwebhook_gateway.scripted.scenarios import SCENARIOS, Scenario
from aiwebhook_gateway.scripted.steps import BadScript, read_script
from aiwebhook_gateway.serving import serve, silence_libraries


def main(arguments: list[str]) -> int:
    """Returns the process exit code: 0 after SIGTERM, 1 when it could not start, 2 for misuse."""
    options = _parser().parse_args(arguments)
    silence_libraries()
    try:
        return _scripted(options)
    except (OSError, BadScript) as exc:
        sys.stderr.write(f"{exc}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m aiwebhook_gateway")
    commands = parser.add_subparsers(dest="command", required=True)
    scripted = commands.add_parser("scripted", help="a fake provider that plays scenarios")
    scripted.add_argument("--port", type=int, default=0, help="0 takes a free one")
    scripted.add_argument("--script", type=Path, help="JSON file with more scenarios")
    scripted.add_argument("--log", type=Path, help="JSON lines, one per request")
    return parser


def _scripted(options: argparse.Namespace) -> int:
    scenarios = dict(SCENARIOS)
    if options.script:
        script = read_script(parse(options.script.read_text(encoding="utf-8")))
        scenarios |= {name: Scenario(steps=steps) for name, steps in script.items()}
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(options.log.open("a", encoding="utf-8")) if options.log else None
        asyncio.run(serve(ScriptedProvider(scenarios=scenarios, log=log).app(), options.port))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
