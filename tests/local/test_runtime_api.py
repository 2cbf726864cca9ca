"""The Runtime API: our server of it, and the client that AWS ships."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aiwebhook_local.functions.deployed_function import FunctionFailure, InvocationResult
from aiwebhook_local.functions.runtime_api import Invocation, RuntimeApi, take_request
from tests.local.warm_functions import HANDLER, LINUX_ONLY, told

pytestmark = pytest.mark.req("O5")


@LINUX_ONLY
def test_the_client_that_aws_ships_speaks_with_our_runtime_api(tmp_path: Path) -> None:
    """Its own transport, over a port: what our functions get by a socket is the same protocol."""
    (tmp_path / "app.py").write_text(HANDLER)

    async def speak() -> list[InvocationResult]:
        api = RuntimeApi("arn:any")
        server = await asyncio.get_running_loop().create_server(lambda: api, "127.0.0.1", 0)
        address = "{}:{}".format(*server.sockets[0].getsockname())
        environment = {"PYTHONPATH": str(tmp_path), "AWS_LAMBDA_RUNTIME_API": address}
        client = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "awslambdaric", "app.handler"),
            env={"PATH": os.defpath} | environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            assert await api.initialised is None
            return [await api.invoke(invocation(do)) for do in ("nothing", "raise", "nothing")]
        finally:
            client.kill()
            await client.wait()
            server.close()

    def invocation(do: str) -> Invocation:
        event = json.dumps({"do": do}).encode()
        return Invocation(request_id=do, event=event, deadline_ms=2_000_000_000_000)

    first, raised, last = asyncio.run(speak())
    assert told(raised) == (FunctionFailure.HANDLER, "LookupError", "nothing there")
    assert json.loads(first.payload) == json.loads(last.payload)


def test_requests_are_taken_as_they_come_in_parts_and_together() -> None:
    received = bytearray()
    whole = b"POST /a HTTP/1.1\r\nContent-length:  2\r\nX: y\r\n\r\nhiGET /b HTTP/1.1\r\n\r\nGE"
    taken: list[Any] = []
    for byte in whole:
        received.append(byte)
        while (request := take_request(received)) is not None:
            taken.append((request.method, request.path, request.body))

    assert taken == [("POST", "/a", b"hi"), ("GET", "/b", b"")]
    assert received == b"GE"
