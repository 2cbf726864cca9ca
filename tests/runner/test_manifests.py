"""Agent manifests: the built-in ones are valid, and a wrong one is explained."""

from pathlib import Path

import pytest

from aiwebhook.agents import built_in_manifests, load_manifest, load_manifests
from aiwebhook.domain.agent import AgentKind, AgentManifest, Compute, ManifestInvalid
from aiwebhook_runner.process.resource_limits import MIB, ResourceLimits

KINDS = ", ".join(f'"{kind}"' for kind in AgentKind)

ONLY_WHERE_A_MODULE_RUNS = (
    'entrypoint is only for kinds "python" and "template", not for kind "command"'
)


def any_manifest(**changes: object) -> dict[str, object]:
    """Valid manifest data; name what matters to the test."""
    data: dict[str, object] = {
        "name": "any_agent",
        "kind": "command",
        "command": ["any-program"],
        "description": "Any agent.",
    }
    return {key: value for key, value in (data | changes).items() if value is not None}


def problems_of(**changes: object) -> tuple[str, ...]:
    with pytest.raises(ManifestInvalid) as caught:
        AgentManifest.from_mapping(any_manifest(**changes), source="any.toml")
    return caught.value.problems


PEAK_MIB = {
    AgentKind.CLAUDE_CODE: 232,
    AgentKind.CODEX: 182,
    AgentKind.GEMINI: 334,
    AgentKind.OPENCODE: 498,
}
"""Resident memory of all processes of a run but supervisor and gateway, counted as the runner does
(resource_limits.py): the largest of short runs with text, tools and MCP on the scripted provider,
with the versions of runner/agents, on x86_64, 2026-11-28."""
TIMES = 4
"""What a long conversation, pages and tools may take beside that."""
SUPERVISOR_MIB, GATEWAY_MIB = 64, 192
"""The supervisor was measured with 28; the gateway's container has this (infra)."""


@pytest.mark.req("T5")
def test_an_agent_on_a_model_has_room_for_every_cli_it_may_run() -> None:
    for name, manifest in built_in_manifests().items():
        kinds = manifest.runs_on or (manifest.kind,)
        needed = TIMES * max((PEAK_MIB.get(kind, 0) for kind in kinds), default=0)
        if not needed:
            continue
        memory = manifest.compute.memory_mib
        allowed = ResourceLimits.of_compute(memory, 0).memory // MIB
        container = memory - GATEWAY_MIB - SUPERVISOR_MIB
        assert min(allowed, container) >= needed, f"{name}: {memory} MiB, needed {needed}"


@pytest.mark.req("T5")
def test_the_built_in_agents_are_declared_by_manifests() -> None:
    manifests = built_in_manifests()
    assert {name: (m.kind, m.queue) for name, m in manifests.items()} == {
        "claude_code": (AgentKind.CLAUDE_CODE, True),
        "codex": (AgentKind.CODEX, True),
        "conversation_processor": (AgentKind.PYTHON, True),
        "gemini": (AgentKind.GEMINI, True),
        "local": (AgentKind.WORKER, False),
        "memory_keeper": (AgentKind.PYTHON, True),
        "opencode": (AgentKind.OPENCODE, True),
        "researcher": (AgentKind.TEMPLATE, True),
    }


@pytest.mark.req("T5")
def test_the_json_form_of_a_manifest_reads_back_as_the_same_manifest() -> None:
    for manifest in built_in_manifests().values():
        assert AgentManifest.from_mapping(manifest.as_json(), source="json") == manifest


@pytest.mark.req("T5")
@pytest.mark.parametrize("image", ["dev", f"registry.example:5000/base@sha256:{'0a' * 32}"])
def test_disk_purchase_and_image_are_fields_of_a_manifest(image: str) -> None:
    compute = {"cpu": 1024, "memory_mib": 4096, "ephemeral_gib": 100, "spot": True, "image": image}
    manifest = AgentManifest.from_mapping(any_manifest(compute=compute), source="any.toml")
    assert manifest.as_json()["compute"] == compute
    assert manifest.compute.disk_mib == 95 * 1024


