"""Functions in processes of our own, and what Lambda promises of an execution environment."""

import asyncio
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from aiwebhook_local.functions.deployed_function import DeployedFunction, Failure, InvocationResult
from aiwebhook_local.functions.function_pool import FunctionPool
from aiwebhook_local.functions.function_process import ProcessSettings
from aiwebhook_local.functions.runtime_api import Invocation, RuntimeApi, take_request
from aiwebhook_local.settings import has_lambda_runtime

pytestmark = [
    pytest.mark.req("O5"),
    pytest.mark.skipif(
        not has_lambda_runtime(), reason="AWS has no wheels of it for this platform"
    ),
]

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

    def __init__(self, folder: Path) -> None:
        self.log = folder / "lambda.log"
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


Test = Callable[[Lambda], Awaitable[None]]


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Test], Lambda]:
    """Run a test in an event loop of its own; nothing is left of its processes."""

    def run_(test: Test) -> Lambda:
        async def body() -> Lambda:
            functions, before = Lambda(tmp_path), set(psutil.Process().children())
            try:
                await test(functions)
            finally:
                await functions.pool.close()
            assert set(psutil.Process().children()) <= before
            return functions

        return asyncio.run(body())

    return run_


def told(result: InvocationResult) -> tuple[Failure | None, str, str]:
    """The failure, its type and its message."""
    document = json.loads(result.payload)
    return result.failure, document["errorType"], document["errorMessage"]


def test_an_exception_is_told_as_lambda_tells_it_and_the_process_serves_on(
    run: Callable[[Test], Lambda],
) -> None:
    async def test(functions: Lambda) -> None:
        before = await functions.pid()
        result = await functions.call(do="raise")
        assert told(result) == (Failure.HANDLER, "LookupError", "nothing there")
        document = json.loads(result.payload)
        assert document.keys() == {"errorMessage", "errorType", "requestId", "stackTrace"}
        assert "app.py" in document["stackTrace"][0]
        assert await functions.pid() == before

    assert "[ERROR] LookupError: nothing there" in run(test).log.read_text()


@pytest.mark.parametrize(
    ("do", "how"),
    [("exit", "exit status 3"), ("quit", "exit status 0"), ("die", "signal: kill")],
)
def test_a_process_that_ends_takes_its_own_call_with_it_and_no_other(
    run: Callable[[Test], Lambda], do: str, how: str
) -> None:
    async def test(functions: Lambda) -> None:
        sleeping = asyncio.create_task(functions.pid(do="sleep", s=1))
        failure, kind, message = told(await functions.call(do=do))
        assert (failure, kind) == (Failure.EXIT, "Runtime.ExitError")
        assert message.endswith(f"Error: Runtime exited with error: {how}")
        assert await sleeping
        assert await functions.pid()

    run(test)


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("import nowhere", "Runtime.ImportModuleError", "Unable to import module 'app': No module"),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("1 / 0", "ZeroDivisionError", "division by zero"),
    ],
)
def test_code_that_cannot_be_loaded_is_told_as_lambda_tells_it(
    run: Callable[[Test], Lambda], source: str, kind: str, message: str
) -> None:
    async def test(functions: Lambda) -> None:
        for _ in range(2):
            failure, actual, said = told(await functions.call(any_function(source)))
            assert (failure, actual) == (Failure.INIT, kind)
            assert said.startswith(message)
        # Corrected, it serves.
        assert await functions.pid()

    run(test)


def test_code_that_ends_the_process_while_it_is_loaded_is_an_exit(
    run: Callable[[Test], Lambda],
) -> None:
    async def test(functions: Lambda) -> None:
        broken = any_function("import os; os._exit(9)")
        failure, kind, message = told(await functions.call(broken))
        assert (failure, kind) == (Failure.EXIT, "Runtime.ExitError")
        assert message.endswith("exit status 9")

    run(test)


@pytest.mark.parametrize(("function_s", "caller_s"), [(0.2, 60.0), (5.0, 0.2)])
def test_a_call_that_takes_too_long_ends_with_its_process(
    run: Callable[[Test], Lambda], function_s: float, caller_s: float
) -> None:
    async def test(functions: Lambda) -> None:
        function = any_function(timeout_s=function_s)
        before = await functions.pid(function)
        result = await functions.call(function, limit_s=caller_s, do="sleep", s=30)
        failure, kind, message = told(result)
        assert (failure, kind) == (Failure.TIME_LIMIT, "Sandbox.Timedout")
        assert message.endswith("Error: Task timed out after 0.20 seconds")
        assert await functions.pid(function) != before

    run(test)


