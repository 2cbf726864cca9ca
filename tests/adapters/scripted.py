"""The scripted provider as a process, and what it was asked."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.source_tree import PYTHONPATH


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """A fake provider on loopback; `[[scenario:NAME]]` in the prompt chooses what it does."""

    url: str

    def asked(self) -> list[dict[str, Any]]:
        """One entry per request so far."""
        with urllib.request.urlopen(f"{self.url}/log", timeout=10) as answer:
            return json.load(answer)


@contextmanager
def scripted_provider(folder: Path, **scenarios: list[Mapping[str, Any]]) -> Generator[Scripted]:
    """Runs until the block ends; `scenarios` are more scripts, by name."""
    script = folder / "script.json"
    arguments = ["--port", "0"]
    if scenarios:
        script.write_text(json.dumps(scenarios))
        arguments += ["--script", str(script)]
    process = subprocess.Popen(
        [sys.executable, "-m", "aiwebhook_local.scripted", *arguments],
        env={"PATH": os.defpath, "PYTHONPATH": PYTHONPATH},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        port = json.loads(process.stdout.readline())["port"]
        yield Scripted(url=f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
