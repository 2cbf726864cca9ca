"""rows.toml: what each check of the conformance suite comes to here, and that its test exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.req("N6")
HERE = Path(__file__).parent
ROWS: dict[str, str] = tomllib.loads((HERE / "rows.toml").read_text(encoding="utf-8"))
WHY_NOT = ("not offered: ", "not done: ")


def test_every_check_has_a_row() -> None:
    assert len(ROWS) == 131


def test_every_row_names_a_test_that_exists_or_says_why_none_does() -> None:
    wrong: list[str] = []
    for check, proof in ROWS.items():
        module, _, name = proof.partition("::")
        if not name:
            wrong += [] if proof.startswith(WHY_NOT) else [check]
        elif not re.search(rf"^def {name}\(", (HERE / module).read_text("utf-8"), re.MULTILINE):
            wrong.append(check)
    assert wrong == []
