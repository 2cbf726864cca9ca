"""The captures of the documents are what a terminal shows."""

from __future__ import annotations

import pytest

from tests.cli.captured import DOCUMENT, WIDTHS, views

pytestmark = pytest.mark.req("S8")


def test_the_views_are_shown_as_they_are_documented() -> None:
    page = views()
    assert DOCUMENT.read_text(encoding="utf-8") == page, "make docs"
    blocks = [block.split("```")[0] for block in page.split("```text\n")[1:]]
    tables = [line for block in blocks for line in block.splitlines() if line[0] != "{"]
    assert max(map(len, tables)) <= max(WIDTHS), "what is no JSON fits"
    assert "Traceback" not in page
