"""`@modelcontextprotocol/conformance`, with its fixtures behind our core, and on our own tools."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.doors.conftest import Door
from tests.doors.serving import serving_fixtures
from tests.doors.tools import SUITE, program, run

pytestmark = [pytest.mark.doors, pytest.mark.req("D2")]
Json = dict[str, Any]
IMPOSSIBLE = {
    "tools-call-sampling",
    "tools-call-elicitation",
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
}
"""They want a request to the client in the middle of a call, whose answer is one body here."""
FREE_OF_FIXTURES = {
    *("tools-list", "resources-list", "prompts-list", "caching", "dns-rebinding-protection"),
    *("http-header-validation", "sep-2164-resource-not-found", "server-sse-multiple-streams"),
    *("ping", "server-initialize"),
}
WANTS_DIAGNOSTIC_TOOLS = {
    "sep-2575-server-rejects-undeclared-capability",
    "sep-2575-missing-capability-http-400",
    "sep-2575-http-server-no-independent-requests-on-stream",
    "sep-2575-server-no-log-without-loglevel",
}
_NAMED = re.compile(r"server-(?P<scenario>.+)-\d{4}-\d\d-\d\dT[\d-]+Z")


def played(url: str, revision: str, folder: Path) -> Mapping[str, Sequence[Json]]:
    """The checks of each scenario that a revision requires, and of those it does not score."""
    command = (*program(*SUITE), "server", "--url", url, "--requirements", revision)
    told = run((*command, "-o", str(folder)), folder=folder)
    found: dict[str, Sequence[Json]] = {}
    for checks in folder.glob("*/checks.json"):
        named = _NAMED.fullmatch(checks.parent.name)
        assert named is not None, checks
        found[named["scenario"]] = json.loads(checks.read_text("utf-8"))
    assert len(found) > 25, told
    return found


@cache
def required(revision: str) -> frozenset[str]:
    """The names of the scenarios for servers that count."""
    command = (*program(*SUITE), "list", "--requirements", revision)
    listed = run(command, folder=Path.cwd()).partition("Server scenarios")[2]
    ours = listed.partition("Client scenarios")[0].partition("Run and reported")[0]
    return frozenset(re.findall(r"^ +- (\S+)$", ours, re.MULTILINE))


def failed(checks: Sequence[Json]) -> set[str]:
    return {check["id"] for check in checks if check["status"] == "FAILURE"}


def faults(found: Mapping[str, Sequence[Json]]) -> dict[str, set[str]]:
    """By scenario, the checks that fail."""
    return {name: wrong for name, checks in found.items() if (wrong := failed(checks))}


def test_the_newer_era_does_all_that_is_required_and_all_of_tasks(
    doors_database: str, tmp_path: Path
) -> None:
    with serving_fixtures(doors_database) as url:
        found = played(url, "2026-07-28", tmp_path)
    assert len(required("2026-07-28")) == 37
    assert required("2026-07-28") <= found.keys()
    assert faults(found) == {}
    tasks = [checks for name, checks in found.items() if name.startswith("tasks-")]
    assert sum(check["status"] == "SUCCESS" for checks in tasks for check in checks) == 44


def test_the_older_era_does_all_but_what_needs_a_held_stream(
    doors_database: str, tmp_path: Path
) -> None:
    with serving_fixtures(doors_database) as url:
        found = played(url, "2025-11-25", tmp_path)
    assert len(required("2025-11-25")) == 30
    assert faults(found).keys() == IMPOSSIBLE


@pytest.mark.parametrize("revision", ["2026-07-28", "2025-11-25"])
def test_our_own_tools_pass_what_needs_no_fixture(
    door: Door, tmp_path: Path, revision: str
) -> None:
    found = played(door.url, revision, tmp_path)
    wrong = faults(found)
    assert len(FREE_OF_FIXTURES & found.keys()) > 5
    assert FREE_OF_FIXTURES & wrong.keys() == set()
    assert wrong.get("server-stateless", set()) <= WANTS_DIAGNOSTIC_TOOLS