@pytest.mark.req("T5")
def test_a_manifest_may_leave_out_what_has_a_default() -> None:
    manifest = AgentManifest.from_mapping(any_manifest(), source="any.toml")
    assert (manifest.max_concurrent, manifest.max_attempts, manifest.compute) == (1, 3, Compute())


@pytest.mark.req("T5")
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "Bad Name"}, 'name must match [a-z][a-z0-9_]{0,63}, got "Bad Name"'),
        ({"name": None}, "name is missing"),
        (
            {"kind": "robot"},
            f'kind must be one of {KINDS}, got "robot"',
        ),
        (
            {"kind": ["python"]},
            f'kind must be one of {KINDS}, got ["python"]',
        ),
        ({"description": " "}, 'description must not be blank, got " "'),
        ({"timeout_s": 0}, "timeout_s must be a whole number from 1 to 86400, got 0"),
        ({"max_attempts": True}, "max_attempts must be a whole number from 1 to 20, got true"),
        ({"queue": "yes"}, 'queue must be true or false, got "yes"'),
        (
            {"needs": ["weather"]},
            'needs must have items from "conversation", "memories", got "weather"',
        ),
        ({"command": []}, "command must name the executable and its arguments, got []"),
        ({"command": "rm"}, 'command must be a list of strings, got "rm"'),
        (
            {"entrypoint": "a.b"},
            f'{ONLY_WHERE_A_MODULE_RUNS}, got "a.b"',
        ),
        (
            {"secrets": ["AWS_KEY"]},
            'secrets must not start with AIWEBHOOK_, AWS_ or ECS_, got "AWS_KEY"',
        ),
        (
            {"compute": {"memory_mib": 4096}},
            "compute.memory_mib must be one of 512, 1024, 2048 for cpu 256, got 4096",
        ),
        (
            {"compute": {"ephemeral_gib": 201}},
            "compute.ephemeral_gib must be a whole number from 20 to 200, got 201",
        ),
        ({"compute": {"spot": 1}}, "compute.spot must be true or false, got 1"),
        (
            {"compute": {"image": "go:1"}},
            'compute.image must be lean, dev or an image by digest (name@sha256:…), got "go:1"',
        ),
        ({"compute": {"gpu": 1}}, "compute.gpu is not a field of a manifest, got 1"),
        ({"input_schema": {"type": "array"}}, 'input_schema.type must be "object", got "array"'),
        ({"time_out": 5}, "time_out is not a field of a manifest, got 5"),
    ],
)
def test_a_broken_rule_is_named_with_field_rule_and_value(
    changes: dict[str, object], problem: str
) -> None:
    assert problem in problems_of(**changes)


@pytest.mark.req("T5")
def test_all_mistakes_of_a_manifest_are_told_at_once() -> None:
    assert len(problems_of(kind="python", timeout_s="long", colour="red")) == 4


@pytest.mark.req("T5")
def test_the_error_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("name = ")
    with pytest.raises(ManifestInvalid, match=r"^broken\.toml: is not valid TOML"):
        load_manifest(tmp_path / "broken.toml")


@pytest.mark.req("T5")
def test_a_manifest_file_is_named_after_its_agent(tmp_path: Path) -> None:
    text = 'name = "b"\nkind = "worker"\ndescription = "Any."\n'
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(ManifestInvalid, match='name must equal the file name "a", got "b"'):
        load_manifests(tmp_path)


@pytest.mark.req("T5")
def test_the_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "a"\nkind = "worker"\n')
    (tmp_path / "b.toml").write_text('name = "b"\nkind = "robot"\ndescription = "Any."\n')
    with pytest.raises(ManifestInvalid) as caught:
        load_manifests(tmp_path)
    assert {problem.split(":")[0] for problem in caught.value.problems} == {"a.toml", "b.toml"}
