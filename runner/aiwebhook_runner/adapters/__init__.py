"""How each kind of agent is started and understood.

An adapter is pure: it turns a run into a LaunchSpec and lines of stdout into AgentMessages. It
starts nothing, kills nothing and decides nothing about success; the supervisor and `judge` do
that in the same way for all kinds. A new kind of CLI is one module here and one line below.
"""

from aiwebhook.domain.agent import AgentKind, AgentManifest
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters.claude_code import ClaudeCodeAdapter
from aiwebhook_runner.adapters.codex import CodexAdapter
from aiwebhook_runner.adapters.command import CommandAdapter
from aiwebhook_runner.adapters.contract import (
    Adapter,
    Launch,
    LaunchRefused,
    ModelAccess,
    ProcessEnd,
    Reader,
    Turn,
)
from aiwebhook_runner.adapters.gemini import GeminiAdapter
from aiwebhook_runner.adapters.opencode import OpencodeAdapter
from aiwebhook_runner.adapters.python import PythonAdapter

__all__ = [
    "Adapter",
    "Launch",
    "LaunchRefused",
    "ModelAccess",
    "ProcessEnd",
    "Reader",
    "Turn",
    "adapter_for",
]


def adapter_for(manifest: AgentManifest) -> Adapter:
    """The adapter of this kind of agent. Raises LaunchRefused for a kind that is not run here."""
    match manifest.kind:
        case AgentKind.COMMAND:
            return CommandAdapter()
        case AgentKind.PYTHON | AgentKind.TEMPLATE:
            return PythonAdapter()
        case AgentKind.CLAUDE_CODE:
            return ClaudeCodeAdapter()
        case AgentKind.CODEX:
            return CodexAdapter()
        case AgentKind.GEMINI:
            return GeminiAdapter()
        case AgentKind.OPENCODE:
            return OpencodeAdapter()
        case AgentKind.WORKER:
            raise LaunchRefused(
                ErrorClass.REFUSED,
                f"Agent {manifest.name} runs on a connected worker, not in a container.",
                remedy="Start `aiwebhook worker` on a machine that allows the action.",
            )
