"""`install_agents.py`, with an npm of our own that needs no network; and, marked `agents`, with
the real one."""

import os
import re
import shutil
import stat
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from aiwebhook_runner.adapters.cli_kinds import CLI, installed_version
from tests.image.conftest import SCRIPT

pytestmark = pytest.mark.req("T5")
PACKAGE = "node_modules/@anthropic-ai/claude-code-{platform}/claude"


class FakeNpm:
    """Plays npm in a folder of the PATH, and counts its calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        folder.mkdir()

    def does(self, body: str) -> None:
        """`body` is shell; it runs in the folder of package.json."""
        npm = self.folder / "npm"
        npm.write_text(f'#!/bin/sh\necho "$@" >> {self.calls}\n{textwrap.dedent(body)}')
        npm.chmod(0o755)

    def delivers(self, version: str, platform: str) -> None:
        """A Claude Code that knows its version."""
        program = PACKAGE.format(platform=platform)
        self.does(
            f"""
            mkdir -p {Path(program).parent}
            printf '#!/bin/sh\\necho "{version} (Claude Code)"\\n' > {program}
            chmod 755 {program}
            """
        )

    def install(
        self, prefix: Path, *agents: str, path: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Runs the script with this npm in front."""
        return run(prefix, *agents, PATH=path or f"{self.folder}:{os.defpath}")


def run(prefix: Path, *agents: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The script, as the Dockerfile and the Makefile call it."""
    return subprocess.run(
        [sys.executable, SCRIPT, prefix, *agents],
        env={"HOME": str(prefix), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def npm(tmp_path: Path) -> FakeNpm:
    return FakeNpm(tmp_path / "npm")


@pytest.fixture(scope="module")
def here(script: ModuleType) -> Mapping[str, str]:
    """This machine's platform, and the version that is locked for it."""
    platform = script.this_platform()
    return {"platform": platform, "version": script.locked_version("claude_code", platform)}


def test_installs_what_the_lock_names_and_anybody_may_run_it(
    npm: FakeNpm, here: Mapping[str, str], tmp_path: Path
) -> None:
    npm.delivers(**here)
    prefix = tmp_path / "agents"

    done = npm.install(prefix, "claude_code")

    assert done.returncode == 0, done.stderr
    command = prefix / "bin/claude"
    assert subprocess.check_output([command, "--version"], text=True).startswith(here["version"])
    assert not command.readlink().is_absolute()
    assert stat.S_IMODE(command.stat().st_mode) & 0o005 == 0o005
    assert npm.calls.read_text().startswith("ci --ignore-scripts")


def test_a_second_time_there_is_nothing_to_do(
    npm: FakeNpm, here: Mapping[str, str], tmp_path: Path
) -> None:
    npm.delivers(**here)
    npm.install(tmp_path / "agents", "claude_code")

    done = npm.install(tmp_path / "agents", "claude_code")

    assert f"claude {here['version']} is installed" in done.stderr
    assert len(npm.calls.read_text().splitlines()) == 1


def test_a_failed_installation_is_tried_again(
    npm: FakeNpm, here: Mapping[str, str], tmp_path: Path
) -> None:
    npm.does("exit 1")
    assert npm.install(tmp_path / "agents", "claude_code").returncode == 1
    npm.delivers(**here)

    assert npm.install(tmp_path / "agents", "claude_code").returncode == 0


def test_a_template_takes_the_first_cli_it_may_run_on(
    npm: FakeNpm, here: Mapping[str, str], tmp_path: Path
) -> None:
    npm.delivers(**here)

    assert npm.install(tmp_path / "agents", "researcher").returncode == 0
    assert (tmp_path / "agents/bin/claude").exists()


def test_an_agent_of_our_own_needs_no_npm_at_all(tmp_path: Path) -> None:
    done = run(tmp_path / "agents", "memory_keeper", PATH="/nowhere")

    assert (done.returncode, done.stderr) == (0, "memory_keeper needs no command-line tool\n")


FAILURES = {
    "echo 'npm error code ENOTFOUND' >&2; exit 1": "registry cannot be reached",
    "echo 'npm error code EINTEGRITY' >&2; exit 1": "not what the lock names",
    "echo 'npm error 404 Not Found' >&2; exit 1": "could not install claude: 404 Not Found",
    "exit 0": "npm left out claude's package",
}


@pytest.mark.parametrize(("body", "sentence"), FAILURES.items(), ids=FAILURES.values())
def test_a_failure_is_reported_in_one_sentence(
    body: str, sentence: str, npm: FakeNpm, tmp_path: Path
) -> None:
    npm.does(body)

    done = npm.install(tmp_path / "agents", "claude_code")

    assert done.returncode == 1
    [last] = done.stderr.splitlines()[1:]
    assert last.startswith("install_agents: ")
    assert sentence in last


def test_another_version_than_the_pinned_one_is_refused(
    npm: FakeNpm, here: Mapping[str, str], tmp_path: Path
) -> None:
    npm.delivers("2.1.197", here["platform"])

    done = npm.install(tmp_path / "agents", "claude_code")

    assert "but says '2.1.197 (Claude Code)'" in done.stderr


def test_a_binary_that_does_not_start_is_refused(
    npm: FakeNpm, here: Mapping[str, str], tmp_path: Path
) -> None:
    program = PACKAGE.format(platform=here["platform"])
    npm.does(f"mkdir -p {Path(program).parent}; printf x > {program}; chmod 755 {program}")

    done = npm.install(tmp_path / "agents", "claude_code")

    assert "claude does not start here: " in done.stderr


def test_without_npm_it_says_so(tmp_path: Path) -> None:
    done = run(tmp_path / "agents", "claude_code", PATH="/nowhere")

    assert "npm is not on the PATH" in done.stderr


def test_an_unknown_agent_is_named_with_those_that_are_known(tmp_path: Path) -> None:
    done = run(tmp_path / "agents", "cluade", PATH="/nowhere")

    assert re.search(r"There is no agent 'cluade'; there are claude_code, codex, ", done.stderr)


def test_a_platform_without_a_package_is_named(script: ModuleType) -> None:
    with pytest.raises(script.NotInstalled, match="codex is not published for aix-ppc64"):
        script.locked_version("codex", "aix-ppc64")


@pytest.mark.agents
@pytest.mark.timeout(600)
def test_the_real_packages_install_and_start_for_every_cli(
    script: ModuleType, here: Mapping[str, str], tmp_path: Path
) -> None:
    path = f"{Path(shutil.which('npm') or '').parent}:{os.defpath}"

    done = run(tmp_path, "claude_code", "codex", "gemini", "opencode", PATH=path)

    assert done.returncode == 0, done.stderr
    assert sorted(link.name for link in (tmp_path / "bin").iterdir()) == [
        *("claude", "codex", "gemini", "opencode")
    ]
    told = {kind.value: installed_version(kind, str(tmp_path / "bin")) for kind in CLI}
    assert told == {name: script.locked_version(name, here["platform"]) for name in told}
