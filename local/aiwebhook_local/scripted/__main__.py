"""`python -m aiwebhook_local.scripted`: the scripted model provider, a fake for tests and demos."""

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from aiwebhook_gateway.jsons import parse
from aiwebhook_gateway.serving import serve_until_stopped, silence_libraries
from aiwebhook_local.scripted.app import ScriptedProvider
from aiwebhook_local.scripted.scenarios import SCENARIOS, Scenario
from aiwebhook_local.scripted.steps import BadScript, read_script


def main(arguments: list[str]) -> int:
    """Returns the process exit code: 0 when told to stop, 1 when it could not start, 2 misused."""
    options = _parser().parse_args(arguments)
    silence_libraries()
    try:
        _serve(options)
    except (OSError, BadScript) as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m aiwebhook_local.scripted")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--script", type=Path, help="JSON file with more scenarios")
    parser.add_argument("--log", type=Path, help="JSON lines, one per request")
    parser.add_argument("--with-parent", action="store_true", help="end when stdin ends")
    return parser


def _serve(options: argparse.Namespace) -> None:
    scenarios = dict(SCENARIOS)
    if options.script:
        script = read_script(parse(options.script.read_text(encoding="utf-8")))
        scenarios |= {name: Scenario(steps=steps) for name, steps in script.items()}
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(options.log.open("a", encoding="utf-8")) if options.log else None
        provider = ScriptedProvider(scenarios=scenarios, log=log)
        asyncio.run(
            serve_until_stopped(provider.handle, options.port, with_parent=options.with_parent)
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
