"""`aiwebhook cloud images`: the images of this clone's agents, built, pushed and put to use."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, cast

import typer

from aiwebhook.agents import load_manifests
from aiwebhook.domain.agent import AgentManifest
from aiwebhook.domain.run_image import RunImage, image_of
from aiwebhook.errors import ConfigurationError, Invalid, NotFound
from aiwebhook_cli.cloud.account import Account
from aiwebhook_cli.cloud.commands import account_and_tools, app
from aiwebhook_cli.cloud.deployed_images import (
    ImageRepository,
    deployed_images,
    registry_login,
    repository_of,
    use_version,
)
from aiwebhook_cli.cloud.image_builds import ImageTag, RemoteBuild, buildspec
from aiwebhook_cli.cloud.image_bundle import image_version, packed
from aiwebhook_cli.cloud.options import DryRun, Region, StageName
from aiwebhook_cli.cloud.toolchain import Toolchain
from aiwebhook_cli.printing import print_done, print_hint
from aiwebhook_cli.target import Globals

_BUILDSPEC = "buildspec.yml"


class Engine(StrEnum):
    """What builds on this machine. On one that is not arm64 it needs QEMU."""

    DOCKER = "docker"
    PODMAN = "podman"
    FINCH = "finch"


@app.command(epilog="Example: aiwebhook cloud images --stage dev --dry-run")
def images(
    ctx: typer.Context,
    stage: StageName = "dev",
    region: Region = None,
    engine: Annotated[
        Engine | None, typer.Option(help="Build on this machine, instead of by AWS CodeBuild.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Only for this agent; repeatable.")] = None,
    use: Annotated[
        str | None, typer.Option(help="Build nothing; go back to this version, pushed before.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Build and push the agents' images. Runs use them from then on.

    AWS CodeBuild builds, on arm64, in your account; what is there already is not built again. Runs
    change to the new version once all of it is there. Needs a stage that is deployed.
    """
    options = cast("Globals", ctx.obj)
    account, tools, _ = account_and_tools(options, stage, region, dry_run=dry_run)
    wanted = _images_of(tools)
    making = _Making(
        account=account,
        tools=tools,
        repository=repository_of(account, stage),
        version=use or image_version(tools.root),
    )
    tags: list[ImageTag] = []
    if use is None:
        tags = making.not_there(_chosen(tools, only) if only else wanted)
        making.build(tags, engine)
    else:
        making.require(wanted)
    version, references = making.version, [tag.reference for tag in tags]
    used = _take_into_use(account, tools, stage, wanted, version)
    built = {"built": [], "would_build": references} if dry_run else {"built": references}
    body = {"stage": stage, "version": version, **built, "used": used}
    number = f"{len(references)} images {'would be ' if dry_run else ''}built"
    said = number if references else "Nothing had to be built"
    rest = f"; runs use version {version}." if used else f"; version {version} is not in use yet."
    print_done(options, body, said + rest)


def _images_of(tools: Toolchain) -> list[RunImage]:
    """What the agents of the clone need, each once."""
    found = {image_of(each) for each in _manifests(tools).values() if each.queue}
    return sorted(found, key=lambda image: image.name)


def _manifests(tools: Toolchain) -> Mapping[str, AgentManifest]:
    return load_manifests(tools.root / "layers/core/python/aiwebhook/agents")


def _chosen(tools: Toolchain, agents: Sequence[str]) -> list[RunImage]:
    manifests = _manifests(tools)
    unknown = sorted(set(agents) - set(manifests))
    if unknown:
        known = ", ".join(sorted(name for name, each in manifests.items() if each.queue))
        raise Invalid(f"There is no agent {unknown[0]}.", remedy=f"Of {known}.")
    found = {image_of(manifests[agent]) for agent in agents}
    return sorted(found, key=lambda image: image.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    """One version of the images, on its way into a stage's repository."""

    account: Account
    tools: Toolchain
    repository: ImageRepository
    version: str

    def not_there(self, images: Sequence[RunImage]) -> list[ImageTag]:
        """Those that the repository lacks."""
        there = self.account.image_tags(self.repository.name)
        return [
            ImageTag(image=image, reference=f"{self.repository.uri}:{image.tag(self.version)}")
            for image in images
            if image.tag(self.version) not in there
        ]

    def require(self, images: Sequence[RunImage]) -> None:
        """Raises NotFound unless all are there."""
        missing = self.not_there(images)
        if missing:
            names = ", ".join(tag.image.name for tag in missing)
            raise NotFound(f"Of version {self.version} there is no {names}.", code="image_missing")

    def build(self, tags: Sequence[ImageTag], engine: Engine | None) -> None:
        """Build and push, by CodeBuild where no engine is named."""
        if tags and engine is None:
            self._build_remotely(tags)
        elif tags and engine is not None:
            self._build_here(tags, engine)

    def _build_remotely(self, tags: Sequence[ImageTag]) -> None:
        project, spec = self.repository.project, buildspec(tags, self.repository)
        print_hint(f"$ aws codebuild start-build --project-name {project}, which runs:")
        for line in spec.splitlines():
            print_hint(line)
        if not self.tools.dry_run:
            remote = RemoteBuild(account=self.account, repository=self.repository, show=print_hint)
            remote.run(self.version, packed(self.tools.root, {_BUILDSPEC: spec}))

    def _build_here(self, tags: Sequence[ImageTag], engine: Engine) -> None:
        tools = self.tools
        if shutil.which(engine, path=tools.environ.get("PATH")) is None:
            raise ConfigurationError(f"There is no {engine} on this machine.", code="no_engine")
        login = None if tools.dry_run else registry_login(self.account)
        tools.run(
            *(engine, "login", "--username", "AWS", "--password-stdin", self.repository.host),
            what="The sign-in at the registry",
            typed=login,
        )
        for tag in tags:
            tools.run(*tag.build_command(engine), what=f"The image {tag.image.name}")
            tools.run(*tag.push_command(engine), what=f"The push of {tag.image.name}")


def _take_into_use(
    account: Account, tools: Toolchain, stage: str, images: Sequence[RunImage], version: str
) -> bool:
    """Whether runs use it. Not while one of its images is missing: every run of that
    agent would fail."""
    deployed = deployed_images(account, stage)
    if deployed is None:
        print_hint("Next: 'aiwebhook cloud deploy', then this command again.")
        return False
    needed = {*deployed.by_agent.values(), *(image.name for image in images)}
    missing = sorted(name for name in needed if f"{name}-{version}" not in deployed.tags)
    print_hint(f"$ aws cloudformation update-stack … RunnerImageTag={version}")
    if tools.dry_run:
        return False
    if missing:
        print_hint(f"Not yet: there is no image {', '.join(missing)} of this version.")
        return False
    if deployed.version != version:
        use_version(account, stage, version)
    return True
