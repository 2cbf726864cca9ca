"""CHANGELOG.md has the form of Keep a Changelog 1.1.0, and its newest version is the package's."""

from __future__ import annotations

import re
import tomllib
from datetime import date

from tests.house.tree import ROOT

TEXT = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
VERSION = re.compile(r"## \[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d\d-\d\d)")
SECTIONS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
AREAS = {
    "Before you upgrade, or roll back",
    "For callers",
    "Webhooks and rules",
    "Chat apps, MCP and voice",
    "Command line",
    "Agents and workers",
    "Callbacks",
    "Deployment",
    "Operation",
    "Speed and cost",
    "Local stack",
    "Documentation",
}


def headings(mark: str) -> list[str]:
    """Lines of one level of headings."""
    return [line for line in TEXT.splitlines() if line.startswith(f"{mark} ")]


def versions() -> list[tuple[tuple[int, ...], date]]:
    """Number and day of every version, as they stand."""
    found = [VERSION.fullmatch(line) for line in headings("##")[1:]]
    assert all(found), headings("##")
    return [
        (tuple(map(int, match.groups()[:3])), date.fromisoformat(match[4]))
        for match in found
        if match
    ]


def test_what_is_not_released_stands_first_and_versions_follow_with_their_day() -> None:
    assert headings("##")[0] == "## [Unreleased]"
    assert len(versions()) >= 2


def test_versions_go_down_and_their_days_never_up() -> None:
    numbers, days = zip(*versions(), strict=True)
    assert list(numbers) == sorted(set(numbers), reverse=True)
    assert list(days) == sorted(days, reverse=True)


def test_the_newest_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest, _ = versions()[0]
    assert ".".join(map(str, newest)) == project["version"]


def test_every_section_is_one_of_the_six_once_per_version_and_holds_something() -> None:
    for version in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]:
        parts = re.split(r"^### ", version, flags=re.MULTILINE)
        names = [part.partition("\n")[0] for part in parts[1:]]
        assert set(names) <= SECTIONS
        assert len(names) == len(set(names))
        assert parts[0].count("\n") <= 2, f"outside of any section: {parts[0]}"
        for part in parts[1:]:
            lines = part.strip().splitlines()[1:]
            assert lines, part
            assert all(line.startswith(("- ", "  ", "#### ")) for line in lines if line), part


def test_every_area_is_a_known_one_once_per_section_and_holds_something() -> None:
    for section in re.split(r"^#{2,3} ", TEXT, flags=re.MULTILINE)[1:]:
        parts = re.split(r"^#### ", section, flags=re.MULTILINE)
        names = [part.partition("\n")[0] for part in parts[1:]]
        assert set(names) <= AREAS
        assert len(names) == len(set(names))
        assert all("\n- " in part for part in parts[1:]), section


def test_warnings_about_upgrades_stand_before_all_else() -> None:
    unreleased = TEXT.partition("## [Unreleased]")[2]
    assert unreleased.split("\n#### ")[1].startswith("Before you upgrade, or roll back\n")
