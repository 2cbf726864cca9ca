"""The OpenAPI 3.1 documents, made from a table of operations and the catalogue of commands."""

from __future__ import annotations

import re
from typing import Any, cast

from pydantic import BaseModel

from aiwebhook.commands.catalogue import CATALOGUE
from aiwebhook.commands.fields import nullable
from aiwebhook.error_codes import CODES, Where
from session_api.openapi_examples import IDS, answer_example, request_example
from session_api.openapi_messages import command_reply, message_paths
from session_api.openapi_parts import (
    ACK,
    DESCRIPTION,
    ERRORS,
    FIELDS,
    ID,
    IDEMPOTENCY_KEY,
    KEY,
    MEDIA,
    PARAMETERS,
    PROBLEM,
    READER,
    REPLY_SCHEMA,
    REQUEST_ID,
    RETIRING,
    SCHEMES,
    TAGS,
    TASK_COMMAND_ANSWER,
)
from session_api.openapi_schemas import REF, public, query_parameter, tidy_schema
from session_api.operation import Access, Operation
from session_api.reply_schemas import reply_schema

Json = dict[str, Any]


def openapi_document(operations: tuple[Operation, ...]) -> Json:
    served = {"url": ".", "description": "This deployment"}
    return _document(operations, servers=[served, _server()], schemes=("bearer", "apiKey", "lease"))


def actions_document(operations: tuple[Operation, ...]) -> Json:
    """The operations of a conversation, as GPT Actions take them: at most 30, one security scheme,
    no header parameters. Replace the server by your API's address.
    """
    chosen = tuple(operation for operation in operations if operation.in_actions)
    return _document(chosen, servers=[_server()], schemes=("bearer",), full=False)


def _document(
    operations: tuple[Operation, ...],
    *,
    servers: list[Json],
    schemes: tuple[str, ...],
    full: bool = True,
) -> Json:
    schemas: dict[str, Json] = {"Problem": PROBLEM, "Reply": REPLY_SCHEMA}
    paths: dict[str, Json] = {}
    if full:
        schemas["TaskCommandAnswer"] = TASK_COMMAND_ANSWER
        for spec in CATALOGUE.values():
            schemas[command_reply(spec)] = reply_schema(spec.name, {"$ref": REF + "Reply"})
        paths |= message_paths(schemas, schemes)
    for operation in operations:
        described = _Describer(schemas, schemes, full=full).describe(operation)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    used = {operation.tag for operation in operations}
    used |= {"commands"} if full else set[str]()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AI Webhook",
            "version": "1",
            "description": (DESCRIPTION if full else DESCRIPTION + RETIRING).replace("\n", " "),
        },
        "servers": servers,
        "tags": [{"name": n, "description": d} for n, d in TAGS.items() if n in used],
        "paths": paths,
        "components": {
            "securitySchemes": {name: SCHEMES[name] for name in schemes},
            "schemas": dict(sorted(schemas.items())),
            "responses": {f"Problem{status}": _problem(status) for status in ERRORS},
        },
    }


def _takes_key(operation: Operation) -> bool:
    """Whether it is a write that obeys an idempotency key; runs are fenced by their lease."""
    if operation.command is not None:
        return CATALOGUE[operation.command].writes
    return operation.once


