"""The committed templates as plain dicts, with the few questions that the tests ask them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parents[2]
SYNTH = ROOT / "infra" / "synth"
STAGES = ("dev", "prod")
PARTS = ("network", "data", "door", "service")
CDK_HELPER = "AWSCDKTrigger"  # CDK's own function that invokes migrate at deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One CloudFormation template; resources by logical id."""

    stage: str
    part: str
    body: Mapping[str, Any]

    @property
    def resources(self) -> Mapping[str, Any]:
        return self.body["Resources"]

    def of_type(self, kind: str) -> dict[str, Any]:
        """Logical id → properties of every resource of the type."""
        return {
            logical_id: resource.get("Properties", {})
            for logical_id, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def functions(self) -> dict[str, Any]:
        """Name (relay, session_api, …) → properties, of our functions."""
        return {_name(properties): properties for properties in self._ours().values()}

    def function_id(self, name: str) -> str:
        """The logical id of our function `name`."""
        return next(key for key, value in self._ours().items() if _name(value) == name)

    def statements(self, role: str) -> list[dict[str, Any]]:
        """Every statement of the role's inline and attached policies."""
        inline = self.resources[role]["Properties"].get("Policies", [])
        documents = [policy["PolicyDocument"] for policy in inline]
        documents += [
            policy["PolicyDocument"]
            for policy in self.of_type("AWS::IAM::Policy").values()
            if {"Ref": role} in policy["Roles"]
        ]
        return [statement for document in documents for statement in document["Statement"]]

    def _ours(self) -> dict[str, Any]:
        return {
            key: value
            for key, value in self.of_type("AWS::Lambda::Function").items()
            if not key.startswith(CDK_HELPER)
        }


def _name(function: Mapping[str, Any]) -> str:
    return function["Handler"].split(".")[0]


def load(stage: str, part: str) -> Template:
    """The committed template of the stage's stack."""
    text = (SYNTH / stage / f"{part}.template.json").read_text("utf-8")
    return Template(stage=stage, part=part, body=json.loads(text))


def every_template() -> Iterator[Template]:
    """All committed templates."""
    for stage in STAGES:
        for part in PARTS:
            yield load(stage, part)


def as_list(value: Any) -> list[Any]:
    """CloudFormation writes one item bare and several as a list."""
    return cast(list[Any], value) if isinstance(value, list) else [value]
