"""What AWS's SAM CLI needs of the functions (`make sam`): a template with the code as it lies, an
event of each, and, while the local stack runs, its variables.

`python -m aiwebhook_local.sam` makes them in .build/sam; `… sam invoke relay` has SAM's own runtime
emulator invoke one here, without a container. docs/sam.md says what else can be done with them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from aiwebhook.private_file import write_private
from aiwebhook_local.home import Home
from aiwebhook_local.ports import free_port
from aiwebhook_local.sam_variables import OF_AWS
from aiwebhook_local.stack import SOURCE_ROOT
from aiwebhook_local.transform import function_name

FOLDER = ".build/sam"
_RUNTIME = "python3.13"
_LAYERS = {"CoreLayer": "layers/core", "VendorLayer": ".build/layers/vendor"}
_API = (("relay", "Webhook", "/webhook"), ("session_api", "V1", "/v1/{proxy+}"))
_PACKAGES = ("layers/core/python", "functions")
_EMULATORS = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_INVOKE = "/2015-03-31/functions/function/invocations"
_START_S = 30.0


class NothingToInvoke(Exception):
    """One sentence for people: what is missing, and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files and, if asked to, invoke a function. Returns 1, after printing why, when
    that is impossible.
    """
    parser = argparse.ArgumentParser(prog="python -m aiwebhook_local.sam")
    parser.add_argument("--host", default="host.docker.internal", help="what containers call us")
    parser.add_argument("invoke", nargs="*", help="invoke FUNCTION, with its event")
    given = parser.parse_args(arguments)
    home = Home(root=SOURCE_ROOT / ".local")
    try:
        make_files(SOURCE_ROOT, home, host=given.host)
        if given.invoke[:1] == ["invoke"]:
            answer = invoke(SOURCE_ROOT, home, *given.invoke[1:])
            sys.stdout.write(json.dumps(answer, indent=1) + "\n")
    except NothingToInvoke as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


def make_files(root: Path, home: Home, *, host: str) -> None:
    """Write .build/sam afresh: template.json, code, events, and variables.json for containers."""
    folder = root / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    deployed = json.loads((root / "infra/synth/dev/service.template.json").read_text("utf-8"))
    functions = {
        function_name(each["Properties"]["Handler"]): each["Properties"]
        for each in deployed["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function" and each["Properties"].get("Layers")
    }
    for name in functions:
        code = folder / "code" / name / name
        shutil.copytree(root / "functions" / name, code, ignore=shutil.ignore_patterns("*.pyc"))
    text = json.dumps(template(functions), indent=1)
    (folder / "template.json").write_text(text + "\n", "utf-8")
    (folder / "events").mkdir()
    key = home.api_key_file.read_text("utf-8").strip() if home.api_key_file.exists() else "KEY"
    for name, event in events(key).items():
        write_private(folder / "events" / f"{name}.json", json.dumps(event, indent=1))
    if home.sam_variables.exists():
        said = home.sam_variables.read_text("utf-8").replace("http://127.0.0.1", f"http://{host}")
        in_sam = {_logical(name): each for name, each in json.loads(said).items()}
        write_private(folder / "variables.json", json.dumps(in_sam, indent=1))


def template(functions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """SAM's template of the functions, by the properties that they are deployed with."""
    resources: dict[str, Any] = {
        name: {
            "Type": "AWS::Serverless::LayerVersion",
            "Properties": {"ContentUri": f"../../{path}", "CompatibleRuntimes": [_RUNTIME]},
        }
        for name, path in _LAYERS.items()
    }
    for name, properties in functions.items():
        variables = dict.fromkeys((*properties["Environment"]["Variables"], *OF_AWS), "")
        resources[_logical(name)] = {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "CodeUri": f"code/{name}",
                "Handler": properties["Handler"],
                "Runtime": _RUNTIME,
                "Architectures": properties["Architectures"],
                "MemorySize": properties["MemorySize"],
                "Timeout": properties["Timeout"],
                "Layers": [{"Ref": layer} for layer in _LAYERS],
                "Environment": {"Variables": variables},
                "Events": {
                    event: {"Type": "Api", "Properties": {"Path": path, "Method": "ANY"}}
                    for of, event, path in _API
                    if of == name
                },
            },
        }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": "AI Webhook for the SAM CLI; made by 'make sam', never deployed",
        # As API Gateway is set: bodies come as they were sent, base64 around them.
        "Globals": {"Api": {"BinaryMediaTypes": ["*~1*"]}},
        "Resources": resources,
    }


