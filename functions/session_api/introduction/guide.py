"""How to use this service, for a language model: the guide at /llm-instructions.

docs/LLM_SESSION_API.md is the same text (`make docs`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from aiwebhook.commands.catalogue import CATALOGUE, CommandSpec
from aiwebhook.commands.refusals import example_of
from aiwebhook.commands.schema_wording import Schema, expected
from session_api.openapi_parts import FIELDS

_GUIDE = "guide.md"
_IDS: Mapping[str, str] = dict.fromkeys(
    ("task_id", "chunk_id", "artifact_id"), "an id of 1–128 characters"
)


def guide(url: str) -> str:
    """The whole guide, for the deployment at this URL."""
    text = files("session_api.introduction").joinpath(_GUIDE).read_text(encoding="utf-8")
    return f"{text.replace('{url}', url)}\n{reference()}"


def reference() -> str:
    """Every command: its purpose, its fields, an example."""
    return "## All commands\n\n" + "\n".join(_command(spec) for spec in CATALOGUE.values())


def _command(spec: CommandSpec) -> str:
    schema = spec.code.model.model_json_schema()
    required = schema.get("required", [])
    fields = [
        f"- `{name}`{'' if name in required else ' (optional)'}: {_rule(name, field, schema)}"
        for name, field in schema.get("properties", {}).items()
    ]
    session = " Needs a `session_id`." if spec.needs_session else ""
    example = json.dumps(_sent(spec), ensure_ascii=False)
    rows = "\n".join(fields) or "Takes no `data`."
    return f"### {spec.name}\n\n{spec.summary}{session}\n\n{rows}\n\n```json\n{example}\n```\n"


def _rule(name: str, field: Schema, schema: Schema) -> str:
    """The meaning of a field, and its allowed values."""
    rule = _IDS.get(name) or expected(field, schema)
    meaning = FIELDS.get(name)
    return f"{meaning} {rule[:1].upper()}{rule[1:]}." if meaning else rule


def _sent(spec: CommandSpec) -> dict[str, Any]:
    return {name: value for name, value in example_of(spec).items() if name != "type"}
