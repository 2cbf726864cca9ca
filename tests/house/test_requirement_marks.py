"""`@pytest.mark.req("W1")` names requirements that exist, as literals; and every requirement is
named by a test, or deferred with its reason.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any

import pytest

from tests.house.tree import ROOT, Source, sources

pytestmark = pytest.mark.xdist_group("sources")  # one process reads them once

LISTED: dict[str, Any] = tomllib.loads((ROOT / "tests/requirements.toml").read_text("utf-8"))
REQUIREMENTS: dict[str, dict[str, str]] = {
    name: {"is": entry} if isinstance(entry, str) else entry for name, entry in LISTED.items()
}
"""What each `is`; why it is `deferred`, or what of it is `missing`."""


@cache
def marks() -> tuple[tuple[str, ast.Call], ...]:
    """(place, call) of every `pytest.mark.req(…)` in the tests."""
    return tuple(
        (f"{source.path}:{call.lineno}", call)
        for source in sources()
        if source.path.startswith("tests/")
        for call in _marks_in(source)
    )


def _marks_in(source: Source) -> Iterator[ast.Call]:
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="req") as named):
                if ast.unparse(named) == "pytest.mark.req":
                    yield node
            case _:
                pass


def named() -> set[object]:
    """The requirements that tests name."""
    return {arg.value for _, mark in marks() for arg in mark.args if isinstance(arg, ast.Constant)}


def test_every_requirement_is_one_sentence() -> None:
    unclear = {
        i: each
        for i, each in REQUIREMENTS.items()
        if not each["is"].endswith(".") or len(each["is"]) > 160
    }
    assert unclear == {}


def test_the_requirements_of_each_letter_are_numbered_without_a_gap() -> None:
    ids = [(name[0], int(name[1:])) for name in REQUIREMENTS]
    assert len(ids) == 58, "none is dropped in silence"
    assert ids == [
        (letter, number)
        for letter, group in groupby(ids, key=lambda each: each[0])
        for number in range(1, len(list(group)) + 1)
    ]


def test_every_mark_names_known_requirements() -> None:
    wrong = [
        f"{place}: {ast.unparse(mark)}"
        for place, mark in marks()
        if not mark.args
        or mark.keywords
        or any(
            not isinstance(arg, ast.Constant) or arg.value not in REQUIREMENTS for arg in mark.args
        )
    ]
    assert not wrong, "\n".join(wrong)


def test_every_requirement_is_proven_by_a_test_or_deferred() -> None:
    unproven = {i for i, each in REQUIREMENTS.items() if "deferred" not in each} - named()
    assert unproven == set(), "no test names these, and nothing says why"


def test_what_a_test_proves_is_not_deferred() -> None:
    deferred = {i for i, each in REQUIREMENTS.items() if "deferred" in each}
    assert deferred & named() == set(), "a test names these: `missing` says what is not there"


def test_every_reason_is_one() -> None:
    for name, each in REQUIREMENTS.items():
        assert set(each) in ({"is"}, {"is", "deferred"}, {"is", "missing"}), name
        for reason in (each.get("deferred"), each.get("missing")):
            assert reason is None or re.fullmatch(r"\S.{7,158}[^.\s]", reason), (name, reason)