def events(key: str) -> dict[str, dict[str, Any]]:
    """An example event for each function, in the form that AWS delivers it."""
    command: dict[str, Any] = {
        "type": "collaborative_session_command",
        "command": "list_tasks",
        "data": {},
    }
    wake = {"project_id": "default", "agent_name": "researcher"}
    return {
        "relay": _request("POST", "/webhook", key, json.dumps(command)),
        "session_api": _request("GET", "/v1/sessions", key, None),
        "dispatcher": _messages(wake),
        "notifier": _messages({"project_id": "default", "event_no": 1}),
        "outbound": {"kind": "document", "url": "https://example.com/", "limit": 65536},
        "reaper": {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}},
        "reconciler": {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}},
        "migrate": {},
    }


def invoke(root: Path, home: Home, name: str) -> Any:
    """Run the function with its example event under SAM's emulator and AWS's runtime client;
    returns its result.

    Raises NothingToInvoke if the stack is not running, or SAM or the function is missing.
    """
    if not home.sam_variables.exists():
        raise NothingToInvoke("The local stack does not run: 'make up' in another terminal.")
    variables = json.loads(home.sam_variables.read_text("utf-8"))
    if name not in variables:
        raise NothingToInvoke(f"There is no function {name}; there are {', '.join(variables)}.")
    event = (root / FOLDER / "events" / f"{name}.json").read_bytes()
    ours, client = free_port(), free_port()
    command = [
        *(str(_emulator(root)), "--runtime-interface-emulator-address", f"127.0.0.1:{ours}"),
        *("--runtime-api-address", f"127.0.0.1:{client}"),
        *(sys.executable, "-m", "awslambdaric", f"{name}.handler.lambda_handler"),
    ]
    environment = {
        **variables[name],
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(str(root / each) for each in _PACKAGES),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
    }
    with subprocess.Popen(command, env=environment, stdout=sys.stderr) as emulator:
        try:
            return _answer(ours, event, emulator)
        finally:
            emulator.terminate()


def _answer(port: int, event: bytes, emulator: subprocess.Popen[bytes]) -> Any:
    """Post the event, retrying until the emulator listens. Raises NothingToInvoke if it
    does not start.
    """
    until = time.monotonic() + _START_S
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=90)
        try:
            connection.request("POST", _INVOKE, event)
            return json.loads(connection.getresponse().read())
        except ConnectionRefusedError as exc:
            if emulator.poll() is not None or time.monotonic() > until:
                raise NothingToInvoke("SAM's emulator does not start.") from exc
            with suppress(subprocess.TimeoutExpired):
                emulator.wait(0.05)
        finally:
            connection.close()


def _emulator(root: Path) -> Path:
    machine = _EMULATORS.get(platform.machine().lower(), "x86_64")
    pattern = f".venv-sam/lib/*/site-packages/samcli/local/rapid/aws-lambda-rie-{machine}"
    found = next(root.glob(pattern), None)
    if found is None:
        raise NothingToInvoke("SAM is not installed here: 'make sam' installs it.")
    return found


def _logical(name: str) -> str:
    """The logical id of a function: CloudFormation allows letters and digits only."""
    return "".join(part.capitalize() for part in name.split("_"))


def _messages(body: Mapping[str, Any]) -> dict[str, Any]:
    """An SQS event with one message."""
    record = {
        "messageId": "00000000-0000-4000-8000-000000000000",
        "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:from-sam",
    }
    return {"Records": [record]}


def _request(method: str, path: str, key: str, body: str | None) -> dict[str, Any]:
    """A proxy event of the REST API."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": method,
            "path": path,
            "requestId": "00000000-0000-4000-8000-000000000000",
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "sam"},
        },
        "body": body,
        "isBase64Encoded": False,
    }


if __name__ == "__main__":
    sys.exit(main())
