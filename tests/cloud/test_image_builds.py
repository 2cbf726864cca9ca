"""What CodeBuild is told to run: twice at once, or again after a command that was stopped."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from aiwebhook.domain.run_image import RunImage
from aiwebhook_cli.cloud.deployed_images import ImageRepository
from aiwebhook_cli.cloud.image_builds import ImageTag, buildspec

pytestmark = pytest.mark.req("O1", "T5")
PLACE = ImageRepository(uri="registry.example/images", project="p", bucket="b")
DOCKER = """#!/bin/sh
echo "$1" >> {folder}/asked
case "$1" in
  manifest) test -e {folder}/there ;;
  build) {while_it_builds} ;;
  push) test ! -e {folder}/there && {push} ;;
esac
"""
"""A registry in which no tag is ever moved."""


@pytest.mark.parametrize(
    ("there", "while_it_builds", "push", "ends"),
    [
        (False, "true", "touch {folder}/there", (0, ["manifest", "build", "push"])),
        # The build of a command that was stopped has pushed it, before this one or meanwhile.
        (True, "true", "true", (0, ["manifest", "push", "manifest"])),
        (False, "touch {folder}/there", "true", (0, ["manifest", "build", "push", "manifest"])),
        (False, "true", "false", (1, ["manifest", "build", "push", "manifest"])),
        (False, "false", "true", (1, ["manifest", "build"])),
    ],
)
def test_two_builds_of_the_same_version_do_not_disturb_each_other(
    tmp_path: Path, there: bool, while_it_builds: str, push: str, ends: tuple[int, list[str]]
) -> None:
    docker = tmp_path / "docker"
    played = {"while_it_builds": while_it_builds.format(folder=tmp_path), "folder": tmp_path}
    docker.write_text(DOCKER.format(push=push.format(folder=tmp_path), **played))
    docker.chmod(0o755)
    if there:
        (tmp_path / "there").touch()
    tag = ImageTag(image=RunImage(program="codex"), reference="registry.example/images:t")
    commands = json.loads(buildspec([tag], PLACE))["phases"]["build"]["commands"]
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    codes: list[int] = []
    for command in commands:  # CodeBuild ends with the first that fails
        ran = subprocess.run(
            ["/bin/sh", "-c", command], env=environ, check=False, capture_output=True
        )
        codes.append(ran.returncode)
        if ran.returncode:
            break
    assert (codes[-1], (tmp_path / "asked").read_text().split()) == ends
