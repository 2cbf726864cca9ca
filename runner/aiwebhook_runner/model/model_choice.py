"""Which command-line agent executes this run, and through which provider's API."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from aiwebhook.domain.agent import AgentKind, AgentManifest
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.provider import KEY_OF, PROVIDER_TITLES, keys_in
from aiwebhook_runner.adapters import AgentCannotStart
from aiwebhook_runner.adapters.cli_kinds import CLI, provider_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The manifest as the chosen kind, and its provider."""

    manifest: AgentManifest
    provider: str


def providers_in(environment: Mapping[str, str]) -> frozenset[str]:
    """Providers whose key is in the environment."""
    keys = keys_in(environment)
    return frozenset(provider for provider, name in KEY_OF.items() if name in keys)


def installed_on(search_path: str) -> frozenset[AgentKind]:
    """Kinds whose program is on this PATH."""
    return frozenset(
        kind for kind, cli in CLI.items() if shutil.which(cli.executable, path=search_path)
    )


def choose_model(
    manifest: AgentManifest,
    *,
    present: frozenset[AgentKind],
    with_key: Callable[[], frozenset[str]],
) -> Choice | None:
    """None: a template that runs as its own Python module, because nothing else is available.

    `present` are the kinds whose program is installed; `with_key` returns the providers with a key,
    and is not called when no program is installed. Raises AgentCannotStart with what is missing.
    """
    template = manifest.kind is AgentKind.TEMPLATE
    wanted = manifest.runs_on if template else (manifest.kind,)
    choices = [_choice(manifest, kind) for kind in wanted if kind in present]
    keys = with_key() if choices else frozenset[str]()
    for choice in choices:
        if choice.provider in keys:
            return choice
    if template and manifest.entrypoint is not None:
        return None
    if not choices:
        raise _not_installed(wanted)
    raise _no_key(choices[0].provider)


def _choice(manifest: AgentManifest, kind: AgentKind) -> Choice:
    return Choice(manifest=replace(manifest, kind=kind), provider=provider_of(kind, manifest.model))


def _not_installed(kinds: Sequence[AgentKind]) -> AgentCannotStart:
    programs = " or ".join(CLI[kind].title for kind in kinds)
    return AgentCannotStart(
        ErrorClass.NOT_INSTALLED,
        f"{programs} is not installed here.",
        remedy="Run `make agents`, or use the runner image of this agent.",
    )


def _no_key(provider: str) -> AgentCannotStart:
    name = KEY_OF.get(provider)
    if name is None:
        return AgentCannotStart(
            ErrorClass.MODEL,
            f"The LLM gateway knows no provider {provider}.",
            remedy=f"Name a model of {', '.join(KEY_OF)}, with that word and a slash before it.",
        )
    return AgentCannotStart(
        ErrorClass.NO_KEY,
        f"There is no key for {PROVIDER_TITLES[provider]}.",
        remedy=f"Fill the stack's secret {name}, or set it in the worker's environment.",
    )
