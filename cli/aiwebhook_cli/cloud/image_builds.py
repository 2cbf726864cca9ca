"""Images built by CodeBuild: started with a bundle, followed, and its last words when it fails."""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aiwebhook.domain.run_image import RunImage
from aiwebhook.errors import AiWebhookError, ConfigurationError, Unavailable
from aiwebhook_cli.cloud.account import Account, Json
from aiwebhook_cli.cloud.deployed_images import ImageRepository
from aiwebhook_cli.cloud.image_bundle import DOCKERFILE
from aiwebhook_cli.cloud.refusals import aws_errors

_PLATFORM = "linux/arm64"
"""Of the task definitions."""
_MIRROR = "public.ecr.aws/docker/library"
"""Of the bases: a build shares its address with strangers, whom Docker Hub counts together."""
_NEWS = "aiwebhook: "
_SOURCES = "image-sources"
"""infra/stacks/data.py lets the project read this prefix, and empties it."""
_LAST_LINES = 40
_POLL_S = 5.0


class BuildFailed(AiWebhookError):
    """CodeBuild has built, and failed."""

    code = "build_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageTag:
    """One image to be made, and what it is called."""

    image: RunImage
    reference: str

    def build_command(self, engine: str, *more: str) -> list[str]:
        """In the root of a clone."""
        image = self.image
        given = [f"AGENT={image.program}", f"SIZE={image.size}", *more]
        if image.size == "own":
            given.append(f"BASE_IMAGE={image.base}")
        arguments = [part for each in given for part in ("--build-arg", each)]
        where = ["--file", DOCKERFILE, "--tag", self.reference, "."]
        return [engine, "build", "--platform", _PLATFORM, *arguments, *where]

    def push_command(self, engine: str) -> list[str]:
        return [engine, "push", self.reference]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteBuild:
    """One build of the stage's project."""

    account: Account
    repository: ImageRepository
    show: Callable[[str], None] = field(repr=False)
    pause: Callable[[float], object] = threading.Event().wait

    def run(self, version: str, bundle: bytes) -> None:
        """Raises BuildFailed with the end of the log, and ConfigurationError where the account may
        run no builds."""
        build_id = self._start(version, bundle)
        self.show(f"The build {build_id} has started; it goes on even if you stop this command.")
        seen, shown = 0, ""
        while True:
            state = self._state(build_id)
            phase = str(state.get("currentPhase", ""))
            if phase not in {shown, "COMPLETED"}:
                shown = phase
                self.show(f"  {phase.lower().replace('_', ' ')}")
            lines = self._log(state)
            for line in (line for line in lines[seen:] if line.startswith(_NEWS)):
                self.show(f"  {line.removeprefix(_NEWS)}")
            seen = len(lines)
            if state["buildStatus"] == "SUCCEEDED":
                return
            if state["buildStatus"] != "IN_PROGRESS":
                for line in lines[-_LAST_LINES:]:
                    self.show(f"  | {line}")
                logs: Json = state.get("logs") or {}
                if "deepLink" in logs:
                    self.show(f"  full log: {logs['deepLink']}")
                raise _failed(state)
            self.pause(_POLL_S)

    def _start(self, version: str, bundle: bytes) -> str:
        bucket, key = self.repository.bucket, f"{_SOURCES}/{version}.zip"
        with aws_errors("s3:PutObject"):
            self.account.client("s3").put_object(Bucket=bucket, Key=key, Body=bundle)
        client = self.account.client("codebuild")
        with aws_errors("codebuild:StartBuild"):
            try:
                started = client.start_build(
                    projectName=self.repository.project,
                    sourceTypeOverride="S3",
                    sourceLocationOverride=f"{bucket}/{key}",
                )
            except client.exceptions.AccountLimitExceededException as exc:
                raise ConfigurationError(
                    f"AWS lets this account run no build now: {exc.response['Error']['Message']}",
                    code="builds_not_allowed",
                ) from exc
        return str(started["build"]["id"])

    def _state(self, build_id: str) -> Json:
        with aws_errors("codebuild:BatchGetBuilds"):
            found: list[Json] = self.account.client("codebuild").batch_get_builds(ids=[build_id])[
                "builds"
            ]
        if not found:
            raise Unavailable(f"CodeBuild no longer knows the build {build_id}.")
        return found[0]

    def _log(self, state: Json) -> list[str]:
        """Every line until now; none before the build has begun to write."""
        logs: Json = state.get("logs") or {}
        if not logs.get("groupName") or not logs.get("streamName"):
            return []
        client = self.account.client("logs")
        lines: list[str] = []
        asked: Json = {"logGroupName": logs["groupName"], "logStreamName": logs["streamName"]}
        token: str | None = None
        with aws_errors("logs:GetLogEvents"):
            while True:
                more = {"nextToken": token} if token else {}
                try:
                    page = client.get_log_events(**asked, **more, startFromHead=True)
                except client.exceptions.ResourceNotFoundException:
                    return lines
                lines += [str(event["message"]).rstrip() for event in page["events"]]
                if page["nextForwardToken"] == token or not page["events"]:
                    return lines
                token = page["nextForwardToken"]


def buildspec(tags: Sequence[ImageTag], repository: ImageRepository) -> str:
    """What CodeBuild does with the bundle that holds it (JSON is YAML)."""
    login = (
        f"aws ecr get-login-password | docker login --username AWS --password-stdin"
        f" {repository.host}"
    )
    build: list[str] = []
    for tag in tags:
        # The build of a command that was stopped goes on, and no tag is ever moved: what it has
        # pushed by then is neither built again nor a fault.
        there = f"{shlex.join(['docker', 'manifest', 'inspect', tag.reference])} > /dev/null"
        build += [
            f'echo "{_NEWS}building {tag.image.name}"',
            f"{there} 2>&1 || {shlex.join(tag.build_command('docker', f'REGISTRY={_MIRROR}'))}",
            f"{shlex.join(tag.push_command('docker'))} || {there}",
            f'echo "{_NEWS}pushed {tag.image.name}"',
        ]
    phases = {"pre_build": {"commands": [login]}, "build": {"commands": build}}
    return json.dumps({"version": 0.2, "phases": phases}, indent=1)


def _failed(state: Json) -> BuildFailed:
    phases: list[Json] = state.get("phases") or []
    reasons: list[str] = []
    for phase in phases:
        contexts: list[Json] = phase.get("contexts") or []
        reasons += [str(each["message"]) for each in contexts if each.get("message")]
    status = str(state["buildStatus"]).lower().replace("_", " ")
    reason = f": {reasons[-1]}" if reasons else "."
    return BuildFailed(f"The build {state['id']} ended as {status}{reason}")
