"""Both documents pass spectral's rules, where it is installed (npm's @stoplight/spectral-cli)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.wire_document import ROOT

INSTALLED = ROOT / ".build/doors/node_modules/.bin/spectral"
DOCUMENTS = ("docs/openapi.json", "docs/openapi-actions.json")


@pytest.mark.openapi
@pytest.mark.timeout(300)
@pytest.mark.req("D1")
def test_spectral_finds_nothing() -> None:
    spectral = str(INSTALLED) if INSTALLED.exists() else shutil.which("spectral")
    if spectral is None:
        pytest.skip("spectral is not installed")
    rules = str(Path(__file__).with_name("spectral.yaml"))
    command = [spectral, "lint", "-F", "warn", "-r", rules, *DOCUMENTS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
