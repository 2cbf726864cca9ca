"""The emulated account: `python -m tests.deployed.emulator_process`, started by `account`.

Its settings come as JSON in EMULATED_ACCOUNT, because MiniStack reads the rest of the environment.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypercorn.config import Config

if TYPE_CHECKING:
    from aiwebhook_local.fargate import LocalFargate

VARIABLE = "EMULATED_ACCOUNT"
_KEEP_ALIVE_S = 600


def _prepared(settings: dict[str, Any]) -> LocalFargate:
    """The emulator, changed as the tests need it; what plays Fargate in it."""
    from aiwebhook_local import emulator, fargate, function_processes, task_processes  # noqa: PLC0415 - they import MiniStack, which reads the environment
    from tests.deployed import differences, extraction, refusals  # noqa: PLC0415 - as above

    logs = Path(settings["logs"])
    tasks = fargate.LocalFargate(
        task_processes.FargateSettings(
            tasks=Path(settings["tasks"]),
            logs=logs,
            python_path=settings["task_python_path"],
            agents=Path(settings["agents"]),
        )
    )
    emulator.write_function_logs_to(logs / "lambda.log")
    emulator.answer_silent_functions_at_once()
    function_processes.improve()
    # Its seal is Python's alone, and the Trigger's provider is a Node program.
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    runtime.subprocess = subprocess
    extraction.extract_once_to(Path(settings["packages"]))
    refusals.record_refusals_to(logs / refusals.FILE)
    differences.apply(
        differences.Surroundings(
            url=settings["url"],
            postgres=settings["postgres"],
            fargate=tasks,
            loop=asyncio.get_running_loop(),
        )
    )
    return tasks


async def _serve(settings: dict[str, Any]) -> None:
    tasks = _prepared(settings)
    from aiwebhook_local import emulator  # noqa: PLC0415 - as above

    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)

    async def until_stopped() -> None:
        await stopping.wait()
        await tasks.close()

    serve: Any = importlib.import_module("hypercorn.asyncio").serve
    await serve(
        emulator.ministack_app, _config(settings["listener"]), shutdown_trigger=until_stopped
    )
    emulator.stop_functions()


def _config(listener: int) -> Config:
    config = Config()
    config.bind = [f"fd://{listener}"]
    config.graceful_timeout = 2
    # Hypercorn's five seconds may end in the moment in which a client uses its connection again.
    config.keep_alive_timeout = _KEEP_ALIVE_S
    config.errorlog = "-"
    return config


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    variables = os.environ  # noqa: TID251 this is where the process reads them
    variables.pop("PYTHONPATH", None)
    asyncio.run(_serve(json.loads(variables.pop(VARIABLE))))
