"""`python -m aiwebhook.bytecode FOLDER…`: compile our modules where they lie, for this Python."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from aiwebhook.bytecode.pyc import compile_folder


def main(arguments: list[str]) -> int:
    """Compile. The exit code."""
    parser = argparse.ArgumentParser(prog="aiwebhook.bytecode", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--runs-at", type=Path, help="where the folder will be, for tracebacks")
    parser.add_argument(
        "--checked", action="store_true", help="not taken once its source has changed"
    )
    options = parser.parse_args(arguments)
    for folder in options.folders:
        compile_folder(folder, runs_at=options.runs_at, checked=options.checked)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
