"""runner/Dockerfile, as far as it can be held to its word without an engine."""

import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from aiwebhook.domain.compute import DEV, LEAN

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.req("T4")
TEXT = (ROOT / "runner/Dockerfile").read_text("utf-8")
ALLOWED = [
    line.removeprefix("!")
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    if line.startswith("!")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction, continued lines joined; `stage` counts from 0."""

    stage: int
    word: str
    rest: str


def instructions() -> list[Instruction]:
    """All of them, in order."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^#.*\n", "", TEXT))
    found: list[Instruction] = []
    stage = -1
    for line in filter(None, joined.splitlines()):
        word, _, rest = line.partition(" ")
        stage += word == "FROM"
        found.append(Instruction(stage=stage, word=word, rest=rest.strip()))
    return found


def of(word: str) -> list[Instruction]:
    """Those of this kind."""
    return [found for found in instructions() if found.word == word]


def from_context() -> list[str]:
    """Sources of COPY that lie in the project."""
    return [
        source
        for copy in of("COPY")
        if "--from=" not in copy.rest
        for source in shlex.split(copy.rest)[:-1]
    ]


def test_every_source_exists_and_is_let_in() -> None:
    for source in from_context():
        assert (ROOT / source).exists()
        assert any(source == entry or source.startswith(f"{entry}/") for entry in ALLOWED)


def test_nothing_else_is_let_in() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    first = next(line for line in ignored if line and not line.startswith("#"))

    assert first == "*"
    for entry in ALLOWED:
        assert any(source == entry or source.startswith(f"{entry}/") for source in from_context())


def test_every_stage_that_is_copied_from_exists_and_every_base_has_a_digest() -> None:
    stages = set(re.findall(r" AS (\w+)", TEXT))
    assert set(re.findall(r"--from=(\w+)", TEXT)) <= stages
    images = dict(re.findall(r"(?m)^ARG (\w+_IMAGE)=(\S+)$", TEXT))

    for name in ("PYTHON_IMAGE", "NODE_IMAGE"):
        assert re.fullmatch(r"[a-z]+:\d+(\.\d+)?-\w+-\w+@sha256:[0-9a-f]{64}", images[name])
    outside = {base.rest.split(" AS ")[0] for base in of("FROM")} - stages
    assert outside == {
        "${REGISTRY}/${PYTHON_IMAGE}",
        "${REGISTRY}/${NODE_IMAGE}",
        "${BASE_IMAGE}",
        "${SIZE}",
    }
    assert {LEAN, DEV, "own"} <= stages


def test_the_larger_size_has_what_builds_need() -> None:
    """The stages are named as `compute.image` of a manifest is."""
    stages = re.findall(r" AS (\w+)", TEXT)
    dev = [found.rest for found in instructions() if found.stage == stages.index(DEV)]
    for tool in ("make", "gcc", "jq", "curl", "/usr/local/bin/node"):
        assert any(tool in rest for rest in dev), tool


def test_hadolint_has_nothing_to_say() -> None:
    """As `make lint` asks it."""
    command = [Path(sys.executable).with_name("hadolint"), "--failure-threshold", "warning"]
    done = subprocess.run([*command, ROOT / "runner/Dockerfile"], check=False)
    assert done.returncode == 0


def test_python_is_that_of_the_functions_and_node_that_of_gemini() -> None:
    lock = (ROOT / "runner/image/gemini/package.json").read_text("utf-8")
    [node] = set(re.findall(r'"node-[\w-]+": "(\d+)\.', lock))

    assert f"ARG NODE_IMAGE=node:{node}-" in TEXT
    assert re.search(r"ARG PYTHON_IMAGE=python:3\.13-", TEXT)


def test_what_it_runs_is_what_is_tested_here() -> None:
    """The same script, with the same arguments, as tests/image/test_install_agents.py runs."""
    [install] = [run for run in of("RUN") if "install_agents" in run.rest]

    assert install.rest.endswith(
        "python runner/image/install_agents.py /opt/agents"
        ' "${AGENT:?name one: --build-arg AGENT=codex}"'
    )
    manifests = "layers/core/python/aiwebhook/agents"
    assert {"runner/image", manifests} <= set(from_context())


def test_the_packages_are_locked_by_hash() -> None:
    [install] = [run for run in of("RUN") if " pip install " in run.rest]

    assert "--require-hashes" in install.rest
    assert "--only-binary :all:" in install.rest
    assert "--no-cache-dir" in install.rest


def test_both_commands_start_from_what_is_copied(tmp_path: Path) -> None:
    """In the final layout, without the rest of the project on the path."""
    for copy in of("COPY"):
        source, target = shlex.split(copy.rest)[-2:]
        if target.startswith("/opt/aiwebhook/"):
            link = tmp_path / Path(target).name
            link.symlink_to(ROOT / source)
    for module, argument in (("aiwebhook_runner", "run"), ("aiwebhook_gateway", "serve")):
        assert (tmp_path / module / "__main__.py").exists()
        words = [sys.executable, "-c", f"import {module}.__main__"]
        subprocess.run(words, env={"PYTHONPATH": str(tmp_path)}, check=True, cwd=tmp_path)
        assert argument in (tmp_path / module / "__main__.py").read_text("utf-8")


def test_no_run_compiles_what_it_imports() -> None:
    """Neither our packages nor Python's library: the base image brings that without bytecode."""
    compiled = [run for run in of("RUN") if " -m compileall " in run.rest]

    ours, library = sorted(compiled, key=lambda run: run.stage)
    assert ours.rest.endswith(" /opt/aiwebhook")
    assert library.stage == re.findall(r" AS (\w+)", TEXT).index(LEAN)
    assert library.rest.endswith("""sysconfig.get_path("stdlib"))')\"""")
    assert all("unchecked-hash" in run.rest for run in compiled)


def test_the_image_holds_no_scripted_model() -> None:
    """A gateway that could be talked into playing a script would be a way round the budget."""
    copied = [shlex.split(copy.rest)[-2] for copy in of("COPY") if "/opt/aiwebhook/" in copy.rest]

    held = [path for package in copied for path in (ROOT / package).rglob("*.py")]
    assert len(held) > 100
    assert [path for path in held if "scripted" in path.parts] == []
    assert [path for path in held if "aiwebhook_local" in path.read_text("utf-8")] == []


def test_the_default_command_is_a_run_under_an_init() -> None:
    assert [found.rest for found in of("ENTRYPOINT")] == ['["tini", "--"]']
    assert [found.rest for found in of("CMD")] == [
        '["python3.13", "-m", "aiwebhook_runner", "run"]'
    ]


def test_the_house_rules_of_dockerfiles_are_kept() -> None:
    assert not of("ADD")
    assert not of("MAINTAINER")
    for run in of("RUN"):
        assert "sudo" not in run.rest
        if "apt-get install" in run.rest:
            assert "--no-install-recommends" in run.rest
            assert "rm -rf /var/lib/apt/lists/*" in run.rest
    assert "claude" not in "".join(run.rest for run in of("RUN"))  # nor a user of that name


def test_no_secret_and_no_address_is_built_in() -> None:
    assert "://" not in TEXT
    for found in (*of("ARG"), *of("ENV")):
        assert not re.search(r"KEY|TOKEN|SECRET|PASSWORD", found.rest)


def test_every_built_in_agent_has_an_image() -> None:
    """AGENT is a program, or the name of a manifest; the script answers for each."""
    for path in (ROOT / "layers/core/python/aiwebhook/agents").glob("*.toml"):
        assert tomllib.loads(path.read_text("utf-8"))["name"] == path.stem
