"""The pins of the agent CLIs: exact, complete for our platforms, without any address."""

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

IMAGE = Path(__file__).parents[2] / "runner/image"
CLIS = ("claude_code", "codex", "gemini", "opencode")
every_cli = pytest.mark.parametrize("cli", CLIS)
pytestmark = pytest.mark.req("T5")


def lock_of(cli: str) -> dict[str, Any]:
    return json.loads((IMAGE / cli / "package-lock.json").read_text("utf-8"))


@every_cli
def test_the_lock_is_that_of_the_package_file(cli: str) -> None:
    package = json.loads((IMAGE / cli / "package.json").read_text("utf-8"))
    root = lock_of(cli)["packages"][""]

    for group in ("dependencies", "optionalDependencies"):
        assert root.get(group) == package.get(group)


@every_cli
def test_every_pin_is_exact(cli: str) -> None:
    package = json.loads((IMAGE / cli / "package.json").read_text("utf-8"))
    wanted = package.get("dependencies", {}) | package["optionalDependencies"]

    for version in wanted.values():
        assert re.fullmatch(r"(npm:@[\w/-]+@)?\d+\.\d+\.\d+(-[\w-]+)?", version)


@every_cli
def test_the_lock_names_a_digest_for_everything_and_no_registry(cli: str) -> None:
    lock = lock_of(cli)

    for name, entry in lock["packages"].items():
        if name:
            assert entry["integrity"].startswith("sha512-")
            assert "resolved" not in entry
    assert "://" not in json.dumps(lock)


@every_cli
@pytest.mark.parametrize("platform", ["linux-x64", "linux-arm64"])
def test_every_cli_can_be_installed_where_we_run(
    cli: str, platform: str, script: ModuleType
) -> None:
    assert script.locked_version(cli, platform)


@pytest.mark.parametrize("platform", ["linux-x64", "linux-arm64", "darwin-x64"])
def test_gemini_brings_its_node_for_every_platform(platform: str) -> None:
    assert f"node_modules/node-{platform}" in lock_of("gemini")["packages"]


@every_cli
def test_no_platform_gets_another_version(cli: str) -> None:
    root = lock_of(cli)["packages"][""]
    versions = {
        re.sub(r".*@|-(linux|darwin).*", "", v) for v in root["optionalDependencies"].values()
    }

    assert len(versions) == 1
