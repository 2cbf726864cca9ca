"""Deploys the synthesised templates into the emulator, as CloudFormation would; writes secrets."""

import json
import threading
import tomllib
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from aiwebhook_local import code_zips
from aiwebhook_local.home import Project
from aiwebhook_local.transform import (
    ARTIFACT_BUCKET,
    CODE_BUCKET,
    START_FUNCTIONS,
    LocalNames,
    Template,
    deployment_order,
    function_name,
    handler_names,
    localise,
)
from aiwebhook_local.waiting import wait_until

_TIMEOUT_S = 60.0
_PARAMETERS = {"AllowLoopbackCallbacks": "true"}


class DeployFailed(Exception):
    """A stack was not created; the message names the resources and their reasons."""


def require_queues(project: Project, templates: Mapping[str, Template]) -> None:
    """Raises DeployFailed for an agent that is newer than the templates: without a queue its tasks
    would wait for ever.
    """
    deployed = json.dumps(templates)
    for path in sorted(project.manifests.glob("*.toml")):
        manifest = tomllib.loads(path.read_text(encoding="utf-8"))
        name, queued = path.stem, manifest.get("queue", manifest.get("kind") != "worker")
        if queued and f'\\"{name}\\":\\"' not in deployed:
            message = (
                f"Agent {name} has no queue in infra/synth; run 'make synth', then start again."
            )
            raise DeployFailed(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aws:
    """Access to the emulator: the front's address and the session token of this start. Keeps one
    client per service, with its connections; `close` closes them.
    """

    url: str
    session_token: str
    _clients: dict[str, Any] = field(default_factory=dict[str, Any], init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def client(self, service: str) -> Any:
        """The boto3 client, shared by all threads; Any because its methods are made at run time."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._new_client(service)
            return self._clients[service]

    def close(self) -> None:
        """Close the clients. Harmless if there are none."""
        with self._lock:
            while self._clients:
                self._clients.popitem()[1].close()

    def _new_client(self, service: str) -> Any:
        session: Any = boto3.session.Session()
        return session.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="000000000000",
            aws_secret_access_key="local",  # noqa: S106 - the emulator accepts any
            aws_session_token=self.session_token,
            config=Config(
                s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, proxies={}
            ),
        )


def local_templates(project: Project, names: LocalNames) -> dict[str, Template]:
    """The committed templates by name, localised, in order of deployment; without stacks of which
    nothing is local.
    """
    found = {
        path.name.removesuffix(".template.json"): json.loads(path.read_text())
        for path in sorted(project.templates.glob("*.template.json"))
    }
    if not found:
        raise DeployFailed(f"no templates in {project.templates}; run make synth")
    order = deployment_order(found)
    localised = {name: localise(found[name], names) for name in order}
    return {name: template for name, template in localised.items() if template["Resources"]}


def upload_code(
    aws: Aws, project: Project, localised: Mapping[str, Template], compiled: Path
) -> None:
    """Create the buckets, which outlive the stack, and upload functions and layers. Raises
    DeployFailed when code is missing: the emulator would answer 200 in its place.
    """
    names = code_zips.function_names(project)
    missing = {n for t in localised.values() for n in handler_names(t)} - {*names}
    if missing:
        raise DeployFailed(f"no functions/<name>/handler.py for {', '.join(sorted(missing))}")
    s3 = aws.client("s3")
    existing = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    for bucket in {CODE_BUCKET, ARTIFACT_BUCKET} - existing:
        s3.create_bucket(Bucket=bucket)
    layer = code_zips.core_layer_zip(project, compiled)
    s3.put_object(Bucket=CODE_BUCKET, Key="layers/core.zip", Body=layer)
    empty = code_zips.vendor_layer_zip()
    s3.put_object(Bucket=CODE_BUCKET, Key="layers/vendor.zip", Body=empty)
    for name in names:
        code = code_zips.function_zip(project, name, compiled)
        s3.put_object(Bucket=CODE_BUCKET, Key=f"functions/{name}.zip", Body=code)


def deploy(aws: Aws, localised: Mapping[str, Template]) -> dict[str, str]:
    """Create the stacks in order; returns the outputs of all. Raises DeployFailed."""
    s3, cloudformation = aws.client("s3"), aws.client("cloudformation")
    outputs: dict[str, str] = {}
    for name, template in localised.items():
        key = f"templates/{name}.json"
        # By URL: a template in the request itself may have 51,200 bytes.
        s3.put_object(Bucket=CODE_BUCKET, Key=key, Body=json.dumps(template).encode())
        parameters = template.get("Parameters", {})
        cloudformation.create_stack(
            StackName=f"aiwebhook-{name}",
            TemplateURL=f"{aws.url}/{CODE_BUCKET}/{key}",
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in _PARAMETERS.items()
                if key in parameters
            ],
        )
        outputs |= _outputs_when_created(cloudformation, f"aiwebhook-{name}")
    return outputs


def put_secrets(aws: Aws, values: Mapping[str, str]) -> None:
    """Write secrets by ARN."""
    client = aws.client("secretsmanager")
    for arn, value in values.items():
        client.put_secret_value(SecretId=arn, SecretString=value)


def put_parameters(aws: Aws, values: Mapping[str, str]) -> None:
    """Write encrypted parameters by name."""
    client = aws.client("ssm")
    for name, value in values.items():
        client.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)


def start_functions(aws: Aws) -> None:
    """Start a process of every function in the background: the first request finds it warm."""
    headers = {"x-amz-target": START_FUNCTIONS, "x-amz-security-token": aws.session_token}
    request = urllib.request.Request(  # noqa: S310 - the address is the front's own
        aws.url, data=b"", headers=headers, method="POST"
    )
    # Without proxies: they may be set for other hosts; this is loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10):
        pass


def deployed_functions(aws: Aws) -> dict[str, str]:
    """Name in functions/ → name in Lambda."""
    pages = aws.client("lambda").get_paginator("list_functions").paginate()
    return {
        function_name(function["Handler"]): function["FunctionName"]
        for page in pages
        for function in page["Functions"]
    }


def _outputs_when_created(cloudformation: Any, stack: str) -> dict[str, str]:
    def description() -> dict[str, Any]:
        return cloudformation.describe_stacks(StackName=stack)["Stacks"][0]

    wait_until(
        lambda: not description()["StackStatus"].endswith("IN_PROGRESS"), timeout_s=_TIMEOUT_S
    )
    final = description()
    if final["StackStatus"] != "CREATE_COMPLETE":
        reasons = _reasons(cloudformation, stack)
        raise DeployFailed(f"stack {stack} is {final['StackStatus']}:\n{reasons}")
    return {output["OutputKey"]: output["OutputValue"] for output in final.get("Outputs", [])}


def _reasons(cloudformation: Any, stack: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return "\n".join(
        f"  {event['LogicalResourceId']} ({event['ResourceType']}): "
        f"{event.get('ResourceStatusReason', 'no reason given')}"
        for event in events
        if "FAILED" in event["ResourceStatus"]
    )
