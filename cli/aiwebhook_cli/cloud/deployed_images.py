"""Which images a deployment runs, which its repository holds, and which it lacks."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from aiwebhook.errors import AiWebhookError, NotFound
from aiwebhook_cli.checks import Check
from aiwebhook_cli.cloud.account import Account, Json
from aiwebhook_cli.cloud.refusals import aws_errors
from aiwebhook_cli.cloud.stage import stack

_PARAMETER = "RunnerImageTag"
REMEDY = "'aiwebhook cloud images' builds and pushes them."


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedImages:
    """Of one stage. `version`: what runs are started from; `by_agent`: agent → image name."""

    version: str
    by_agent: Mapping[str, str]
    tags: frozenset[str]

    def tag_of(self, agent: str) -> str:
        return f"{self.by_agent[agent]}-{self.version}"

    @property
    def missing(self) -> Sequence[str]:
        """The agents that have none."""
        return sorted(agent for agent in self.by_agent if self.tag_of(agent) not in self.tags)

    def as_check(self) -> Check:
        """For `cloud check` and `doctor`."""
        missing = self.missing
        found = f"version {self.version}, for every agent"
        return Check(
            name="images",
            ok=not missing,
            found=f"none for {', '.join(missing)}" if missing else found,
            remedy=REMEDY,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRepository:
    """Where a stage's images lie, and what builds them."""

    uri: str
    project: str
    bucket: str

    @property
    def host(self) -> str:
        """The registry."""
        return self.uri.partition("/")[0]

    @property
    def name(self) -> str:
        """Within the registry."""
        return self.uri.partition("/")[2]


def deployed_images(account: Account, stage: str) -> DeployedImages | None:
    """None where the stage is not deployed."""
    outputs = account.outputs(stack(stage, "service"))
    if "AgentImages" not in outputs:
        return None
    return DeployedImages(
        version=account.parameters(stack(stage, "service")).get(_PARAMETER, "none"),
        by_agent=cast("Mapping[str, str]", json.loads(outputs["AgentImages"])),
        tags=account.image_tags(repository_of(account, stage).name),
    )


def image_checks(account: Account, stage: str) -> Iterator[Check]:
    """One for all agents; none before the stage is deployed."""
    try:
        deployed = deployed_images(account, stage)
    except AiWebhookError as error:
        yield Check(name="images", ok=None, found=error.detail, remedy=error.remedy)
        return
    if deployed is not None:
        yield deployed.as_check()


def image_rows(deployed: DeployedImages | None) -> list[Json]:
    """For `cloud status`: one per agent."""
    if deployed is None:
        return []
    there = {agent: deployed.tag_of(agent) in deployed.tags for agent in deployed.by_agent}
    return [
        {"what": f"image {agent}", "state": deployed.tag_of(agent) if there[agent] else "missing"}
        for agent in sorted(deployed.by_agent)
    ]


def repository_of(account: Account, stage: str) -> ImageRepository:
    """Raises NotFound where the stage is not deployed."""
    outputs = account.outputs(stack(stage, "data"))
    if "ImageBuildProject" not in outputs:
        raise NotFound(
            f"The stage {stage} is not deployed in {account.region}.", code="cloud_stage"
        )
    return ImageRepository(
        uri=outputs["RunnerRepositoryUri"],
        project=outputs["ImageBuildProject"],
        bucket=outputs["ArtifactBucketName"],
    )


def use_version(account: Account, stage: str, version: str) -> None:
    """Have runs that start from now on take this version; nothing else of the stack changes."""
    name = stack(stage, "service")
    others = set(account.parameters(name)) - {_PARAMETER}
    client = account.client("cloudformation")
    with aws_errors("cloudformation:UpdateStack"):
        client.update_stack(
            StackName=name,
            UsePreviousTemplate=True,
            Parameters=[
                {"ParameterKey": _PARAMETER, "ParameterValue": version},
                *({"ParameterKey": each, "UsePreviousValue": True} for each in sorted(others)),
            ],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        )
        client.get_waiter("stack_update_complete").wait(StackName=name)


def registry_login(account: Account) -> str:
    """The password of the user AWS, for half a day: to push with an engine on this machine."""
    with aws_errors("ecr:GetAuthorizationToken"):
        data = account.client("ecr").get_authorization_token()["authorizationData"][0]
    return base64.b64decode(data["authorizationToken"]).decode().partition(":")[2]
