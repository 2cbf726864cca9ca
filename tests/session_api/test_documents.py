"""OpenAPI, the docs page, the error reference: made from the code, and current."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from aiwebhook.commands.catalogue import CATALOGUE, find_command
from aiwebhook.domain.identity import DEFAULT_PROJECT, Scope
from session_api import openapi
from session_api.all_operations import OPERATIONS
from session_api.error_reference import reference
from session_api.introduction.write_guide import document as guide_document
from session_api.reply_schemas import REPLY_DATA
from tests.support.session_api import ApiDriver
from tests.support.wire_document import RELAY, blocks
from tests.support.wire_document import document as wire_document
from tests.wire.generated import EXAMPLES, examples

Json = dict[str, Any]


@cache
def document() -> Json:
    return openapi.openapi_document(OPERATIONS)


@cache
def actions_document() -> Json:
    return openapi.actions_document(OPERATIONS)


DOCUMENTS = {"openapi": document, "openapi-actions": actions_document}


def operations_of(api: Json) -> list[Json]:
    return [operation for path in api["paths"].values() for operation in path.values()]


@pytest.mark.req("D1")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_committed_document_is_what_the_code_makes(name: str) -> None:
    committed = json.loads(Path("docs", f"{name}.json").read_text("utf-8"))

    assert committed == DOCUMENTS[name](), "run: make docs"


@pytest.mark.req("D1")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_valid_openapi(name: str) -> None:
    api = DOCUMENTS[name]()

    validate(api)
    used = {tag for operation in operations_of(api) for tag in operation["tags"]}
    assert used <= {tag["name"] for tag in api["tags"]}


@pytest.mark.req("D1")
def test_the_error_reference_is_the_table_of_codes() -> None:
    committed = Path("docs/errors.md").read_text("utf-8")

    assert committed == reference(), "run: make docs"


@pytest.mark.req("D1")
def test_every_operation_is_documented_once() -> None:
    names = [operation["operationId"] for operation in operations_of(document())]

    expected = [*(o.name for o in OPERATIONS), "postMessage", "postCommand", "say"]
    assert sorted(names) == sorted(expected)
    assert len(set(names)) == len(names)


@pytest.mark.req("D1")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_texts_keep_the_limits_of_gpt_actions(name: str) -> None:
    for operation in operations_of(DOCUMENTS[name]()):
        assert 0 < len(operation["summary"]) <= 300
        assert len(operation.get("description", "")) <= 300
        for parameter in operation.get("parameters", []):
            assert 0 < len(parameter["description"]) <= 700, parameter


@pytest.mark.req("D1")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_limits_are_said_in_words_of_json_schema(name: str) -> None:
    """pydantic writes `ge` where it can't tell to which type of a union a limit belongs."""
    text = json.dumps(DOCUMENTS[name]())

    assert [word for word in ("ge", "le", "gt", "lt") if f'"{word}":' in text] == []


@pytest.mark.req("D1")
def test_the_document_for_gpt_actions_says_when_it_dies() -> None:
    assert "retire from 11 December 2026" in actions_document()["info"]["description"]
    assert "retire" not in document()["info"]["description"]


@pytest.mark.req("D1")
def test_the_document_for_gpt_actions_has_what_they_can_take() -> None:
    api = actions_document()
    operations = operations_of(api)

    assert len(operations) <= 30
    assert list(api["components"]["securitySchemes"]) == ["bearer"]
    assert all(isinstance(operation["x-openai-isConsequential"], bool) for operation in operations)
    places = {p["in"] for operation in operations for p in operation.get("parameters", [])}
    assert places <= {"path", "query"}


@pytest.mark.req("D1", "O7")
def test_every_operation_states_the_scope_that_it_asks_for(driver: ApiDriver) -> None:
    keys = {scope.value: driver.make_key(scope) for scope in Scope}
    implied = {name: {"commands", "admin"} for name in ("read", "say")} | {"admin": set[str]()}
    stated: dict[str, int] = {}
    for path, methods in document()["paths"].items():
        for method, operation in methods.items() if path not in RELAY else ():
            for scheme in operation["security"]:
                if "lease" in scheme:
                    assert scheme == {"lease": []}
                    continue
                ((role,),) = scheme.values()
                stated[role] = stated.get(role, 0) + 1
                target = re.sub(r"{\w+}", "x", path) + "?no_such_argument=1"
                call = method.upper()
                admitted = {
                    name
                    for name, key in keys.items()
                    if driver.call(call, target, token=key).status != 403
                }
                assert admitted == {role, *implied.get(role, {"admin"})}, (call, path)
    assert stated.keys() == keys.keys()


@pytest.mark.req("D1")
def test_every_field_of_a_conversation_is_explained() -> None:
    api = actions_document()
    unexplained = [
        f"{name}.{field}"
        for name, schema in api["components"]["schemas"].items()
        if name.endswith("Input")
        for field, described in schema["properties"].items()
        if not described.get("description")
    ]

    assert unexplained == []


