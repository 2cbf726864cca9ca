"""`python -m aiwebhook_runner probe`: why built-in agents cannot start on this machine.

It decides as a run does, from the same PATH and variables, so it is reliable before the first task.
Prints one JSON object: agent → null, or the error that its run would report.
"""

import json
import os
from collections.abc import Mapping

from aiwebhook.agents import built_in_manifests
from aiwebhook.domain.agent import ON_A_MODEL, AgentKind, AgentManifest
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters import AgentCannotStart
from aiwebhook_runner.adapters.command import require_command
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.model.model_choice import choose_model, installed_on, providers_in
from aiwebhook_runner.run.run_scope import require_secrets
from aiwebhook_runner.settings import environment

DISABLING = frozenset({ErrorClass.NOT_INSTALLED, ErrorClass.NO_KEY, ErrorClass.NO_SECRET})


def probe(variables: Mapping[str, str]) -> dict[str, JsonObject | None]:
    """By agent; those of workers are left out, because workers check for themselves."""
    manifests = built_in_manifests().values()
    return {m.name: _fault(m, variables) for m in manifests if m.kind is not AgentKind.WORKER}


def _fault(manifest: AgentManifest, variables: Mapping[str, str]) -> JsonObject | None:
    path = variables.get("PATH", os.defpath)
    try:
        if manifest.kind in ON_A_MODEL:
            choose_model(
                manifest,
                present=installed_on(path),
                with_key=lambda: providers_in(variables),
            )
        if manifest.kind is AgentKind.COMMAND:
            require_command(manifest, path)
        require_secrets(manifest, variables)
    except AgentCannotStart as refused:
        if refused.error_class in DISABLING:
            return {"error_class": refused.error_class.value, "message": str(refused)}
    return None


def run_probe() -> int:
    # Now: the process exits without flushing its buffers.
    print(json.dumps(probe(environment())), flush=True)  # noqa: T201 - this is what it is for
    return 0
