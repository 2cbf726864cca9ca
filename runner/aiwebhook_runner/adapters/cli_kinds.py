"""What differs between the kinds of command-line agents before one is started."""

import contextlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiwebhook.domain.agent import AgentKind
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.provider import KEY_OF, PROVIDER_TITLES, provider_named
from aiwebhook_runner.adapters.contract import AgentCannotStart, Launch, ModelAccess
from aiwebhook_runner.jsons import NotJsonObject, decode_object


@dataclass(frozen=True, slots=True, kw_only=True)
class CliKind:
    """The executable and the default model."""

    title: str
    executable: str
    model: str
    """Used when the manifest names none."""


CLI: Mapping[AgentKind, CliKind] = {
    AgentKind.CLAUDE_CODE: CliKind(
        title="Claude Code", executable="claude", model="claude-sonnet-4-5"
    ),
    AgentKind.CODEX: CliKind(title="Codex", executable="codex", model="gpt-5.5"),
    AgentKind.GEMINI: CliKind(title="Gemini CLI", executable="gemini", model="gemini-2.5-pro"),
    AgentKind.OPENCODE: CliKind(
        title="opencode", executable="opencode", model="anthropic/claude-sonnet-4-5"
    ),
}


def model_of(kind: AgentKind, model: str) -> str:
    """The manifest's model, or that of the kind."""
    return model or CLI[kind].model


def provider_of(kind: AgentKind, model: str) -> str:
    """The provider whose API this kind of agent calls."""
    return provider_named(kind, model_of(kind, model))


def installed_version(kind: AgentKind, search_path: str) -> str | None:
    """The version of the npm package that contains the program; None if there is none. Running the
    program would take up to a second, and only Claude Code reports its version while it works.
    """
    program = shutil.which(CLI[kind].executable, path=search_path)
    for folder in Path(program or "/").resolve().parents:
        if "node_modules" in folder.parts and (folder / "package.json").is_file():
            with contextlib.suppress(OSError, NotJsonObject):
                package = decode_object((folder / "package.json").read_bytes())
                found = re.match(r"\d+\.\d+\.\d+", str(package.get("version")))
                return found.group() if found else None
    return None


def require_installed(launch: Launch, kind: AgentKind) -> None:
    """Raises AgentCannotStart when the CLI is not on the PATH."""
    cli = CLI[kind]
    if shutil.which(cli.executable, path=launch.environment["PATH"]) is None:
        raise AgentCannotStart(
            ErrorClass.NOT_INSTALLED,
            f"{cli.title} is not installed here: there is no {cli.executable} on the PATH.",
            remedy="Run `make agents`, or install it on the worker's machine.",
        )


def require_model(launch: Launch, kind: AgentKind) -> ModelAccess:
    """Access to the provider of this kind. Raises AgentCannotStart."""
    provider = provider_of(kind, launch.run.agent.model)
    if launch.model is None or launch.model.provider != provider:
        raise AgentCannotStart(
            ErrorClass.NO_KEY,
            f"{CLI[kind].title} has no access to {PROVIDER_TITLES.get(provider, provider)}.",
            remedy=f"Set {KEY_OF.get(provider, 'the key of the provider')}, then retry the task.",
        )
    return launch.model