@pytest.mark.req("D1")
def test_answers_are_as_documented(driver: ApiDriver, module_database: str) -> None:
    """Every GET without a path parameter, and the resources made on the way."""
    session_id = driver.session()
    driver.task(session_id)
    run = driver.claim()
    endpoint = driver.post("/v1/endpoints", {"url": "https://example.com/hook"}).body
    default = ApiDriver(module_database, project_id=DEFAULT_PROJECT, outside=driver.outside)
    due = driver.post(f"/v1/endpoints/{endpoint['endpoint_id']}/ping").body
    made = {
        "/v1/endpoints/{endpoint_id}": driver.get(f"/v1/endpoints/{endpoint['endpoint_id']}"),
        "/v1/deliveries/{delivery_id}": driver.get(f"/v1/deliveries/{due['delivery_id']}"),
        "/v1/sessions/{session_id}": driver.get(f"/v1/sessions/{session_id}"),
        "/v1/sessions/{session_id}/events": driver.get(f"/v1/sessions/{session_id}/events"),
        "/v1/sessions/{session_id}/conversation": driver.get(
            f"/v1/sessions/{session_id}/conversation"
        ),
        "/v1/projects": default.get("/v1/projects"),
        "/v1/search": driver.get("/v1/search?text=words"),
        "/v1/runs/{task_id}/context": run.get("context"),
        "/v1/runs/{task_id}/signal": run.get("signal"),
    }
    api = document()
    for path, item in api["paths"].items():
        if "get" not in item or (path not in made and "{" in path):
            continue
        if path == "/v1/memories":
            continue  # needs a session
        told = made.get(path) or driver.get(path)
        content = item["get"]["responses"]["200"]["content"]
        assert told.status == 200, (path, told.text)
        assert told.headers["Content-Type"].partition(";")[0] in content, path
        if "application/json" in content:
            schema = {**content["application/json"]["schema"], "components": api["components"]}
            jsonschema.validate(told.body, schema)


@pytest.mark.req("D1")
def test_the_docs_page_and_what_it_needs_come_from_here(driver: ApiDriver) -> None:
    page = driver.get("/docs", token=None)
    script = driver.get("/docs/swagger-ui-bundle.min.js", token=None)
    style = driver.get("/docs/swagger-ui.min.css", token=None)
    start = driver.get("/docs/start.js", token=None)
    spec = driver.get("/openapi.json", token=None)

    assert [t.status for t in (page, script, style, start, spec)] == [200] * 5
    assert "http" not in page.text
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert len(script.text) > 500_000
    assert driver.get("/docs/other.js", token=None).status == 404
    assert spec.body == document()


@pytest.mark.req("D10")
def test_the_committed_examples_and_guide_are_current() -> None:
    assert json.loads(EXAMPLES.read_text("utf-8")) == examples(), "run: make docs"
    assert Path("docs/LLM_SESSION_API.md").read_text("utf-8") == guide_document(), "run: make docs"


@pytest.mark.req("D10")
def test_every_example_in_the_openapi_fits_its_schema() -> None:
    api = document()
    shown: list[str] = []
    for operation in operations_of(api):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for media in body.get("content", {}).values():
                many = [each["value"] for each in media.get("examples", {}).values()]
                for value in (*many, *([media["example"]] if "example" in media else [])):
                    schema = {**media["schema"], "components": api["components"]}
                    jsonschema.validate(value, schema, cls=jsonschema.Draft202012Validator)
                    shown.append(operation["operationId"])
    commands = [o for o in OPERATIONS if o.command is not None]
    assert {o.name for o in commands} | {"postMessage", "postCommand"} <= set(shown)


@pytest.mark.req("D10")
def test_every_command_stands_in_the_openapi_with_its_data_and_its_reply() -> None:
    api = document()
    posted = api["paths"]["/webhook"]["post"]
    (media,) = posted["requestBody"]["content"].values()
    assert set(media["examples"]) == {*CATALOGUE, "insight", "task_command"}
    assert set(REPLY_DATA) == set(CATALOGUE)
    schemas = api["components"]["schemas"]
    for name, data in REPLY_DATA.items():
        title = "".join(part.capitalize() for part in name.split("_"))
        assert schemas[f"{title}Reply"]["allOf"][1]["properties"]["data"] == data
        assert f"{title}Command" in schemas


@pytest.mark.req("D10")
def test_what_docs_wire_shows_of_a_reply_is_what_the_openapi_promises() -> None:
    asked = ""
    checked: set[str] = set()
    for block in blocks(wire_document()):
        if block.kind == "json command":
            asked = json.loads(block.body).get("command", "store_memory")
        elif block.kind == "json data":
            spec = find_command(asked)
            assert spec is not None
            jsonschema.validate(block.value, REPLY_DATA[spec.name])
            checked.add(spec.name)
    assert checked >= set(CATALOGUE) - {"create_session"}
