"""`POST /webhook` and `/v1/commands` in the OpenAPI: one schema per command, from the catalogue."""

from __future__ import annotations

from typing import Any

from aiwebhook.commands.catalogue import CATALOGUE, CommandSpec
from aiwebhook.commands.fields import nullable
from aiwebhook.commands.refusals import example_of
from aiwebhook.commands.run_task_command import TASK_COMMAND_EXAMPLE as TASK_COMMAND
from aiwebhook.commands.run_task_command import Action
from aiwebhook.commands.store_insight import INSIGHT_EXAMPLE as INSIGHT
from aiwebhook.commands.store_insight import Insight, InsightSource
from aiwebhook.domain.identity import Scope
from session_api.openapi_examples import reply_example
from session_api.openapi_parts import ACK, ID, IDEMPOTENCY_KEY, PARAMETERS, READER, REQUEST_ID
from session_api.openapi_say import say_path
from session_api.openapi_schemas import REF, nested_schemas

Json = dict[str, Any]
_ERRORS = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
_DESCRIPTION = (
    "Every command of this service in one operation; `command` names it. Mistakes of form that"
    " language models make are accepted where they can mean only one thing. `/webhook` also accepts"
    " GitHub deliveries, which carry a signature instead of a key; the response is 202."
)


def message_paths(schemas: dict[str, Json], schemes: tuple[str, ...]) -> Json:
    """The paths that take messages; the schemas that they need are added to `schemas`."""
    for spec in CATALOGUE.values():
        schemas[_name(spec)] = _command_schema(spec, schemas)
    schemas["InsightMessage"] = _insight(schemas)
    schemas["TaskCommandMessage"] = _task_command(schemas)
    return {
        "/webhook": {"post": _operation("postMessage", schemes)},
        "/v1/commands": {"post": _operation("postCommand", schemes)},
        **say_path(schemes),
    }


def command_reply(spec: CommandSpec) -> str:
    """The name of the schema of its reply."""
    return f"{_title(spec)}Reply"


def _operation(name: str, schemes: tuple[str, ...]) -> Json:
    keys = [scheme for scheme in schemes if scheme != "lease"]
    answers = [{"$ref": REF + command_reply(spec)} for spec in CATALOGUE.values()]
    ended: Json = {"$ref": REF + "TaskCommandAnswer"}
    problems = {str(s): {"$ref": f"#/components/responses/Problem{s}"} for s in _ERRORS}
    accepted = {"application/json": {"schema": {"type": "object"}}}
    return {
        "operationId": name,
        "summary": "Send any command to one address.",
        "description": _DESCRIPTION,
        "tags": ["commands"],
        "security": [{key: [Scope.READ.value]} for key in keys],
        "parameters": [IDEMPOTENCY_KEY],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _any_message(), "examples": _examples()}},
        },
        "responses": {
            "200": {
                "description": "Success",
                "content": {
                    "application/json": {
                        "schema": {"anyOf": [*answers, ended]},
                        "examples": _reply_examples(),
                    }
                },
            },
            "202": {"description": "Accepted for later", "content": accepted},
            **problems,
        },
    }


def _any_message() -> Json:
    names = [*(_name(spec) for spec in CATALOGUE.values()), "InsightMessage", "TaskCommandMessage"]
    return {"anyOf": [{"$ref": REF + name} for name in names]}


def _examples() -> Json:
    found = {spec.name: example_of(spec) for spec in CATALOGUE.values()}
    found |= {"insight": dict(INSIGHT), "task_command": dict(TASK_COMMAND)}
    return {
        name: {"summary": name.replace("_", " "), "value": value} for name, value in found.items()
    }


def _reply_examples() -> Json:
    found = {name: reply_example(name) for name in CATALOGUE}
    return {
        name: {"summary": name.replace("_", " "), "value": value}
        for name, value in found.items()
        if value is not None
    }


def _command_schema(spec: CommandSpec, schemas: dict[str, Json]) -> Json:
    data = nested_schemas(spec.code.model, schemas)
    names = [spec.name, *spec.aliases]
    session_id = {**ID, "description": PARAMETERS["session_id"]}
    properties: Json = {
        "type": nullable({"const": "collaborative_session_command"}),
        "command": {"enum": names} if spec.aliases else {"const": spec.name},
        "session_id": session_id if spec.needs_session else nullable(session_id),
        "data": data if data.get("required") else nullable(data),
        "request_id": nullable(REQUEST_ID),
        "reader": nullable(READER),
        "ack": nullable(ACK),
    }
    required = ["command"]
    required += ["session_id"] if spec.needs_session else []
    required += ["data"] if data.get("required") else []
    return {
        "type": "object",
        "description": spec.summary,
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


def _insight(schemas: dict[str, Json]) -> Json:
    return {
        "type": "object",
        "description": "Something to remember, kept as a memory of the conversation's session.",
        "required": ["type", "conversation", "insight"],
        "properties": {
            "type": {"const": "llm_conversation_insight"},
            "conversation": nested_schemas(InsightSource, schemas),
            "insight": nested_schemas(Insight, schemas),
        },
    }


def _task_command(schemas: dict[str, Json]) -> Json:
    return {
        "type": "object",
        "description": "An action for a connected worker.",
        "required": ["type", "data"],
        "properties": {
            "type": {"const": "task_command"},
            "data": nested_schemas(Action, schemas),
            "sync": {"type": "boolean", "default": False},
        },
    }


def _title(spec: CommandSpec) -> str:
    return "".join(part.capitalize() for part in spec.name.split("_"))


def _name(spec: CommandSpec) -> str:
    return f"{_title(spec)}Command"