class _Describer:
    """Describes operations; what they need of schemas is added to `schemas`.

    `full`: bodies say that null stands for an absent field (a query has no null), operations which
    scope a key needs and that they may answer bytes. GPT Actions are spared all that.
    """

    def __init__(self, schemas: dict[str, Json], schemes: tuple[str, ...], *, full: bool) -> None:
        self._schemas = schemas
        self._schemes = schemes
        self._full = full

    def describe(self, operation: Operation) -> Json:
        """The Operation Object."""
        inputs = self._inputs(operation)
        parameters = [_path_parameter(name) for name in _names(operation.path)]
        described: Json = {
            "operationId": operation.name,
            "summary": operation.summary,
            "tags": [operation.tag],
            "security": self._security(operation.access),
        }
        if operation.reads_query:
            parameters += [
                query_parameter(name, schema, required=required)
                for name, schema, required in _properties(inputs)
            ]
        elif inputs is not None:
            described["requestBody"] = self._body(operation, inputs)
        if self._full and _takes_key(operation):
            parameters.append(IDEMPOTENCY_KEY)
        if parameters:
            described["parameters"] = parameters
        described["responses"] = self._responses(operation)
        if operation.in_actions:
            described["x-openai-isConsequential"] = operation.consequential
        return described

    def _inputs(self, operation: Operation) -> Json | None:
        if operation.command is not None:
            return self._command_inputs(operation, operation.command)
        if operation.params is None:
            return None
        schema = self._schema(operation.params, inputs=True, query=operation.reads_query)
        if operation.once and not operation.reads_query:
            schema["properties"]["request_id"] = self._optional(REQUEST_ID)
        return schema

    def _command_inputs(self, operation: Operation, command: str) -> Json:
        spec = CATALOGUE[command]
        schema = self._schema(spec.code.model, inputs=True, query=operation.reads_query)
        properties: dict[str, Any] = schema.setdefault("properties", {})
        required = [str(name) for name in schema.get("required", [])]
        in_path = _names(operation.path)
        if "wait_s" in properties and operation.reads_query:
            properties["wait"] = properties.pop("wait_s")
        if "session_id" not in in_path and _may_name_session(command):
            session_id = {**ID, "description": PARAMETERS["session_id"]}
            in_body = not (spec.needs_session or operation.reads_query)
            properties["session_id"] = self._optional(session_id) if in_body else session_id
            required += ["session_id"] if spec.needs_session else []
        for name in in_path:
            properties.pop(name, None)
        if not operation.reads_query:
            properties["request_id"] = REQUEST_ID
        properties["reader"] = READER
        if operation.method != "GET":
            properties["ack"] = ACK
        if not operation.reads_query:
            properties |= {
                n: self._optional(properties[n]) for n in ("request_id", "reader", "ack")
            }
        schema["required"] = [name for name in required if name not in in_path]
        if not schema["required"]:
            del schema["required"]
        return schema

    def _optional(self, schema: Json) -> Json:
        return nullable(schema) if self._full else schema

    def _body(self, operation: Operation, inputs: Json) -> Json:
        name = operation.name[0].upper() + operation.name[1:] + "Input"
        for field, schema in inputs["properties"].items():
            if field in FIELDS:
                schema.setdefault("description", FIELDS[field])
        self._schemas[name] = inputs
        schema: Json = {"$ref": REF + name}
        if operation.array_as is not None:
            schema = {"anyOf": [schema, _array_of(inputs["properties"][operation.array_as])]}
        content: Json = {"schema": schema}
        example = request_example(operation) if self._full else None
        if example is not None:
            content["example"] = example
        return {
            "required": not {"required", "anyOf", "oneOf"}.isdisjoint(inputs),
            "content": {"application/json": content},
        }

    def _responses(self, operation: Operation) -> Json:
        schema: Json = {"$ref": REF + "Reply"}
        if operation.command is not None and self._full:
            schema = {"$ref": REF + command_reply(CATALOGUE[operation.command])}
        if operation.command is None:
            schema = {"type": "object"}
            if operation.returns is not None:
                name = public(operation.returns.__name__)
                self._schemas[name] = self._schema(operation.returns, inputs=False)
                schema = {"$ref": REF + name}
        media = MEDIA.get(operation.name, "application/json")
        content = {media: {"schema": schema if media == "application/json" else {"type": "string"}}}
        example = answer_example(operation) if self._full else None
        if example is not None:
            content[media]["example"] = example
        if operation.or_bytes and self._full:
            content["*/*"] = {"schema": {"type": "string"}}
        responses: Json = {"200": {"description": "Success", "content": content}}
        for status, description in operation.statuses.items():
            responses[str(status)] = {"description": description}
        for status in _errors_of(operation):
            responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
        return responses

    def _schema(self, model: type[BaseModel], *, inputs: bool, query: bool = False) -> Json:
        schema = model.model_json_schema(
            mode="validation" if inputs else "serialization", ref_template=REF + "{model}"
        )
        without_null = inputs and (query or not self._full)
        for name, nested in cast("dict[str, Json]", schema.pop("$defs", {})).items():
            self._schemas[public(name)] = tidy_schema(nested, without_null=without_null)
        if not self._full:
            schema = {k: v for k, v in schema.items() if k not in ("anyOf", "oneOf")}
        return tidy_schema(schema, without_null=without_null)

    def _security(self, access: Access) -> list[dict[str, list[str]]]:
        if access is Access.OPEN:
            return []
        wanted = ("lease",) if access is Access.LEASE else ("bearer", "apiKey")
        # OpenAPI 3.1 takes roles for any scheme; GPT Actions knows them for OAuth only.
        roles = [access.scope.value] if access.scope is not None and self._full else []
        return [{name: roles} for name in wanted if name in self._schemes]


def _array_of(schema: Json) -> Json:
    """The array among the choices of a field. As a whole request it must hold something."""
    choices: list[Json] = schema.get("anyOf", [schema])
    return {"minItems": 1} | next(choice for choice in choices if choice.get("type") == "array")


def _errors_of(operation: Operation) -> list[int]:
    if operation.tag == "system" and operation.command is None:
        return {"getReadiness": [503], "getDocsAsset": [404]}.get(operation.name, [])
    statuses = [401, 403, 422, 429, 503]
    statuses += [404] if "{" in operation.path or operation.command or operation.misses else []
    statuses += [] if operation.method == "GET" else [400, 409, 413, 415]
    return sorted({*statuses, *([409] if operation.access is Access.LEASE else [])})


def _may_name_session(command: str) -> bool:
    return CATALOGUE[command].needs_session or command in {
        "create_session",
        "list_tasks",
        "list_artifacts",
        "get_updates",
        "ack_updates",
        "cancel_task",
        "retry_task",
        "reply_to_task",
    }


def _names(path: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", path)


def _properties(inputs: Json | None) -> list[tuple[str, Json, bool]]:
    if inputs is None:
        return []
    required = inputs.get("required", [])
    return [(name, schema, name in required) for name, schema in inputs["properties"].items()]


def _path_parameter(name: str) -> Json:
    parameter: Json = {
        "name": name,
        "in": "path",
        "required": True,
        "description": PARAMETERS[name],
        "schema": KEY if name == "key" else ID,
    }
    return parameter | ({"example": IDS[name]} if name in IDS else {})


def _problem(status: int) -> Json:
    content = {"application/problem+json": {"schema": {"$ref": REF + "Problem"}}}
    of_api = (known for known in CODES.values() if known.where is Where.API)
    codes = ", ".join(known.code for known in of_api if known.status == status)
    return {"description": f"{ERRORS[status]}. Codes: {codes}", "content": content}


def _server() -> Json:
    origin = {"default": "https://your-api.example.com", "description": "Your API's address"}
    return {"url": "{origin}", "variables": {"origin": origin}}
