"""`aiwebhook doctor`, of agents that the local stack runs: their CLIs, their keys, the gateway."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from aiwebhook.domain.provider import KEY_OF
from aiwebhook_cli.checks import Check

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_ANSWER_S = 60.0  # the slowest needs seconds of processor for its version alone
_GATEWAY_S = 20.0


def examine_agents(
    source: Path, environ: Mapping[str, str], keys: frozenset[str]
) -> Iterator[Check]:
    """What `source`, the tree of the local stack, gives to runs. A CLI or a key that is not there
    is told, and no fault: nobody needs all of them.
    """
    from aiwebhook_runner.adapters.cli_kinds import CLI  # noqa: PLC0415 100 ms that --help does without

    path = _path(source, environ)
    with ThreadPoolExecutor(len(CLI)) as pool:
        checks = [
            pool.submit(_cli, source, path, kind.value, cli.executable) for kind, cli in CLI.items()
        ]
    yield from (check.result() for check in checks)
    absent = [name for name in KEY_OF.values() if name not in keys]
    yield Check(
        name="keys",
        ok=None if absent else True,
        found=f"in the stack: {', '.join(sorted(keys)) or 'none'}",
        remedy=f"For more, export {', '.join(absent)}, then start the stack again.",
    )
    yield _gateway()


def version_in_stack(source: Path, environ: Mapping[str, str], agent: str) -> str | None:
    """Of the CLI that a run of the local stack finds; None for an agent without one."""
    from aiwebhook_runner.adapters.cli_kinds import CLI  # noqa: PLC0415 100 ms that --help does without

    executables = {kind.value: cli.executable for kind, cli in CLI.items()}
    if agent not in executables:
        return None
    program = shutil.which(executables[agent], path=_path(source, environ))
    return None if program is None else _version_of(program)


def pinned_version(source: Path, agent: str) -> str | None:
    """What runner/image installs; None where the source tree is not at hand."""
    try:
        package = json.loads((source / f"runner/image/{agent}/package.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    named: dict[str, Any] = {
        **package.get("dependencies", {}),
        **package.get("optionalDependencies", {}),
    }
    found = _VERSION.search(str(next(iter(named.values()), "")))
    return found.group() if found else None


def _path(source: Path, environ: Mapping[str, str]) -> str:
    return f"{source / '.build/agents/bin'}:{environ.get('PATH', '')}"


def _cli(source: Path, path: str, agent: str, executable: str) -> Check:
    install = f"make agents ARGS={agent}"
    program = shutil.which(executable, path=path)
    if program is None:
        return Check(name=executable, ok=None, found="not installed", remedy=install)
    version, pin = _version_of(program), pinned_version(source, agent)
    if version is None:
        return Check(name=executable, ok=False, found=f"{program} does not start", remedy=install)
    return Check(
        name=executable,
        ok=pin in (None, version),
        found=version if pin in (None, version) else f"{version} at {program}, tested is {pin}",
        remedy=install,
    )


def _version_of(program: str) -> str | None:
    try:
        done = subprocess.run(
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_ANSWER_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(done.stdout) if done.returncode == 0 else None
    return found.group() if found else None


def _gateway() -> Check:
    """Whether the LLM gateway comes up, as it does beside every run."""
    with subprocess.Popen(
        [sys.executable, "-m", "aiwebhook_gateway", "serve", "--with-parent"],
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            # It says where it listens, and ends when its standard input does.
            first, _ = process.communicate(timeout=_GATEWAY_S)
        except subprocess.TimeoutExpired:
            process.kill()
            first = ""
    ok = '"port"' in first
    return Check(
        name="gateway",
        ok=ok,
        found="starts" if ok else "does not start",
        remedy=f"See what {Path(sys.executable).name} -m aiwebhook_gateway serve says.",
    )
