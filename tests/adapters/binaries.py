"""Where the real CLIs are, for tests marked `agents`."""

import os
from pathlib import Path

import pytest

SYSTEM = "/usr/local/bin:/usr/bin:/bin"
MADE_HERE = Path(__file__).parents[2] / ".build" / "agents" / "bin"


def binaries() -> str:
    """A PATH with them first; skips the test where there are none."""
    folder = Path(os.environ.get("AIWEBHOOK_AGENTS_BIN") or MADE_HERE)  # noqa: TID251 - reason: the tests' own switch
    if not folder.is_dir():
        pytest.skip(f"no agent CLIs in {folder}: run `make agents`")
    return f"{folder}:{SYSTEM}"
