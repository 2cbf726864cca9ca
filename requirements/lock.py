"""Resolve every `*.in` beside this file into a hashed `*.txt` (`make lock`, ARGS for pip-compile).

A lock must install on every machine, so it names versions and hashes only: no index address, no
path, no option. pip's configuration is ignored while resolving, so that the find-links of this
machine cannot choose a file, and the lowest supported Python resolves, because the set of packages
that it needs contains those of the newer ones. What needs a newer Python is locked by that one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ORDER = (
    "layer",
    "local",
    "dev",
    "runner",
    "agents",
    "infra",
    "bench",
    "doors",
    "sam",
)  # each may constrain the next
NEWER = {"oban": (3, 12)}  # rivals of `make bench` that the lowest Python cannot even resolve
LOWEST = (3, 11)
LEAKS = frozenset({"PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"})
OPTIONS = [
    *("--quiet", "--no-config", "--no-header", "--strip-extras", "--allow-unsafe"),
    *("--generate-hashes", "--no-emit-index-url", "--no-emit-trusted-host"),
    *("--no-emit-find-links", "--no-emit-options"),
]


def main(extra: list[str]) -> int:
    """Write the locks; `extra` goes to pip-compile. Returns the exit code."""
    names = ORDER if sys.version_info[:2] == LOWEST else _newer()
    if not names:
        sys.stderr.write(
            f"Locks are made with Python {LOWEST[0]}.{LOWEST[1]}, this is {sys.version.split()[0]}:"
            " make clean lock PYTHON=python3.11\n"
        )
        return 1
    ours = os.environ  # noqa: TID251  reason: pip gets our environment, less what leaks into a lock
    environment = {name: value for name, value in ours.items() if name not in LEAKS}
    environment["PIP_CONFIG_FILE"] = os.devnull
    for name in names:
        command = [sys.executable, "-m", "piptools", "compile", *OPTIONS, *extra]
        command += ["--output-file", f"{name}.txt", f"{name}.in"]
        subprocess.run(command, cwd=HERE, env=environment, check=True)
    return 0


def _newer() -> tuple[str, ...]:
    """What this Python locks beside the rest; needs pip-tools in it."""
    return tuple(name for name, lowest in NEWER.items() if sys.version_info[:2] >= lowest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
