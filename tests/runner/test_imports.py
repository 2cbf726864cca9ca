"""What a run of a container imports: the agent waits for every module of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aiwebhook_runner.run.turns import FOR_THE_END

ROOT = Path(__file__).resolve().parents[2]
START = """
import json, sys
before = set(sys.modules)
import aiwebhook_runner.__main__ as program
program._launched()
from aiwebhook_runner.run import {way}
from aiwebhook_runner.adapters import {adapter}
print(json.dumps(sorted(set(sys.modules) - before)))
"""
HEAVY = (
    *("asyncio", "concurrent", "logging", "multiprocessing", "shlex", "unittest", "xml"),
    *("tomllib", "urllib.request", "importlib.metadata", "importlib.resources"),
    *("aiwebhook.commands", "aiwebhook.usecases", "aiwebhook_runner.worker"),
    *("aiwebhook_runner.run.delegated_run", "aiwebhook_agents", "aiwebhook_runner.adapters.codex"),
    # imported while the agent works
    *(*FOR_THE_END, "aiwebhook_runner.lease.delivery", "mimetypes", "decimal", "gzip", "tarfile"),
)
OURS, OURS_OF_PLAIN, STANDARD = 102, 76, 112
"""Modules. Half a millisecond is lost for each, so who goes over a number says why. One of ours is
the run-time part of expanded dataclasses, which saves half a millisecond for each class; another
says when to ask again, once for functions and clients; forked_child spares the agent an
interpreter."""


def imported_by(way: str, adapter: str) -> frozenset[str]:
    """Without the packages of this environment: nothing but Python and the source tree."""
    path = [str(ROOT / "layers/core/python"), str(ROOT / "runner")]
    code = f"import sys; sys.path[:0] = {path!r}\n{START.format(way=way, adapter=adapter)}"
    words = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(words, check=True, capture_output=True)
    return frozenset(json.loads(done.stdout))


@pytest.fixture(scope="module")
def imported() -> frozenset[str]:
    return imported_by("model_run", "claude_code")


@pytest.mark.req("T4")
def test_a_plain_agent_waits_for_no_model_and_no_repository() -> None:
    imported = imported_by("plain_run", "python")
    ours = {name for name in imported if name.startswith("aiwebhook")}

    assert not any(name.startswith("aiwebhook_runner.model") for name in ours)
    assert not any(name.startswith("aiwebhook_runner.repository") for name in ours)
    assert len(ours) <= OURS_OF_PLAIN, sorted(ours)


@pytest.mark.req("T4")
def test_a_run_starts_with_pythons_own_library_alone(imported: frozenset[str]) -> None:
    strangers = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names

    assert strangers == {"aiwebhook", "aiwebhook_runner"}


@pytest.mark.req("T4")
def test_a_run_starts_without_what_other_runs_need(imported: frozenset[str]) -> None:
    assert [name for name in HEAVY if name in imported] == []


@pytest.mark.req("T4")
def test_a_run_starts_with_no_more_modules_than_are_counted_here(imported: frozenset[str]) -> None:
    ours = {name for name in imported if name.startswith("aiwebhook")}

    assert len(ours) <= OURS, sorted(ours)
    assert len(imported - ours) <= STANDARD, sorted(imported - ours)
