"""Kind `command`: any executable that speaks our protocol."""

import shutil

from aiwebhook.domain.agent import AgentManifest
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters.contract import AgentCannotStart, Launch, protocol_input
from aiwebhook_runner.output.protocol import ProtocolReader
from aiwebhook_runner.process.agent_process import LaunchSpec


def require_command(manifest: AgentManifest, search_path: str) -> None:
    """Raises AgentCannotStart when the executable is not installed."""
    program = manifest.command[0]
    if shutil.which(program, path=search_path) is None:
        raise AgentCannotStart(
            ErrorClass.NOT_INSTALLED,
            f"The agent's program {program} is not installed here.",
            remedy="Install it in the runner's image, or correct command in the manifest.",
        )


class CommandAdapter:
    """Runs the manifest's `command` as it stands; no shell is involved."""

    state_paths: tuple[str, ...] = ()
    hostile_paths: tuple[str, ...] = ()

    def launch(self, launch: Launch) -> LaunchSpec:
        """Raises AgentCannotStart when the executable is not installed."""
        require_command(launch.run.agent, launch.environment["PATH"])
        return LaunchSpec(
            argv=launch.run.agent.command,
            environment=launch.environment,
            cwd=launch.workspace.work,
            stdin=protocol_input(launch),
        )

    def reader(self) -> ProtocolReader:
        return ProtocolReader()
