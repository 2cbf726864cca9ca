"""Reads from the emulator what is deployed: functions with their code, and the REST API.

Read at every request, so that hot reload takes effect with the next one.
"""

import importlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from aiwebhook_local import emulator
from aiwebhook_local.functions.deployed_function import DeployedFunction, InvocationResult
from aiwebhook_local.functions.rest_api import Route
from aiwebhook_local.transform import LOCAL_STAGE, REST_API_ID

_lambda: Any = importlib.import_module("ministack.services.lambda_svc")
_api_gateway: Any = importlib.import_module("ministack.services.apigateway_v1")
_FUNCTION = re.compile(r":function:([^:/]+)")


class EmulatedDeployment:
    """The `Deployment` of the warm functions."""

    account = emulator.ACCOUNT
    api_id = REST_API_ID
    stage = LOCAL_STAGE

    def __init__(self) -> None:
        self._functions: dict[str, DeployedFunction] = {}
        self._routes: Sequence[Route] = ()

    def function(self, name: str) -> DeployedFunction | None:
        """A function by its name in Lambda."""
        record = _lambda._functions.get(name)
        if record is None or not record.get("code_zip"):
            return None
        known = self._functions.get(name)
        if known is None or known.revision != record["config"]["RevisionId"]:
            known = self._functions[name] = _function(record)
        return known

    def functions(self) -> Iterator[DeployedFunction]:
        """All functions."""
        for name in [*_lambda._functions]:
            if (function := self.function(name)) is not None:
                yield function

    def routes(self) -> Sequence[Route]:
        """Routes of the REST API; none before it is deployed, which happens once and as a whole."""
        if not self._routes and _api_gateway._stages_v1.get(REST_API_ID):
            resources = _api_gateway._resources.get(REST_API_ID, {})
            self._routes = [*map(_route, resources.values())]
        return self._routes


def serve_invocations(invoke: Callable[[str, Any], InvocationResult]) -> None:
    """Have `invoke` (a function's name, an event) serve the emulator's invocations: by queues,
    topics, schedules, rules and Lambda's own API. Called in threads of the emulator.
    """

    def execute(record: dict[str, Any], event: Any, _request_id: str) -> dict[str, Any]:
        result = invoke(record["config"]["FunctionName"], event)
        body = json.loads(result.payload)
        return {"body": body, "log": "", "error": True} if result.failure else {"body": body}

    _lambda._execute_function_warm = execute


def _function(record: dict[str, Any]) -> DeployedFunction:
    config = record["config"]
    layers = [_lambda._resolve_layer_zip(layer) for layer in config.get("Layers", ())]
    return DeployedFunction(
        name=config["FunctionName"],
        arn=config["FunctionArn"],
        revision=config["RevisionId"],
        handler=config["Handler"],
        code=record["code_zip"],
        layers=tuple(layer for layer in layers if layer),
        variables=dict(config.get("Environment", {}).get("Variables", {})),
        memory_mb=int(config["MemorySize"]),
        timeout_s=float(config["Timeout"]),
    )


def _route(resource: dict[str, Any]) -> Route:
    methods: dict[str, Any] = resource.get("resourceMethods", {})
    integrations = {name: method.get("methodIntegration") for name, method in methods.items()}
    targets = {name: _FUNCTION.search(i["uri"]) for name, i in integrations.items() if i}
    functions = {name: found[1] for name, found in targets.items() if found}
    return Route(path=resource["path"], resource_id=resource["id"], functions=functions)
