"""Kind `python`: a module run by this interpreter in a child process, with our protocol."""

import os
import sys
from pathlib import Path

import aiwebhook
import aiwebhook_runner
from aiwebhook_runner.adapters.contract import Launch, protocol_input
from aiwebhook_runner.output.protocol import ProtocolReader
from aiwebhook_runner.process.agent_process import LaunchSpec


class PythonAdapter:
    """Runs the manifest's `entrypoint` like `python -m`, never importing it here: a built-in
    agent gets the same isolation and the same limits as any other program."""

    state_paths: tuple[str, ...] = ()
    hostile_paths: tuple[str, ...] = ()

    def launch(self, launch: Launch) -> LaunchSpec:
        """The module is looked up among our own packages, never in the work folder (-P)."""
        import aiwebhook_agents  # noqa: PLC0415 a run of another kind needs none of it

        homes = dict.fromkeys(
            str(Path(package.__path__[0]).parent)
            for package in (aiwebhook_agents, aiwebhook_runner, aiwebhook)
        )
        return LaunchSpec(
            argv=(sys.executable, "-P", "-m", launch.run.agent.entrypoint or ""),
            environment={
                **launch.environment,
                "PYTHONPATH": os.pathsep.join(homes),
                "PYTHONUTF8": "1",
                "PYTHONHASHSEED": "0",
            },
            cwd=launch.workspace.work,
            stdin=protocol_input(launch),
        )

    def reader(self) -> ProtocolReader:
        return ProtocolReader()
