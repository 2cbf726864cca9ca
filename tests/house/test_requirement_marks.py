"""`@pytest.mark.req("W1")` names requirements that exist, and names them as literals."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator

from tests.house.tree import ROOT, sources

REQUIREMENTS = tomllib.loads((ROOT / "tests/requirements.toml").read_text(encoding="utf-8"))


def marks() -> Iterator[tuple[str, ast.Call]]:
    """(place, call) of every `pytest.mark.req(…)` in the tests."""
    for source in sources():
        if not source.path.startswith("tests/"):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.req":
                yield f"{source.path}:{node.lineno}", node


def test_every_requirement_is_one_sentence() -> None:
    unclear = {i: s for i, s in REQUIREMENTS.items() if not s.endswith(".") or len(s) > 160}
    assert unclear == {}


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
