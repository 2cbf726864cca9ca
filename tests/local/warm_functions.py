"""A function with a handler that does what it is told, and a pool to call it."""

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from aiwebhook_local.functions.deployed_function import (
    DeployedFunction,
    FunctionFailure,
    InvocationResult,
)
from aiwebhook_local.functions.function_pool import FunctionPool
from aiwebhook_local.functions.function_process import ProcessSettings
from aiwebhook_local.settings import has_lambda_runtime

LINUX_ONLY = pytest.mark.skipif(not has_lambda_runtime(), reason="AWS has no wheels for this")
HANDLER = """
import os, sys, time
print("loaded")
def handler(event, context):
    match event["do"]:
        case "raise": raise LookupError("nothing there")
        case "exit": os._exit(3)
        case "quit": raise SystemExit(0)
        case "die": os.kill(os.getpid(), 9)
        case "sleep": time.sleep(event["s"])
        case "meet":
            open(event["as_file"], "w").close()
            while len(os.listdir(os.path.dirname(event["as_file"]))) < event["of"]: time.sleep(0.01)
        case "fill": return len(bytearray(event["mb"] * 1024 * 1024))
        case "print": print("a", "b"); print("c", end=""); print("d", file=sys.stderr)
        case "environment": return dict(os.environ)
        case "context":
            left = context.get_remaining_time_in_millis()
            return [context.function_name, context.memory_limit_in_mb, 0 < left <= 5000]
    return {"pid": os.getpid(), "file": __file__}
"""


def zipped(**modules: str) -> bytes:
    """Code as Lambda gets it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, source in modules.items():
            archive.writestr(f"{name}.py", source)
    return buffer.getvalue()


def any_function(source: str = HANDLER, **changes: Any) -> DeployedFunction:
    """A function; its revision follows from its code."""
    parts: dict[str, Any] = {
        "name": "any-function",
        "arn": "arn:aws:lambda:us-east-1:000000000000:function:any-function",
        "revision": source,
        "handler": "app.handler",
        "code": zipped(app=source),
        "layers": (),
        "variables": {"COLOUR": "green"},
        "memory_mb": 256,
        "timeout_s": 5.0,
    }
    return DeployedFunction(**(parts | changes))


class Lambda:
    """A pool, and how tests call it."""

    def __init__(self, folder: Path, log: Path | None = None) -> None:
        self.log = log or folder / "lambda.log"
        environment = {"PATH": os.defpath, "TMPDIR": str(folder)}
        secrets = {"AWS_SESSION_TOKEN": "the-token"}
        settings = ProcessSettings(log=self.log, environment=environment, secrets=secrets)
        self.folder = folder
        self.pool = FunctionPool(settings, folder)

    async def call(
        self,
        function: DeployedFunction | None = None,
        *,
        limit_s: float = 60.0,
        do: str = "nothing",
        **event: Any,
    ) -> InvocationResult:
        """One call."""
        content = json.dumps({"do": do} | event).encode()
        return await self.pool.invoke(function or any_function(), content, limit_s)

    async def pid(self, function: DeployedFunction | None = None, **event: Any) -> int:
        """Which process served a call."""
        return json.loads((await self.call(function, **event)).payload)["pid"]


def told(result: InvocationResult) -> tuple[FunctionFailure | None, str, str]:
    """The failure, its type and its message."""
    document = json.loads(result.payload)
    return result.failure, document["errorType"], document["errorMessage"]
