"""The fence around files: what belongs within, and what a process finds there, which needs no other
user for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aiwebhook_runner.process import isolation, landlock

pytestmark = pytest.mark.req("T4")
WITHIN = """
import os, sys
sys.path.append(sys.argv[1])
import landlock
own, link, other = sys.argv[2:]
landlock.RESOLVER = link
landlock.fence_files(own)
os.listdir("/sys/devices/system/cpu")
print(open(link).read())
for path, mode in ((other, "r"), (link, "a")):
    try:
        open(path, mode)
        print("open", path)
    except PermissionError:
        print("refused")
"""


def test_a_program_brings_its_libraries_and_nothing_else_that_lies_around_it(
    tmp_path: Path,
) -> None:
    """As nvm, npm and Claude Code's own installer lay them out below a home."""
    node = tmp_path / ".nvm" / "v22"
    script = node / "lib" / "node_modules" / "codex" / "bin" / "codex.js"
    claude = tmp_path / ".local" / "share" / "claude" / "2.1"
    for file in (script, node / "bin" / "node", claude, tmp_path / ".ssh" / "id", tmp_path / "lib"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    (node / "bin" / "codex").symlink_to(script)
    local = tmp_path / ".local" / "bin"
    local.mkdir()
    (local / "claude").symlink_to(claude)

    found = isolation.installed_around(
        [local / "claude", node / "bin" / "codex", tmp_path / "agent"],
        search_path=f"{local}{os.pathsep}{tmp_path}",
    )

    modules = node / "lib" / "node_modules"
    of_codex = {script, script.parent, modules, node / "bin", node / "lib"}
    assert set(found) == {claude, local, *of_codex}


@pytest.mark.skipif(landlock.version() <= 0, reason="needs Landlock")
def test_names_are_resolved_wherever_the_system_writes_how_and_nothing_beside_it(
    tmp_path: Path,
) -> None:
    """As systemd-resolved and NetworkManager have it: a link to below /run."""
    run, own, link = tmp_path / "run", tmp_path / "own", tmp_path / "resolv.conf"
    run.mkdir()
    own.mkdir()
    (run / "stub.conf").write_text("nameserver ::1")
    (run / "secret").write_text("a password of the network")
    link.symlink_to(run / "stub.conf")
    beside = str(Path(landlock.__file__).parent)
    arguments = [beside, str(own), str(link), str(run / "secret")]

    within = subprocess.run(
        [sys.executable, "-c", WITHIN, *arguments], capture_output=True, text=True, check=False
    )

    assert within.stdout.splitlines() == ["nameserver ::1", *["refused"] * 2], within.stderr
