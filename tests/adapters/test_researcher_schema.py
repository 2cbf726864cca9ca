"""The researcher without a key gives what its manifest promises of the one on a model."""

from typing import Any

import pytest

from aiwebhook.agents import built_in_manifests
from aiwebhook_agents import researcher
from aiwebhook_local.scripted.scenarios import RESEARCH
from aiwebhook_runner.adapters.strict_schema import as_strict
from tests.runner.built_in import any_memory, meeting_chunks, said

pytestmark = pytest.mark.req("T5")
SCHEMA = built_in_manifests()["researcher"].output_schema
TYPES: dict[str, Any] = {"object": dict, "array": list, "string": str}


def faults(value: Any, schema: Any, at: str = "output") -> list[str]:
    """What breaks the schema, in the few words of JSON Schema that the manifest uses."""
    if not isinstance(value, TYPES[schema["type"]]):
        return [f"{at} is no {schema['type']}"]
    if schema["type"] == "array":
        few = [f"{at} has too few"] if len(value) < schema.get("minItems", 0) else []
        items = schema.get("items")
        inner = [faults(v, items, f"{at}[{n}]") for n, v in enumerate(value)] if items else []
        return few + [fault for found in inner for fault in found]
    if schema["type"] == "object":
        missing = [f"{at}.{name} is missing" for name in schema["required"] if name not in value]
        known = schema["properties"].items()
        inner = [faults(value[name], part, f"{at}.{name}") for name, part in known if name in value]
        return missing + [fault for found in inner for fault in found]
    return []


@pytest.mark.parametrize(
    "task",
    [
        {"chunks": meeting_chunks()},
        {"chunks": meeting_chunks(), "input": {"question": "Which database?"}},
        {"memories": [any_memory({"text": "We use Postgres."})]},
        {},
    ],
    ids=["a meeting", "a question", "memories alone", "nothing"],
)
def test_the_fallback_keeps_to_the_schema(task: dict[str, Any]) -> None:
    [result] = said(researcher.research, "result", **task)

    assert faults(result["output"], SCHEMA) == []


def test_so_does_what_the_scripted_provider_answers() -> None:
    assert faults(RESEARCH, SCHEMA) == []


def test_a_finding_without_a_source_does_not() -> None:
    finding = {"text": "It is so.", "sources": list[object]()}
    output = {"question": "Is it?", "findings": [finding], "sources": list[object]()}

    assert faults(output, SCHEMA) == ["output.findings[0].sources has too few"]


def test_codex_is_asked_for_it_in_words_because_sources_differ() -> None:
    assert as_strict(SCHEMA) is None
