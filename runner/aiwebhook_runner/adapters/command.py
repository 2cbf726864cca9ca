"""Kind `command`: any executable that speaks our protocol."""

import shutil

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters.contract import Launch, LaunchRefused, protocol_input
from aiwebhook_runner.messages import AgentMessage
from aiwebhook_runner.process import LaunchSpec
from aiwebhook_runner.protocol import parse_line


class CommandAdapter:
    """Runs the manifest's `command` as it stands; no shell is involved."""

    def launch(self, launch: Launch) -> LaunchSpec:
        """Refused when the executable is not installed."""
        command = launch.run.agent.command
        if shutil.which(command[0], path=launch.environment["PATH"]) is None:
            raise LaunchRefused(
                ErrorClass.REFUSED,
                f"The agent's program {command[0]} is not installed here.",
                remedy="Install it in the runner's image, or correct command in the manifest.",
            )
        return LaunchSpec(
            argv=command,
            environment=launch.environment,
            cwd=launch.workspace.work,
            stdin=protocol_input(launch),
        )

    def parse(self, line: bytes) -> AgentMessage | None:
        """Our own protocol."""
        return parse_line(line)
