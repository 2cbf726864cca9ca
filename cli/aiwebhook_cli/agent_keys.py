"""Which provider keys an agent needs, and whether the local stack has them."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any, cast

from aiwebhook.domain.agent_kind import AgentKind
from aiwebhook.domain.provider import KEY_OF
from aiwebhook_cli.target import Globals, Target, stack_record

Json = dict[str, Any]


class Key(StrEnum):
    """Whether an agent can talk to its model."""

    PRESENT = "present"
    """The stack has the key of a provider that the agent may use."""
    MISSING = "missing"
    """It has none of them."""
    UNKNOWN = "unknown"
    """Only the deployment's own secret could tell, and nobody but a run may read it."""
    NOT_NEEDED = "not needed"
    """The agent talks to no model."""


def key_names(agent: Json) -> tuple[str, ...]:
    """The variables of the providers that it may talk to: one of them is enough."""
    from aiwebhook_runner.adapters.cli_kinds import CLI, provider_of  # noqa: PLC0415 100 ms that --help does without

    kinds = [AgentKind(kind) for kind in agent.get("runs_on") or [agent["kind"]]]
    providers = [provider_of(k, agent.get("model") or "") for k in kinds if k in CLI]
    return tuple(dict.fromkeys(KEY_OF[name] for name in providers if name in KEY_OF))


def keys_of_stack(options: Globals, target: Target) -> frozenset[str] | None:
    """The keys in the local stack's secret, by name; None when it is not what is spoken to."""
    try:
        record: object = json.loads(stack_record(options) or "null")
    except ValueError:
        return None
    if not isinstance(record, dict):
        return None
    stack = cast("Json", record)
    return frozenset(stack.get("agent_keys", [])) if stack.get("url") == target.url else None


def key_of(agent: Json, keys: frozenset[str] | None) -> Key:
    """Judge one agent of GET /v1/agents."""
    names = key_names(agent)
    if not names:
        return Key.NOT_NEEDED
    if keys is None:
        return Key.UNKNOWN
    return Key.PRESENT if keys & {*names} else Key.MISSING
