"""Everything the gateway reads from its environment, once; then the keys are removed from it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiwebhook.domain.provider import KEY_OF, PROVIDER_KEYS, UPSTREAM_OF, Provider, keys_in
from aiwebhook.sealed import forget
from aiwebhook_gateway.providers import APIS

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NUMBERS = {
    "AIWEBHOOK_GATEWAY_CONNECT_S": "connect_s",
    "AIWEBHOOK_GATEWAY_SILENCE_S": "silence_s",
}


class SettingsWrong(ValueError):
    """A variable cannot be used; the message names it and never its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """Durations are seconds."""

    port: int = 0
    keys: Mapping[Provider, str] = field(default_factory=dict[Provider, str], repr=False)
    origins: Mapping[Provider, str] = field(default_factory=dict[Provider, str])
    connect_s: float = 10.0
    silence_s: float = 900.0
    """Between two bytes of a provider. Long: models think, and the runner has limits of its own."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "GatewaySettings":
        """Raises SettingsWrong."""
        env = os.environ if env is None else env
        try:
            port = int(env.get("AIWEBHOOK_GATEWAY_PORT") or 0)
            numbers = {name: float(env[key]) for key, name in _NUMBERS.items() if env.get(key)}
        except ValueError:
            known = ", ".join(("AIWEBHOOK_GATEWAY_PORT", *_NUMBERS))
            raise SettingsWrong(f"not a number: one of {known}") from None
        found = keys_in(env)
        return cls(
            port=port,
            keys={each: found[KEY_OF[each]] for each in Provider if KEY_OF[each] in found},
            origins={provider: _origin(provider, env) for provider in Provider},
            **numbers,
        )


def forget_keys() -> None:
    """Remove the keys from the environment, and from what other processes see of it."""
    forget(PROVIDER_KEYS)


def _origin(provider: Provider, env: Mapping[str, str]) -> str:
    name = UPSTREAM_OF[provider]
    origin = (env.get(name) or APIS[provider].origin).rstrip("/")
    url = urlsplit(origin)
    safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in _LOOPBACK)
    if not safe or not url.hostname or url.username or url.query or url.fragment:
        raise SettingsWrong(f"{name} must be an https address (http only on loopback)")
    return origin
