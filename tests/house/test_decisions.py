"""Every page of docs/adr has the head that its template shows, and a line in the list."""

from __future__ import annotations

import re
import tomllib
from datetime import date

from tests.house.tree import ROOT

FOLDER = ROOT / "docs" / "adr"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))[1:]
HEAD = re.compile(
    r"# (?P<number>\d{4}): (?P<title>[^\n]+)\n\n"
    r"Status: (?P<status>proposed|accepted(?:, in part replaced by \d{4})?|replaced by \d{4}) · "
    r"Date: (?P<day>\d{4}-\d\d-\d\d) · Requirements: (?P<ids>[A-Z]\d+(?:, [A-Z]\d+)*)\n\n"
)
LINE = re.compile(r"^\| \[(\d{4})\]\(([^)]+)\) \| (.+?) \| ([^|]+) \|$", re.MULTILINE)


def heads() -> dict[str, dict[str, str]]:
    """The head of each page by its file's name; {} where it has another form."""
    found = {page.name: HEAD.match(page.read_text(encoding="utf-8")) for page in PAGES}
    return {name: match.groupdict() if match else {} for name, match in found.items()}


def test_every_decision_has_the_head_of_the_template() -> None:
    assert [name for name, head in heads().items() if not head] == []


def test_decisions_are_numbered_by_their_files_without_a_gap() -> None:
    numbers = [head["number"] for head in heads().values()]
    assert numbers == [name[:4] for name in heads()]
    assert numbers == [f"{number:04}" for number in range(1, len(PAGES) + 1)]


def test_the_list_names_every_decision_as_its_page_does() -> None:
    listed = LINE.findall((FOLDER / "README.md").read_text(encoding="utf-8"))
    assert listed == [
        (head["number"], name, head["title"], head["status"]) for name, head in heads().items()
    ]


def test_days_and_requirements_exist() -> None:
    known = tomllib.loads((ROOT / "tests/requirements.toml").read_text(encoding="utf-8"))
    for name, head in heads().items():
        date.fromisoformat(head["day"])
        assert set(head["ids"].split(", ")) <= set(known), name
