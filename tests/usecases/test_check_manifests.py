"""Before a deployment starts, its agents must make sense together."""

from __future__ import annotations

import pytest

from aiwebhook.agents import built_in_manifests
from aiwebhook.domain.agent import AgentManifest, ManifestInvalid
from aiwebhook.usecases.ensure_project import check_manifests


def any_manifest(name: str, **changes: object) -> AgentManifest:
    data = {"name": name, "kind": "worker", "description": "Any agent.", **changes}
    return AgentManifest.from_mapping(data, source=name)


@pytest.mark.req("T5")
def test_the_built_in_agents_make_sense() -> None:
    check_manifests(built_in_manifests().values())


@pytest.mark.req("T5")
def test_every_clash_and_every_bad_schema_is_named() -> None:
    bad = {"type": "object", "properties": {"n": {"type": "nothing"}}}
    with pytest.raises(ManifestInvalid) as caught:
        check_manifests(
            [
                any_manifest("one", aliases=["two", "uno"]),
                any_manifest("two", aliases=["uno", "two"]),
                any_manifest("three", input_schema=bad, output_schema=bad),
            ]
        )
    assert [problem.split(",")[0].split(":")[:2] for problem in caught.value.problems] == [
        ["one", ' aliases has "two"'],
        ["two", ' aliases has "uno"'],
        ["two", ' aliases has "two"'],
        ["three", " input_schema is no JSON Schema at /properties/n/type"],
        ["three", " output_schema is no JSON Schema at /properties/n/type"],
    ]
