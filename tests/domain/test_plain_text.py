"""What people read is text and nothing else: no escape sequence, no control, no turned line."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwebhook.domain.plain_text import plain_line, plain_text

_HARMFUL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]")
_PIECES = st.sampled_from(
    "\x1b|\x1b[|\x1b]|\x1bP|\x1b\\|\x07|\x9b|\x9d|\x9c|\x90|31;1|m|0;t|\r|\n|\t|\x18|\0|\ud800"
    "|\u202e|\u2028|[|é| |x".split("|")
)
HOSTILE = st.lists(_PIECES | st.text(st.characters(), max_size=3), max_size=30).map("".join)


@pytest.mark.req("S8")
@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\x1b]52;c;cm0gLXJm\x07done", "done"),
        ("\x1b]0;title\x1b\\done", "done"),
        ("\x9d0;title\x9cdone", "done"),
        ("\x1bPq#0;2;0\x1b\\done", "done"),
        ("\x1b_Gf=100;AAAA\x1b\\done", "done"),
        ("\x1b[2J\x1b[1;1H\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b(Bplain\x1b7\x1b=", "plain"),
        ("\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\", "here"),
        ("kept: \x1b]0;without an end", "kept: 0;without an end"),
        ("\x1b\x1b[31mtwice", "twice"),
        ("50 %\r100 %\r\nok", "50 %\n100 %\nok"),
        ("a\tb\nc\u2028d\x85e", "a\tb\nc\nd\ne"),
        ("invoice\u202egpj.exe \u2066x\u2069", "invoicegpj.exe x"),
        ("nul\x00 del\x7f bell\a back\b", "nul del bell back"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("naïve 日本 👩‍🔬 שלום عربى", "naïve 日本 👩‍🔬 שלום عربى"),
    ],
)
def test_what_drives_a_terminal_or_turns_a_line_is_gone(text: str, plain: str) -> None:
    assert plain_text(text) == plain
    assert plain_line(text) == plain.replace("\n", " ").replace("\t", " ")


@pytest.mark.req("S8")
@given(HOSTILE)
def test_nothing_harmful_is_left_and_a_second_time_changes_nothing(text: str) -> None:
    plain, line = plain_text(text), plain_line(text)
    assert not _HARMFUL.search(plain)
    assert not _HARMFUL.search(line)
    assert "\n" not in line
    assert "\t" not in line
    plain.encode("utf-8")
    assert (plain_text(plain), plain_line(line)) == (plain, line)


@pytest.mark.req("S8")
@given(st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"))))
def test_ordinary_text_of_every_script_is_kept(text: str) -> None:
    assert plain_text(text) == text
    assert all(unicodedata.category(char) != "Cc" for char in text)


@pytest.mark.req("S8")
@pytest.mark.parametrize("unit", ["\x1b]x", "\x9dx", "\x1b[1;", "\x1b", "\x1b[31mred", "\u202e"])
def test_megabytes_of_escape_sequences_cost_what_they_weigh(unit: str) -> None:
    """The work grows with the length, not with its square: matching is counted, not timed."""
    text = unit * (3_000_000 // len(unit))
    assert len(plain_text(text, limit=2_000)) <= 2_000
    assert not _HARMFUL.search(plain_text(text))
