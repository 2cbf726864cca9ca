"""What `make fmt` does to docstrings and rulers."""

from __future__ import annotations

import pytest

from formatting import prose

pytestmark = pytest.mark.req("T4")

TAIL = '''
def claim() -> None:
    """Claims the oldest ready task of one agent, never beyond its cap: highest priority first, as
    asked.
    """
'''
WRAPPED = '''
def claim() -> None:
    """Claims the oldest ready task of one agent, never beyond its cap: highest priority
    first, as asked.
    """
'''
LIST = '''"""States, each with what follows from it and with the reason why it is there at all:

- ready
- done
"""
'''


@pytest.mark.parametrize(
    ("source", "formatted"),
    [
        (TAIL, WRAPPED),
        (WRAPPED, WRAPPED),
        (LIST, LIST),
        ("    # --- runs ---\n", "    # ── runs ".ljust(100, "─") + "\n"),
        ("# -- a comment\n", "# -- a comment\n"),
    ],
)
def test_last_words_join_their_line_and_rulers_reach_the_margin(
    source: str, formatted: str
) -> None:
    assert prose.formatted(source) == formatted
