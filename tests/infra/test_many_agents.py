"""How many agents a deployment has room for: Lambda takes 4 KB of environment, a role 10,240
characters of its own policies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import pytest

from aiwebhook.settings.agent_queues import AgentQueueUrls

MANY = 20
ENVIRONMENT, POLICIES = 4_096, 10_240
_PSEUDO = {"AWS::Region": "ap-northeast-1", "AWS::Partition": "aws-us-gov"}
_LONGEST_NAME = "an_agent_with_a_long_name"


def _resolved(node: Any, resources: Mapping[str, Any]) -> Any:
    """As long as AWS would make it, or longer."""
    if isinstance(node, list):
        return [_resolved(item, resources) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    found = cast("dict[str, Any]", node)
    kind = next(iter(found), "")
    value: Any = found.get(kind)
    if kind == "Fn::Join":
        return value[0].join(str(_resolved(part, resources)) for part in value[1])
    if kind == "Ref" and value.startswith("AWS::"):
        return _PSEUDO.get(value, "123456789012")
    if kind in {"Ref", "Fn::GetAtt", "Fn::ImportValue"}:
        named = str(value) if isinstance(value, str) else str(value[0])
        name = resources.get(named, {}).get("Properties", {}).get("QueueName") or "x" * 80
        return f"https://sqs.ap-northeast-1.amazonaws.com/123456789012/{name}"
    return {key: _resolved(each, resources) for key, each in found.items()}


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    pytest.importorskip("aws_cdk", reason="aws-cdk-lib is a development package")
    from infra import app  # noqa: PLC0415 — CDK takes seconds to import
    from infra.agents import AgentType  # noqa: PLC0415 — as above
    from infra.assets import Assets  # noqa: PLC0415 — as above
    from infra.stages import DEV  # noqa: PLC0415 — as above

    agents = tuple(
        AgentType(name=f"{_LONGEST_NAME}_{number:02}", cpu=1024, memory_mib=4096)
        for number in range(MANY)
    )
    outdir = tmp_path_factory.mktemp("many")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(app, "queued_agents", lambda: agents)
        app.build_app(assets=Assets(named=True), outdir=str(outdir), stages=[DEV]).synth()
    path = next(outdir.rglob("*service.template.json"))
    return json.loads(path.read_text("utf-8"))["Resources"]


def environments(resources: Mapping[str, Any]) -> dict[str, int]:
    """Function → bytes of its environment."""
    sizes: dict[str, int] = {}
    for resource in resources.values():
        properties = resource.get("Properties", {})
        variables = properties.get("Environment", {}).get("Variables", {})
        if resource["Type"] == "AWS::Lambda::Function" and "POWERTOOLS_SERVICE_NAME" in variables:
            whole = {name: str(_resolved(value, resources)) for name, value in variables.items()}
            sizes[whole["POWERTOOLS_SERVICE_NAME"]] = sum(
                len(name) + len(value) for name, value in whole.items()
            )
    return sizes


def policies(resources: Mapping[str, Any]) -> dict[str, int]:
    """Role → characters of all its own policies."""
    sizes: dict[str, int] = {}
    for logical_id, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Role":
            own = [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
            sizes[logical_id] = sizes.get(logical_id, 0) + _length(own, resources)
        elif resource["Type"] == "AWS::IAM::Policy":
            for role in properties["Roles"]:
                size = _length(properties["PolicyDocument"], resources)
                sizes[role["Ref"]] = sizes.get(role["Ref"], 0) + size
    return sizes


def _length(document: Any, resources: Mapping[str, Any]) -> int:
    return len(json.dumps(_resolved(document, resources), separators=(",", ":")))


@pytest.mark.slow
@pytest.mark.synth
@pytest.mark.req("O1")
def test_twenty_agents_fit(resources: Mapping[str, Any]) -> None:
    assert max(environments(resources).values()) <= ENVIRONMENT
    assert max(policies(resources).values()) <= POLICIES


@pytest.mark.req("O1")
def test_the_queues_are_found_by_one_of_them() -> None:
    from pydantic import TypeAdapter  # noqa: PLC0415 — the one use

    read = TypeAdapter[dict[str, str]](AgentQueueUrls).validate_python
    short = {"like": "http://127.0.0.1:4566/000/S-codex", "prefix": "S-", "agents": ["codex", "a"]}
    assert read(json.dumps(short)) == {
        "codex": "http://127.0.0.1:4566/000/S-codex",
        "a": "http://127.0.0.1:4566/000/S-a",
    }
    assert read('{"agents": "http://127.0.0.1/agents"}') == {"agents": "http://127.0.0.1/agents"}