def test_a_call_that_nobody_waits_for_any_more_ends_with_its_process(
    run: Callable[[Test], Lambda],
) -> None:
    async def test(functions: Lambda) -> None:
        before = await functions.pid()
        call = asyncio.create_task(functions.call(do="sleep", s=30))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await functions.pid() != before

    run(test)


def test_a_function_has_the_memory_that_it_is_given(run: Callable[[Test], Lambda]) -> None:
    async def test(functions: Lambda) -> None:
        assert (await functions.call(do="fill", mb=100)).failure is None
        assert told(await functions.call(do="fill", mb=300))[:2] == (Failure.HANDLER, "MemoryError")
        larger = any_function(memory_mb=512, revision="larger")
        assert (await functions.call(larger, do="fill", mb=300)).failure is None

    run(test)


def test_calls_at_once_have_a_process_each_which_serve_the_next_ones(
    run: Callable[[Test], Lambda],
) -> None:
    async def test(functions: Lambda) -> None:
        at_once = [functions.pid(do="sleep", s=1.0) for _ in range(3)]
        pids = set(await asyncio.gather(*at_once))
        assert len(pids) == 3
        after = {await functions.pid() for _ in range(5)}
        assert len(after) == 1
        assert after < pids
        functions.pool.end_idle(longer_than_s=0)
        assert {await functions.pid() for _ in range(3)} == after

    run(test)


def test_another_revision_serves_next_and_leaves_nothing_of_the_one_before(
    run: Callable[[Test], Lambda],
) -> None:
    async def test(functions: Lambda) -> None:
        working = asyncio.create_task(functions.call(do="sleep", s=0.5))
        await asyncio.sleep(0)
        before = await functions.pid()
        blue = any_function(variables={"COLOUR": "blue"}, revision="blue")
        environment = json.loads((await functions.call(blue, do="environment")).payload)
        assert environment["COLOUR"] == "blue"
        assert (await working).failure is None
        assert await functions.pid(blue) != before

        await functions.pool.close()
        assert len([*functions.folder.glob("function-*")]) == 1

    run(test)


def test_a_function_sees_its_own_code_first_then_its_layers_and_its_variables(
    run: Callable[[Test], Lambda],
) -> None:
    async def test(functions: Lambda) -> None:
        source = "import below\ndef handler(event, context): return below.WHERE"
        layers = (layer("first"), layer("second"))
        result = await functions.call(any_function(source, layers=layers))
        assert result.payload == b'"second"'
        own = {"app": source, "below": "WHERE = 'own'"}
        mine = any_function(source, layers=layers, code=zipped(**own), revision="own")
        assert (await functions.call(mine)).payload == b'"own"'

        environment = json.loads((await functions.call(do="environment")).payload)
        assert environment["COLOUR"] == "green"
        assert environment["AWS_SESSION_TOKEN"] == "the-token"
        assert environment["_HANDLER"] == "app.handler"
        assert environment["LAMBDA_TASK_ROOT"].startswith(str(functions.folder))
        assert not [name for name in environment if name.startswith("AIWEBHOOK_")]
        context = json.loads((await functions.call(do="context")).payload)
        assert context == ["any-function", "256", True]

    run(test)


def layer(where: str) -> bytes:
    """A layer with one module."""
    return zipped(**{"python/below": f"WHERE = '{where}'"})


def test_a_function_gets_and_gives_as_much_as_lambda_lets_it(run: Callable[[Test], Lambda]) -> None:
    async def test(functions: Lambda) -> None:
        source = "def handler(event, context): return event"
        event = json.dumps({"text": "ä" * 3_000_000}, ensure_ascii=False).encode()
        result = await functions.pool.invoke(any_function(source), event, 60)
        assert json.loads(result.payload) == json.loads(event)

    run(test)


def test_what_is_printed_stands_in_the_log_in_whole_lines(run: Callable[[Test], Lambda]) -> None:
    async def test(functions: Lambda) -> None:
        await functions.call(do="print")

    assert run(test).log.read_text().splitlines() == ["loaded", "a b", "d"]


def test_its_secrets_are_not_in_the_environment_it_was_started_with(
    run: Callable[[Test], Lambda],
) -> None:
    async def test(functions: Lambda) -> None:
        process = psutil.Process(await functions.pid())
        assert process.environ()["COLOUR"] == "green"
        assert "the-token" not in process.environ().values()

    run(test)


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
    assert told(raised) == (Failure.HANDLER, "LookupError", "nothing there")
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
