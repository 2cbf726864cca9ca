"""The process of the front: `python -m aiwebhook_local.front_process`, started by the supervisor.

Its settings come sealed, as JSON in AIWEBHOOK_FRONT; see `settings.take_front_settings`.
"""

import asyncio
import contextlib
import importlib
import logging
import resource
import signal
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypercorn.config import Config

from aiwebhook.sealed import unseal
from aiwebhook_local import connections
from aiwebhook_local.settings import function_environment, take_front_settings

if TYPE_CHECKING:
    from aiwebhook_local.front import RestApi

_KEEP_ALIVE_S = 75


def main() -> None:
    """Serve until SIGTERM, then stop every task and function."""
    unseal()
    settings = take_front_settings()
    _allow_many_connections()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(_serve(settings))


async def _serve(settings: dict[str, Any]) -> None:
    from aiwebhook_local import emulator, fargate, front, task_processes  # noqa: PLC0415 - reads the environment main() just cleaned

    logs = Path(settings["logs"])
    connections.close_with_the_client()
    tasks = fargate.LocalFargate(
        task_processes.FargateSettings(
            tasks=Path(settings["tasks"]),
            logs=logs,
            python_path=settings["task_python_path"],
            agents=Path(settings["agents"]),
            shell=settings["task_variables"],
        )
    )
    doors = front.FrontSettings(**settings["doors"])
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stopping.set)

    async def until_stopped() -> None:
        await stopping.wait()
        # While the API still answers: a runner that is told to stop releases its task.
        await tasks.close()

    # By name: its signature is typed with protocols of its own, closer than ASGI is.
    serve: Any = importlib.import_module("hypercorn.asyncio").serve
    functions = _emulated_functions if settings["emulator"] else _warm_functions
    async with functions(logs) as api:
        app = front.build(doors, tasks, api)
        await serve(app, _config(settings["listener"]), shutdown_trigger=until_stopped)
        emulator.stop_functions()


@contextlib.asynccontextmanager
async def _emulated_functions(logs: Path) -> AsyncGenerator["RestApi"]:
    """The emulator's own gateway and pool of processes, if selected."""
    from aiwebhook_local import emulated_api, emulator, function_processes  # noqa: PLC0415 - as above

    emulator.write_function_logs_to(logs / "lambda.log")
    emulator.answer_silent_functions_at_once()
    function_processes.improve()
    yield emulated_api.EmulatedApi()


@contextlib.asynccontextmanager
async def _warm_functions(logs: Path) -> AsyncGenerator["RestApi"]:
    """Processes of our own, also for the emulator's invocations."""
    from aiwebhook_local import deployment  # noqa: PLC0415 - as above
    from aiwebhook_local.functions import function_process, warm_api  # noqa: PLC0415 - as above

    deployed = deployment.EmulatedDeployment()
    environment, secrets = function_environment()
    settings = function_process.ProcessSettings(
        log=logs / "lambda.log", environment=environment, secrets=secrets
    )
    functions = warm_api.WarmFunctions(deployed, settings, Path(tempfile.gettempdir()))
    deployment.serve_invocations(functions.invoke_from_thread)
    try:
        yield warm_api.WarmApi(deployed, functions)
    finally:
        await functions.close()


def _allow_many_connections() -> None:
    """Sockets and three pipes per function process: the usual limit of 1,024 is too low."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _config(listener: int) -> Config:
    config = Config()
    config.bind = [f"fd://{listener}"]
    config.keep_alive_timeout = _KEEP_ALIVE_S
    config.graceful_timeout = 2
    config.accesslog = None
    config.errorlog = "-"
    return config


if __name__ == "__main__":
    main()
