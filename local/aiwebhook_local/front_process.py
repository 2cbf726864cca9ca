"""The process of the front: `python -m aiwebhook_local.front_process`, started by the supervisor.

Its settings come as JSON in AIWEBHOOK_FRONT, which is taken out of the environment together with
PYTHONPATH: functions inherit the rest and must see neither.
"""

import asyncio
import importlib
import json
import logging
import os
import resource
import signal
from pathlib import Path
from typing import Any

from hypercorn.config import Config

_KEEP_ALIVE_S = 75


def main() -> None:
    """Serve until SIGTERM, then stop every task and function."""
    settings = json.loads(os.environ.pop("AIWEBHOOK_FRONT"))
    os.environ.pop("PYTHONPATH", None)
    _allow_many_connections()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(_serve(settings))


async def _serve(settings: dict[str, Any]) -> None:
    # Imported here: this reads the environment, which main() has just cleaned.
    from aiwebhook_local import emulator
    from aiwebhook_local.fargate import FargateSettings, LocalFargate
    from aiwebhook_local.front import FrontSettings, build

    logs = Path(settings["logs"])
    emulator.write_function_logs_to(logs / "lambda.log")
    fargate = LocalFargate(
        FargateSettings(
            tasks=Path(settings["tasks"]), logs=logs, python_path=settings["task_python_path"]
        )
    )
    front = FrontSettings(port=settings["port"], session_token=settings["session_token"])
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stopping.set)

    async def until_stopped() -> None:
        await stopping.wait()
        # While the API still answers: a runner that is told to stop hands its task back.
        await fargate.close()

    # By name: its signature is typed with protocols of its own, closer than ASGI is.
    serve: Any = importlib.import_module("hypercorn.asyncio").serve
    await serve(build(front, fargate), _config(settings["port"]), shutdown_trigger=until_stopped)
    emulator.stop_functions()


def _allow_many_connections() -> None:
    """Sockets and the three pipes of every function process: the usual 1,024 are few."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _config(port: int) -> Config:
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = _KEEP_ALIVE_S
    config.graceful_timeout = 2
    config.accesslog = None
    config.errorlog = "-"
    return config


if __name__ == "__main__":
    main()
