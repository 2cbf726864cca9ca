"""Which command-line agents are installed here, and what each agent needs to run."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from aiwebhook.agents import built_in_manifests
from aiwebhook.domain.agent_kind import AgentKind
from aiwebhook.domain.provider import KEY_OF
from aiwebhook.errors import ConfigurationError
from aiwebhook_runner.adapters.cli_kinds import provider_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A vendor's CLI: executable and npm package."""

    executable: str
    package: str


PROGRAMS: Mapping[AgentKind, Program] = {
    AgentKind.CLAUDE_CODE: Program(
        executable="claude", package="@anthropic-ai/claude-code@2.1.330"
    ),
    AgentKind.CODEX: Program(executable="codex", package="@openai/codex@0.169.0"),
    AgentKind.GEMINI: Program(executable="gemini", package="@google/gemini-cli@0.61.0"),
    AgentKind.OPENCODE: Program(executable="opencode", package="opencode-ai@1.18.18"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What decides whether an agent can run here. `kind` is None if unknown."""

    kind: AgentKind | None
    model: str = ""


class AgentUnknown(ConfigurationError):
    """The deployment has no such agent."""

    code = "agent_unknown"


class ProgramMissing(ConfigurationError):
    """An agent's command-line tool is not on this machine."""

    code = "program_missing"


class KeyMissing(ConfigurationError):
    """No key of an agent's provider is set on this machine."""

    code = "provider_key_missing"


def programs_found(path: str) -> dict[str, str]:
    """Executable → path, of those installed."""
    found = {p.executable: shutil.which(p.executable, path=path) for p in PROGRAMS.values()}
    return {name: place for name, place in found.items() if place}


def resolve_agents(
    names: Iterable[str], known_agents: Mapping[str, Mapping[str, object]] | None
) -> dict[str, Served]:
    """By name, aliases resolved. `known_agents` are those the deployment lists; None when the key
    may not read them: then only the built-in agents are known. Raises AgentUnknown.
    """
    built_in = built_in_manifests()
    aliases = {alias: m.name for m in built_in.values() for alias in m.aliases}
    served: dict[str, Served] = {}
    for requested in names:
        name = aliases.get(requested, requested)
        if known_agents is not None and name not in known_agents:
            known = ", ".join(sorted(known_agents))
            raise AgentUnknown(f"The deployment has no agent {requested!r}; it has {known}.")
        agent: Mapping[str, object] = {} if known_agents is None else known_agents[name]
        if agent.get("kind") in list(AgentKind):
            kind, model = AgentKind(str(agent["kind"])), str(agent.get("model") or "")
            served[name] = Served(kind=kind, model=model)
        elif name in built_in:
            served[name] = Served(kind=built_in[name].kind, model=built_in[name].model)
        else:
            served[name] = Served(kind=None)
    return served


def require_programs(served: Mapping[str, Served], found: Mapping[str, str]) -> None:
    """Raises ProgramMissing for the first agent whose CLI is not installed. Templates fall back to
    Python; a command is checked when its task comes.
    """
    for name, agent in served.items():
        program = None if agent.kind is None else PROGRAMS.get(agent.kind)
        if program is not None and program.executable not in found:
            raise ProgramMissing(
                f"Agent {name} needs the program {program.executable!r}, which is not on PATH.",
                remedy=f"Install it: npm install -g {program.package}",
            )


def require_keys(served: Mapping[str, Served], is_set: Callable[[str], bool]) -> None:
    """Raises KeyMissing for the first agent whose provider has no key here: it would take tasks
    from workers that have one, and fail them. A login of the CLI does not help: its HOME is not the
    agent's, and only the gateway, which has the keys, reaches a provider.
    """
    for name, agent in served.items():
        if agent.kind is None or agent.kind not in PROGRAMS:
            continue
        # A provider without a variable is unknown to every gateway; its tasks report that.
        key = KEY_OF.get(provider_of(agent.kind, agent.model))
        if key is not None and not is_set(key):
            raise KeyMissing(
                f"Agent {name} needs {key}, which is not set here.",
                remedy=f"Export {key}, or leave {name} out of --agents.",
            )
