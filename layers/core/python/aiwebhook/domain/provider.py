"""The providers of models: what they are called, and which variable holds the key of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from aiwebhook.domain.agent_kind import AgentKind


class Provider(StrEnum):
    """Whose models. The value stands before a model's name, and before the gateway's paths."""

    ANTHROPIC = "anthropic"
    """Claude."""
    OPENAI = "openai"
    """GPT."""
    GOOGLE = "google"
    """Gemini."""


PROVIDER_TITLES: Mapping[str, str] = {
    Provider.ANTHROPIC: "Anthropic",
    Provider.OPENAI: "OpenAI",
    Provider.GOOGLE: "Google",
}

KEY_OF: Mapping[str, str] = {
    Provider.ANTHROPIC: "ANTHROPIC_API_KEY",
    Provider.OPENAI: "OPENAI_API_KEY",
    Provider.GOOGLE: "GEMINI_API_KEY",
}
"""The variable in which a gateway gets the key, from a secret of the same name."""
PROVIDER_KEYS = tuple(KEY_OF.values())
GITHUB_TOKEN = "GITHUB_TOKEN"  # noqa: S105 - a name, not a token
"""What the supervisor of a run clones and pushes with."""
AGENT_SECRETS = (*PROVIDER_KEYS, GITHUB_TOKEN)
"""Each is a secret of its own, so that a release with one more leaves the others as they are."""
NO_KEY = "-"
"""What a secret holds until somebody fills it: ECS starts no task one of whose secrets is missing,
and a secret cannot be empty."""

UPSTREAM_OF: Mapping[str, str] = {
    provider: f"AIWEBHOOK_UPSTREAM_{provider.name}" for provider in Provider
}
"""The variable that sends a gateway's requests to another address than the provider's."""

_OF_KIND: Mapping[AgentKind, Provider] = {
    AgentKind.CLAUDE_CODE: Provider.ANTHROPIC,
    AgentKind.CODEX: Provider.OPENAI,
    AgentKind.GEMINI: Provider.GOOGLE,
}


def keys_in(environment: Mapping[str, str]) -> dict[str, str]:
    """The agents' keys that are really there: empty or `-` is none."""
    found = {name: environment.get(name, "").strip() for name in AGENT_SECRETS}
    return {name: value for name, value in found.items() if value not in ("", NO_KEY)}


def provider_named(kind: AgentKind, model: str) -> str:
    """Whose models an agent of this kind talks to. That of opencode's is the word before the slash
    of its model, which may be nobody known here.
    """
    return _OF_KIND.get(kind) or model.partition("/")[0]


def possible_providers(kind: AgentKind, model: str) -> tuple[Provider, ...]:
    """Those whose key an agent may need: all of them for an opencode whose model names none."""
    if kind in _OF_KIND:
        return (_OF_KIND[kind],)
    if kind is not AgentKind.OPENCODE:
        return ()
    named = provider_named(kind, model)
    return (Provider(named),) if named in KEY_OF else tuple(Provider)
