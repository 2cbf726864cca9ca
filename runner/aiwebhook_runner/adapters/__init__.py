"""How each kind of agent is started and its output parsed.

An adapter is pure: it turns a run into a LaunchSpec and lines of stdout into AgentMessages. It
starts nothing, kills nothing and does not decide about success; the supervisor and `judge` do that
in the same way for all kinds. A new kind of CLI is one module here and one line below.
"""

from importlib import import_module

from aiwebhook.domain.agent import AgentKind, AgentManifest
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters.contract import (
    Adapter,
    AgentCannotStart,
    CliTurn,
    Launch,
    ModelAccess,
    OutputReader,
    ProcessEnd,
)

__all__ = [
    "Adapter",
    "AgentCannotStart",
    "CliTurn",
    "Launch",
    "ModelAccess",
    "OutputReader",
    "ProcessEnd",
    "adapter_for",
]


_ADAPTERS = {
    AgentKind.COMMAND: ("command", "CommandAdapter"),
    AgentKind.PYTHON: ("python", "PythonAdapter"),
    AgentKind.TEMPLATE: ("python", "PythonAdapter"),
    AgentKind.CLAUDE_CODE: ("claude_code", "ClaudeCodeAdapter"),
    AgentKind.CODEX: ("codex", "CodexAdapter"),
    AgentKind.GEMINI: ("gemini", "GeminiAdapter"),
    AgentKind.OPENCODE: ("opencode", "OpencodeAdapter"),
}
"""Module and class, by name: a run needs one of them, and waits for every import."""


def adapter_for(manifest: AgentManifest) -> Adapter:
    """The adapter of this kind of agent. Raises AgentCannotStart when that kind cannot run here."""
    if manifest.kind not in _ADAPTERS:
        raise AgentCannotStart(
            ErrorClass.REFUSED,
            f"Agent {manifest.name} runs on a connected worker, not in a container.",
            remedy="Start `aiwebhook worker` on a machine that allows the action.",
        )
    module, name = _ADAPTERS[manifest.kind]
    adapter: Adapter = getattr(import_module(f"{__name__}.{module}"), name)()
    return adapter
