"""The wheel that the runner's image installs holds every package with its SQL and its manifests."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.house.tree import ROOT, files

PREFIXES = ("layers/core/python/", "cli/", "runner/", "agents/", "local/")


def test_the_wheel_holds_every_file_of_its_packages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    expected = {
        name.removeprefix(prefix)
        for prefix in PREFIXES
        for name in files()
        if name.startswith(f"{prefix}aiwebhook")
    }
    assert expected - packed == set()
