"""docs/architecture.md and docs/glossary.md: what they name is there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache

from tests.house.tree import ROOT, files, sources
from tests.support.wire_document import tables

ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
GLOSSARY = "docs/glossary.md"
CODE = re.compile(r"`([^`]+)`")
MOST_WORDS = 50
HOUSES = ("layers/core/python/aiwebhook", "runner/aiwebhook_runner")
"""Packages whose own packages are the rooms."""


@cache
def proofs() -> frozenset[str]:
    """`path::name` of every test."""
    return frozenset(
        f"{source.path}::{name}"
        for source in sources()
        if source.path.startswith("tests/")
        for name in re.findall(r"^ *def (test_\w+)\(", source.text, re.MULTILINE)
    )


def test_every_invariant_is_held_by_tests_that_exist() -> None:
    rows = list(tables(ARCHITECTURE, "Invariant", "Held by"))
    assert len(rows) > 10
    for row in rows:
        held_by = set(CODE.findall(row["Held by"]))
        assert held_by, row["Invariant"]
        assert held_by - proofs() == set(), row["Invariant"]


def rooms() -> Iterator[str]:
    """Every package that a contract may speak of; of the core and the runner their own packages."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]
    packages = [f for f in files() if f.endswith("/__init__.py") and not f.startswith("tests/")]
    folders = {path.rpartition("/")[0] for path in packages}
    for folder in folders:
        parent, _, name = folder.rpartition("/")
        if parent in HOUSES or (name in contracts["root_packages"] and folder not in HOUSES):
            yield folder


def test_every_package_is_a_room_of_the_plan() -> None:
    shown = [CODE.findall(row["Room"])[0] for row in tables(ARCHITECTURE, "Room", "Holds")]
    assert sorted(shown) == sorted(rooms())


def words() -> list[str]:
    """The terms of the glossary, in order."""
    text = (ROOT / GLOSSARY).read_text(encoding="utf-8")
    return [row["Word"] for row in tables(text, "Word", "Meaning", "Not")]


def test_the_glossary_is_short_sorted_and_has_each_word_once() -> None:
    assert 0 < len(words()) <= MOST_WORDS
    assert words() == sorted(set(words()), key=str.casefold)


@cache
def used() -> str:
    """Everything that people read: documents, code, statements."""
    kinds = (".md", ".py", ".sql")
    chosen = (f for f in files() if f.endswith(kinds) and f != GLOSSARY)
    return "\n".join((ROOT / f).read_text(encoding="utf-8").lower() for f in chosen)


def test_every_word_of_the_glossary_is_used() -> None:
    patterns = {word: rf"\b{word.lower().replace(' ', '[ _]')}" for word in words()}
    assert [word for word, pattern in patterns.items() if not re.search(pattern, used())] == []
