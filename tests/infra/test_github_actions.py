"""The workflow and the roles that are given to users for their own CI."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from aiwebhook_cli.cloud.toolchain import CDK
from tests.infra.template import ROOT

pytestmark = pytest.mark.req("O1")
FOLDER = ROOT / "examples/github-actions"
TEXT = (FOLDER / "aiwebhook.yml").read_text("utf-8")
ROLES = (FOLDER / "roles.yml").read_text("utf-8")
WORKFLOW = cast("dict[str, Any]", yaml.safe_load(TEXT))
TOOLS = Path(sys.executable).parent


def commands() -> str:
    steps = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    return "\n".join(step["run"] for step in steps if "run" in step)


def test_every_action_is_pinned_by_its_commit() -> None:
    used = re.findall(r"uses: (\S+)", TEXT)
    assert len(used) == 8
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each) for each in used)


def test_a_pull_request_sees_the_difference_and_a_tag_is_deployed_by_consent() -> None:
    diff, deploy = WORKFLOW["jobs"]["diff"], WORKFLOW["jobs"]["deploy"]
    assert "fork" not in diff["if"]
    assert "head.repo.full_name == github.repository" in diff["if"]
    assert deploy["environment"] == "aiwebhook"
    assert WORKFLOW["permissions"] == {}
    for job in (diff, deploy):
        assert job["permissions"] == {"contents": "read", "id-token": "write"}


def test_the_commands_are_those_of_the_documents() -> None:
    assert set(re.findall(r"aws-cdk@\S+", commands())) == {CDK}
    assert "make .venv/.infra layers" in commands()
    assert ".venv/bin/aiwebhook cloud images" in commands()


def test_a_comparison_that_fails_fails_its_step(tmp_path: Path) -> None:
    """It ends in a pipe. GitHub runs `bash -e` unless a shell is named, then with pipefail."""
    (step,) = (each for each in WORKFLOW["jobs"]["diff"]["steps"] if "diff" in each.get("run", ""))
    named = step.get("shell") or WORKFLOW.get("defaults", {}).get("run", {}).get("shell")
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail"] if named else ["bash", "-e"]
    (tmp_path / "npx").write_text("#!/bin/sh\necho no credentials >&2\nexit 1\n")
    (tmp_path / "npx").chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "STAGE": "dev",
    }
    ended = subprocess.run(
        [*shell, "-c", step["run"]], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert ended.returncode == 1


@pytest.mark.parametrize(
    ("repository", "taken"),
    [
        ("you/your-clone", True),
        # What GitHub's tokens say of every repository that was created after 15 July 2026.
        ("you@123/your-clone@456", True),
        ("you@123/*", False),
        ("you/your-clone:ref:refs/heads/main", False),
    ],
)
def test_the_roles_take_a_repository_as_github_names_it(repository: str, taken: bool) -> None:
    (pattern,) = re.findall(r'  Repository:\n    Type: String\n    AllowedPattern: "(.+)"', ROLES)
    assert bool(re.fullmatch(pattern, repository)) is taken
    assert "Repository=you@123/your-clone@456" in (ROOT / "docs/ci.md").read_text("utf-8")


def test_zizmor_and_cfn_lint_have_nothing_to_say() -> None:
    zizmor = [TOOLS / "zizmor", "--quiet", "--offline", "--no-progress", FOLDER / "aiwebhook.yml"]
    assert subprocess.run(zizmor, check=False).returncode == 0
    assert subprocess.run([TOOLS / "cfn-lint", FOLDER / "roles.yml"], check=False).returncode == 0


def test_the_roles_are_only_for_this_repository_and_reach_no_key() -> None:
    subjects = re.findall(r"sub: !Sub (\S+)", ROLES)
    assert subjects == [
        "repo:${Repository}:pull_request",
        "repo:${Repository}:environment:${Environment}",
    ]
    assert ROLES.count("aud: sts.amazonaws.com") == len(subjects)
    assert "secretsmanager" not in ROLES
    assert not re.search(r"Resource: \"?\*", ROLES)
    assert not re.search(r"Action: \[?[\w:, ]*\*", ROLES)
