"""The process of the front: `python -m aiwebhook_local.front_process`, started by the supervisor.

Its settings come sealed, as JSON in AIWEBHOOK_FRONT; see `settings.take_front_settings`.
"""

import asyncio
import importlib
import logging
import resource
import signal
from pathlib import Path
from typing import Any

from hypercorn.config import Config

from aiwebhook.sealed import unseal
from aiwebhook_local import connections
from aiwebhook_local.settings import take_front_settings

_KEEP_ALIVE_S = 75


def main() -> None:
    """Serve until SIGTERM, then stop every task and function."""
    unseal()
    settings = take_front_settings()
    _allow_many_connections()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(_serve(settings))


async def _serve(settings: dict[str, Any]) -> None:
    from aiwebhook_local import emulator, fargate, front, function_processes, task_processes  # noqa: PLC0415 - reads the environment main() just cleaned

    logs = Path(settings["logs"])
    emulator.write_function_logs_to(logs / "lambda.log")
    emulator.answer_silent_functions_at_once()
    function_processes.improve()
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
        # While the API still answers: a runner that is told to stop hands its task back.
        await tasks.close()

    # By name: its signature is typed with protocols of its own, closer than ASGI is.
    serve: Any = importlib.import_module("hypercorn.asyncio").serve
    app = front.build(doors, tasks)
    await serve(app, _config(settings["listener"]), shutdown_trigger=until_stopped)
    emulator.stop_functions()


def _allow_many_connections() -> None:
    """Sockets and the three pipes of every function process: the usual 1,024 are few."""
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
