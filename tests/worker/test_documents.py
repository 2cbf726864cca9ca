"""The worker's documents and units say what the program does."""

import configparser
import plistlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from aiwebhook_runner.worker.claims import LONGEST_PAUSE_S
from aiwebhook_runner.worker.local.action import MAX_BYTES
from aiwebhook_runner.worker.local.config import load_rules
from aiwebhook_runner.worker.options import DRAIN_S
from aiwebhook_runner.worker.programs import PROGRAMS

pytestmark = pytest.mark.req("T8")

DOCS = Path(__file__).parents[2] / "docs"
UNIT = DOCS / "worker" / "aiwebhook-worker.service"
PLIST = DOCS / "worker" / "com.aiwebhook.worker.plist"
HAND_BACK_S = 10


def page() -> str:
    return (DOCS / "worker.md").read_text(encoding="utf-8")


def drain_s(command: str) -> float:
    found = re.search(r"--drain-s (\d+)", command)
    assert found is not None
    return float(found[1])


def test_every_option_is_documented() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "aiwebhook_cli", "worker", "--help"],
        env={"COLUMNS": "300", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    options = set(re.findall(r"--[a-z-]+", told)) - {"--help", "--scope"}
    assert options >= {"--agents", "--concurrency", "--once", "--drain-s"}
    assert {option for option in options if option not in page()} == set()
    assert "Example: " in told


def test_the_configuration_shown_is_valid(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", page(), re.DOTALL)
    tomllib.loads(shown)
    path = tmp_path / "worker.toml"
    path.write_text(shown)
    assert len(load_rules(path).rules) == 3


def test_a_missing_tool_is_installed_at_the_version_that_the_images_pin() -> None:
    for kind, program in PROGRAMS.items():
        pins = (DOCS.parent / "runner" / "image" / kind / "package.json").read_text()
        version = program.package.rpartition("@")[2]
        assert version in re.findall(r"\d+\.\d+\.\d+", pins), kind


def test_figures_are_those_of_the_program() -> None:
    assert f"{DRAIN_S:.0f}" in page()
    assert f"{MAX_BYTES:,}".replace(",", " ") in page()
    assert LONGEST_PAUSE_S == 30.0


def test_the_launch_agent_waits_longer_than_the_drain_and_restarts_after_a_failure() -> None:
    with PLIST.open("rb") as file:
        job = plistlib.load(file)
    command = job["ProgramArguments"][-1]
    assert job["Label"] == PLIST.stem
    assert job["ExitTimeOut"] >= drain_s(command) + HAND_BACK_S
    assert job["KeepAlive"] == {"SuccessfulExit": False}
    assert "exec " in command
    subprocess.run(["/bin/sh", "-n", "-c", command], check=True)


def test_the_unit_signals_the_worker_alone_and_waits_longer_than_the_drain() -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # pyright: ignore[reportAttributeAccessIssue] the documented way to keep case
    unit.read(UNIT)
    service = unit["Service"]
    assert service["KillMode"] == "mixed"
    assert float(service["TimeoutStopSec"]) >= drain_s(service["ExecStart"]) + HAND_BACK_S
    assert service["Restart"] == "on-failure"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "aiwebhook"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("%h/.local/bin/aiwebhook", str(program)))
    told = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", str(copy)],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in told.stderr.splitlines() if UNIT.name in line]
    assert complaints == []
