"""Calls of the emulator with the rights of a role, as ECS makes them for a task."""

from __future__ import annotations

import contextlib
import importlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from aiwebhook_local import emulator
from aiwebhook_local.ecs_container import EcsError

Json = dict[str, Any]
_lambda_runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
_evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
_REGISTRY, _LOGS = "AmazonEC2ContainerRegistry_V20150921", "Logs_20140328"
_ANY_LAYER = "sha256:" + "0" * 64


class NotThere(EcsError):
    """What was asked for does not exist, and the role may know that."""


@dataclass(kw_only=True)
class CallsOfARole:
    """Signs with a session of `role`, so that the emulator checks it. Used from one event loop,
    and `role`, of which a stage has one, is set before each task.
    """

    url: str
    role: str = ""

    async def pull(self, image: str) -> None:
        """What it takes to pull an image. Raises EcsError."""
        repository, _, tag = image.partition("/")[2].partition(":")
        await self._asked("ecr", f"{_REGISTRY}.GetAuthorizationToken", {})
        wanted = {"repositoryName": repository, "imageIds": [{"imageTag": tag}]}
        if not (await self._asked("ecr", f"{_REGISTRY}.BatchGetImage", wanted))["images"]:
            raise EcsError("CannotPullContainerError", f"failed to resolve ref {image}: not found")
        layer = {"repositoryName": repository, "layerDigest": _ANY_LAYER}
        layers = {"repositoryName": repository, "layerDigests": [_ANY_LAYER]}
        with contextlib.suppress(NotThere):
            await self._asked("ecr", f"{_REGISTRY}.BatchCheckLayerAvailability", layers)
        with contextlib.suppress(NotThere):
            await self._asked("ecr", f"{_REGISTRY}.GetDownloadUrlForLayer", layer)

    async def open_log(self, container: Json, task_id: str) -> None:
        """Make the stream, and write its first line. Raises EcsError; but a line that may not be
        written is lost without a word, as on AWS.
        """
        options = container["logConfiguration"]["options"]
        name = f"{options['awslogs-stream-prefix']}/{container['name']}/{task_id}"
        stream = {"logGroupName": options["awslogs-group"], "logStreamName": name}
        await self._asked("logs", f"{_LOGS}.CreateLogStream", stream)
        line = {"timestamp": int(time.time() * 1000), "message": "started"}
        with contextlib.suppress(EcsError):
            await self._asked("logs", f"{_LOGS}.PutLogEvents", {**stream, "logEvents": [line]})

    async def call(self, service: str, target: str, request: Json) -> tuple[int, Json]:
        """In the place of `emulator.call`: status and answer."""
        if service == "ecs":  # the stand-in asks the emulator about its own records
            definition = importlib.import_module("ministack.services.ecs")
            status, _headers, body = definition._describe_task_definition(request)
            return status, json.loads(body)
        body = json.dumps(request)
        headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.1"}
        asked = AWSRequest("POST", f"{self.url}/", data=body, headers=headers)
        SigV4Auth(self._session(), service, emulator.REGION).add_auth(asked)
        sent = {"host": self.url.removeprefix("http://")}
        sent |= {name.lower(): value for name, value in asked.headers.items()}
        reply = await emulator.exchange(emulator.post_scope(sent), body.encode())
        return reply.status, json.loads(reply.body or b"{}")

    async def _asked(self, service: str, target: str, request: Json) -> Json:
        status, answer = await self.call(service, target, request)
        if status == 200:
            return answer
        said = f"{target.rpartition('.')[2]}: {answer}"
        if "AccessDenied" in str(answer):
            raise EcsError("ResourceInitializationError", said)
        raise NotThere("ClientException", said)

    def _session(self) -> Credentials:
        """Of the role, made as the emulator makes those of functions."""
        arn = f"arn:aws:lambda:{emulator.REGION}:{emulator.ACCOUNT}:function:ecs"
        made = _lambda_runtime.execution_credentials({"FunctionArn": arn, "Role": self.role})
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        return Credentials(*(made[name] for name in names))


def may(role_arn: str, actions: Sequence[str], resource: str) -> bool:
    """Whether AWS, acting by itself as this role, would be allowed all of the actions."""
    name = role_arn.rpartition("/")[2]
    policies = _evaluator._gather_role_policies(name, emulator.ACCOUNT)
    return all(
        _evaluator.evaluate(
            _evaluator.EvalContext(
                principal_arn=f"arn:aws:sts::{emulator.ACCOUNT}:assumed-role/{name}/aws",
                principal_type="AssumedRole",
                principal_account=emulator.ACCOUNT,
                action=action,
                resource_arn=resource,
                region=emulator.REGION,
            ),
            policies,
        ).decision
        == "Allow"
        for action in actions
    )
