"""Functions in processes of our own, and what Lambda promises of an execution environment."""

# reason: a test for each of these promises
import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from aiwebhook_local.functions.deployed_function import FunctionFailure
from tests.local.warm_functions import HANDLER, LINUX_ONLY, Lambda, any_function, told, zipped
from tests.support.processes import has_ended
from tests.support.waiting import eventually

pytestmark = [pytest.mark.req("O5"), LINUX_ONLY]

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


def test_an_exception_is_told_as_lambda_tells_it_and_the_process_serves_on(
    run: Callable[[Test], Lambda],
) -> None:
    async def test(functions: Lambda) -> None:
        before = await functions.pid()
        result = await functions.call(do="raise")
        assert told(result) == (FunctionFailure.HANDLER, "LookupError", "nothing there")
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
        assert (failure, kind) == (FunctionFailure.EXIT, "Runtime.ExitError")
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
            assert (failure, actual) == (FunctionFailure.INIT, kind)
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
        assert (failure, kind) == (FunctionFailure.EXIT, "Runtime.ExitError")
        assert message.endswith("exit status 9")

    run(test)


@pytest.mark.parametrize(("function_s", "caller_s"), [(0.2, 60.0), (5.0, 0.2)])
def test_a_call_that_takes_too_long_ends_with_its_process(
    run: Callable[[Test], Lambda], function_s: float, caller_s: float
) -> None:
    async def test(functions: Lambda) -> None:
        function = any_function(timeout_s=function_s)
        others = set(psutil.Process().children())
        await functions.pool.warm(function)  # without a call, which could be too late itself
        [before] = set(psutil.Process().children()) - others
        result = await functions.call(function, limit_s=caller_s, do="sleep", s=30)
        failure, kind, message = told(result)
        assert (failure, kind) == (FunctionFailure.TIME_LIMIT, "Sandbox.Timedout")
        assert message.endswith("Error: Task timed out after 0.20 seconds")
        await functions.pool.warm(function)
        assert set(psutil.Process().children()) - others - {before}
        eventually(lambda: not before.is_running())

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
        small = any_function(timeout_s=60.0)
        assert (await functions.call(small, do="fill", mb=100)).failure is None
        assert told(await functions.call(small, do="fill", mb=300))[:2] == (
            FunctionFailure.HANDLER,
            "MemoryError",
        )
        larger = any_function(memory_mb=512, revision="larger", timeout_s=60.0)
        assert (await functions.call(larger, do="fill", mb=300)).failure is None

    run(test)


def test_calls_at_once_have_a_process_each_which_serve_the_next_ones(
    run: Callable[[Test], Lambda], tmp_path: Path
) -> None:
    met = tmp_path / "met"
    met.mkdir()

    async def test(functions: Lambda) -> None:
        at_once = [functions.pid(do="meet", as_file=str(met / name), of=3) for name in "abc"]
        pids = set(await asyncio.gather(*at_once))
        assert len(pids) == 3
        after = {await functions.pid() for _ in range(5)}
        assert len(after) == 1
        assert after < pids
        functions.pool.end_idle(longer_than_s=0)
        assert {await functions.pid() for _ in range(3)} == after

    run(test)


def test_another_revision_that_comes_while_a_process_starts_fails_no_call(
    run: Callable[[Test], Lambda], tmp_path: Path
) -> None:
    """The starting one still imports from its folder, which stays as long as that."""
    begun, go_on = tmp_path / "begun", tmp_path / "go_on"
    os.mkfifo(begun)
    os.mkfifo(go_on)
    waits = f"open({str(begun)!r}, 'w').close(); open({str(go_on)!r}).read(); import late\n"
    code = zipped(app=waits + HANDLER, late="")

    async def test(functions: Lambda) -> None:
        first = asyncio.create_task(functions.call(any_function(code=code, revision="slow")))
        await asyncio.to_thread(begun.read_text)
        second = asyncio.create_task(functions.call(any_function(revision="newer")))
        await asyncio.sleep(0)
        await asyncio.to_thread(go_on.write_text, "")
        assert [(await each).failure for each in (first, second)] == [None, None]

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


def test_standard_output_takes_what_a_text_stream_takes(run: Callable[[Test], Lambda]) -> None:
    source = """
import sys
def handler(event, context):
    sys.stdout.writelines(["one\\n", "t\\ud800o\\n"])
    sys.stdout.buffer.write(b"\\xff\\n")
    return [sys.stdout.encoding, sys.stdout.writable(), sys.stdout.isatty(), sys.stdout.fileno()]
"""

    async def test(functions: Lambda) -> None:
        result = await functions.call(any_function(source))
        assert json.loads(result.payload) == ["utf-8", True, False, 1]

    assert run(test).log.read_bytes() == b"one\nt?o\n\xff\n"


def test_a_log_that_cannot_be_written_fails_no_call(tmp_path: Path) -> None:
    async def test() -> None:
        functions = Lambda(tmp_path, log=Path("/dev/full"))
        try:
            assert (await functions.call(do="print")).failure is None
        finally:
            await functions.pool.close()

    asyncio.run(test())


@pytest.mark.parametrize("then", ["time.sleep(30)", "os._exit(3)", "return 0"])
def test_what_a_function_has_started_ends_with_its_process(
    run: Callable[[Test], Lambda], tmp_path: Path, then: str
) -> None:
    """Lambda ends the whole execution environment."""
    told_in = tmp_path / "child"
    source = f"""
import os, subprocess, time
def handler(event, context):
    child = subprocess.Popen(["sleep", "600"])
    open({str(told_in)!r}, "w").write(str(child.pid))
    {then}
"""

    async def test(functions: Lambda) -> None:
        await functions.call(any_function(source), limit_s=3)

    run(test)
    eventually(lambda: has_ended(int(told_in.read_text())))


def test_its_secrets_are_not_in_the_environment_it_was_started_with(
    run: Callable[[Test], Lambda],
) -> None:
    async def test(functions: Lambda) -> None:
        process = psutil.Process(await functions.pid())
        assert process.environ()["COLOUR"] == "green"
        assert "the-token" not in process.environ().values()

    run(test)


def test_who_waits_for_a_process_when_the_stack_stops_is_let_go(
    run: Callable[[Test], Lambda],
) -> None:
    async def test(functions: Lambda) -> None:
        waiting = asyncio.create_task(functions.call(do="sleep", s=30))
        await asyncio.sleep(0)
        await functions.pool.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert told(await functions.call())[0] is FunctionFailure.EXIT

    run(test)


@pytest.mark.parametrize("turns", range(8))
def test_a_stop_at_any_moment_of_a_start_leaves_no_process(
    run: Callable[[Test], Lambda], turns: int
) -> None:
    """`turns` of the event loop after the call that starts a process."""

    async def test(functions: Lambda) -> None:
        await functions.pid()  # its code is unpacked
        calls = [asyncio.create_task(functions.call(do="sleep", s=30)) for _ in range(2)]
        for _ in range(turns):
            await asyncio.sleep(0)
        await functions.pool.close()
        await asyncio.gather(*calls, return_exceptions=True)

    run(test)
