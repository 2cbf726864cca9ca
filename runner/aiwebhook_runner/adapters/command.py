"""Kind `command`: any executable that speaks our protocol."""

import shutil

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters.contract import Launch, LaunchRefused, protocol_input
from aiwebhook_runner.process import LaunchSpec
from aiwebhook_runner.protocol import ProtocolReader


class CommandAdapter:
    """Runs the manifest's `command` as it stands; no shell is involved."""

    state_paths: tuple[str, ...] = ()
    hostile_paths: tuple[str, ...] = ()

    def launch(self, launch: Launch) -> LaunchSpec:
        """Refused when the executable is not installed."""
        command = launch.run.agent.command
        if shutil.which(command[0], path=launch.environment["PATH"]) is None:
            raise LaunchRefused(
                ErrorClass.NOT_INSTALLED,
                f"The agent's program {command[0]} is not installed here.",
                remedy="Install it in the runner's image, or correct command in the manifest.",
            )
        return LaunchSpec(
            argv=command,
            environment=launch.environment,
            cwd=launch.workspace.work,
            stdin=protocol_input(launch),
        )

    def reader(self) -> ProtocolReader:
        """Our own protocol."""
        return ProtocolReader()
