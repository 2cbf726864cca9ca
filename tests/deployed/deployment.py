"""A stage deployed to the emulated account by the real CDK CLI."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from aiwebhook.client import Client
from aiwebhook_cli.cloud.toolchain import CDK
from tests.deployed.account import NUMBER, REGION, ROOT, EmulatedAccount
from tests.deployed.patience import Patience
from tests.deployed.releases import DATA, SERVICE, STAGE, Release
from tests.support.waiting import eventually

Json = dict[str, Any]
_REST_API = re.compile(r"https://(\w+)\.execute-api\.[\w-]+\.amazonaws\.com/(\w+)")
_DEPLOY_S = 480
IMAGES = "v1"
"""The version of the images."""


@dataclass(slots=True, kw_only=True)
class CdkRun:
    """How the CLI ended."""

    code: int
    said: str
    seconds: float


@dataclass(kw_only=True)
class Deployment:
    """Commands of the CLI, and what stands in the account after them."""

    account: EmulatedAccount
    patience: Patience = field(default_factory=Patience)
    """Of short journeys."""
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    def bootstrap(self) -> None:
        """As docs/deploy.md has it."""
        target = f"aws://{NUMBER}/{REGION}"
        self._succeeded(self._cdk("bootstrap", "bootstrap", target))

    def deploy(self, release: Release, what: str) -> None:
        """Deploy all four stacks; `what` names the duration."""
        self._succeeded(self.attempt(release, what))

    def attempt(self, release: Release, what: str) -> CdkRun:
        """The same, whether it succeeds or not."""
        return self._cdk(what, *self._arguments(release), "--require-approval", "never")

    def deploy_killed(self, release: Release) -> None:
        """Kill the CLI while CloudFormation makes the service stack."""
        started = self._start(*self._arguments(release), "--require-approval", "never")
        try:
            eventually(lambda: "IN_PROGRESS" in (self.status(SERVICE) or ""), within_s=_DEPLOY_S)
        finally:
            os.killpg(started.pid, signal.SIGKILL)
            started.communicate()

    def continue_rollback(self) -> None:
        """Of the service stack, as an operator continues it, to UPDATE_ROLLBACK_COMPLETE."""
        self.account.client("cloudformation").continue_update_rollback(StackName=SERVICE)
        eventually(lambda: self.status() == "UPDATE_ROLLBACK_COMPLETE", within_s=_DEPLOY_S)

    def cloud(self, *words: str, typed: str = "") -> CdkRun:
        """`aiwebhook cloud …`, from this clone; it starts the CDK app of the clone, where
        it starts one.
        """
        begun = time.monotonic()
        ended = subprocess.run(
            [sys.executable, "-m", "aiwebhook_cli", "cloud", *words],
            cwd=ROOT,
            env=self._environment,
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_DEPLOY_S,
            check=False,
        )
        run = CdkRun(code=ended.returncode, said=ended.stdout, seconds=time.monotonic() - begun)
        self.seconds[f"cloud {words[0]}"] = round(run.seconds, 1)
        return run

    def status(self, stack: str = SERVICE) -> str | None:
        """Of a stack; None when there is none."""
        client = self.account.client("cloudformation")
        try:
            return client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        except client.exceptions.ClientError:
            return None

    def outputs(self, stack: str = SERVICE) -> dict[str, str]:
        """Of a stack."""
        found = self.account.client("cloudformation").describe_stacks(StackName=stack)
        return {o["OutputKey"]: o["OutputValue"] for o in found["Stacks"][0].get("Outputs", [])}

    def resource(self, logical_id: str, stack: str = SERVICE) -> str:
        """The physical id of the resource whose logical id begins so."""
        return next(r["PhysicalResourceId"] for r in self._resources(stack, logical_id))

    def functions(self) -> dict[str, str]:
        """Name in functions/ → name in Lambda."""
        pages = self.account.client("lambda").get_paginator("list_functions").paginate()
        found = [f for page in pages for f in page["Functions"] if "handler." in f["Handler"]]
        return {f["Handler"].partition(".")[0]: f["FunctionName"] for f in found}

    def configuration(self, function: str) -> Json:
        """Of a function, by its name in functions/."""
        client = self.account.client("lambda")
        return client.get_function_configuration(FunctionName=self.functions()[function])

    def invoke(self, function: str, event: Json) -> Any:
        """What the function returns. Raises RuntimeError with what it said when it fails."""
        answer = self.account.client("lambda").invoke(
            FunctionName=self.functions()[function], Payload=json.dumps(event).encode()
        )
        said = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise RuntimeError(f"{function}: {said}")
        return said

    @cached_property
    def admin_key(self) -> str:
        """Made as `cloud deploy` does."""
        return str(self.invoke("migrate", {"admin_key": "test"})["admin_key"])

    @property
    def url(self) -> str:
        """Where the emulator serves what AWS serves under the output ApiUrl."""
        match = _REST_API.match(self.outputs()["ApiUrl"])
        assert match is not None
        return f"{self.account.url}/restapis/{match[1]}/{match[2]}/_user_request_"

    @property
    def dsn(self) -> str:
        """Of the database, as its superuser."""
        return self.account.postgres.dsn("aiwebhook")

    def client(self) -> Client:
        """A client with the admin key."""
        return Client(self.url, api_key=self.admin_key)

    def push_images(self) -> None:
        """As `cloud images` leaves them: those that are missing, for no tag is ever moved."""
        client = self.account.client("ecr")
        errors = client.exceptions
        there = (errors.ImageAlreadyExistsException, errors.ImageTagAlreadyExistsException)
        repository = self.outputs(DATA)["RunnerRepositoryUri"].partition("/")[2]
        for image in {*json.loads(self.outputs()["AgentImages"]).values()}:
            manifest = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "of": image}
            with contextlib.suppress(*there):
                client.put_image(
                    repositoryName=repository,
                    imageTag=f"{image}-{IMAGES}",
                    imageManifest=json.dumps(manifest),
                )

    def _resources(self, stack: str, logical_id: str) -> list[Json]:
        client = self.account.client("cloudformation")
        pages = client.get_paginator("list_stack_resources").paginate(StackName=stack)
        found = [r for page in pages for r in page["StackResourceSummaries"]]
        return [r for r in found if r["LogicalResourceId"].startswith(logical_id)]

    def _arguments(self, release: Release) -> Sequence[str]:
        parameters = ("AllowLoopbackCallbacks=true", f"RunnerImageTag={IMAGES}")
        given = [word for each in parameters for word in ("--parameters", f"{SERVICE}:{each}")]
        wanted = ["deploy", f"AiWebhook-{STAGE}-*", "--app", str(release.folder)]
        return [*wanted, *given]

    @property
    def _environment(self) -> dict[str, str]:
        cache = {"npm_config_cache": str(Path.home() / ".npm"), "npm_config_yes": "true"}
        often = {"NODE_OPTIONS": f"--require {ROOT / 'tests' / 'deployed' / 'ask_often.cjs'}"}
        return self.account.environment | cache | often

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["npx", "--yes", CDK, *arguments, "--ci", "--no-notices"],
            cwd=self.account.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def _cdk(self, what: str, *arguments: str) -> CdkRun:
        begun = time.monotonic()
        process = self._start(*arguments)
        try:
            said, _ = process.communicate(timeout=_DEPLOY_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
        run = CdkRun(code=process.returncode, said=said, seconds=time.monotonic() - begun)
        self.seconds[what] = round(run.seconds, 1)
        return run

    @staticmethod
    def _succeeded(run: CdkRun) -> None:
        assert run.code == 0, run.said[-6000:]
