"""Which command-line agents are on this machine, and what each agent needs to run here."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from aiwebhook.agents import built_in_manifests
from aiwebhook.domain.agent_kind import AgentKind
from aiwebhook.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A vendor's tool: executable, npm package, and the variables one of which holds its key."""

    executable: str
    package: str
    keys: tuple[str, ...]


PROGRAMS: Mapping[AgentKind, Program] = {
    AgentKind.CLAUDE_CODE: Program(
        executable="claude",
        package="@anthropic-ai/claude-code@2.1.330",
        keys=("ANTHROPIC_API_KEY",),
    ),
    AgentKind.CODEX: Program(
        executable="codex", package="@openai/codex@0.169.0", keys=("OPENAI_API_KEY",)
    ),
    AgentKind.GEMINI: Program(
        executable="gemini", package="@google/gemini-cli@0.61.0", keys=("GEMINI_API_KEY",)
    ),
    AgentKind.OPENCODE: Program(
        executable="opencode",
        package="opencode-ai@1.18.18",
        keys=("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"),
    ),
}


class AgentUnknown(ConfigurationError):
    """The deployment has no such agent."""

    code = "agent_unknown"
    remedy = "'aiwebhook agent list' shows the deployment's agents."


class ProgramMissing(ConfigurationError):
    """An agent's command-line tool is not on this machine."""

    code = "program_missing"


def programs_found(path: str) -> dict[str, str]:
    """Executable to where it lies, of those that are there."""
    found = {p.executable: shutil.which(p.executable, path=path) for p in PROGRAMS.values()}
    return {name: place for name, place in found.items() if place}


def resolve_agents(
    names: Iterable[str], told: Mapping[str, Mapping[str, object]] | None
) -> dict[str, AgentKind | None]:
    """Names, aliases resolved, to kinds (None: not told). `told` is what the deployment lists;
    None when the key may not read it: then only the built-in agents are known. Raises
    AgentUnknown."""
    built_in = built_in_manifests()
    aliases = {alias: m.name for m in built_in.values() for alias in m.aliases}
    kinds: dict[str, AgentKind | None] = {}
    for asked in names:
        name = aliases.get(asked, asked)
        if told is not None and name not in told:
            known = ", ".join(sorted(told))
            raise AgentUnknown(f"The deployment has no agent {asked!r}; it has {known}.")
        kind = None if told is None else told[name].get("kind")
        if isinstance(kind, str) and kind in list(AgentKind):
            kinds[name] = AgentKind(kind)
        else:
            kinds[name] = built_in[name].kind if name in built_in else None
    return kinds


def require_programs(kinds: Mapping[str, AgentKind | None], found: Mapping[str, str]) -> None:
    """Raises ProgramMissing for the first agent whose tool is not there. Templates fall back to
    Python; a command is looked for when its task comes."""
    for name, kind in kinds.items():
        program = None if kind is None else PROGRAMS.get(kind)
        if program is not None and program.executable not in found:
            raise ProgramMissing(
                f"Agent {name} needs the program {program.executable!r}, which is not on PATH.",
                remedy=f"Install it: npm install -g {program.package}",
            )


def keys_missing(
    kinds: Mapping[str, AgentKind | None], are_set: Callable[[tuple[str, ...]], frozenset[str]]
) -> dict[str, str]:
    """Agent to the variables one of which should hold its provider's key, where none does."""
    missing: dict[str, str] = {}
    for name, kind in kinds.items():
        program = None if kind is None else PROGRAMS.get(kind)
        if program is not None and not are_set(program.keys):
            missing[name] = " or ".join(program.keys)
    return missing
