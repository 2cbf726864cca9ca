"""The short cut of Accept never decides otherwise than the whole rule."""

from __future__ import annotations

from itertools import product

import pytest

from session_api.media_range import may_prefer_bytes, prefers_bytes

NAMES = ("*/*", "application/*", "application/json", "application/geo+json", "image/png")
RANGES = ("", *(f"{name}{q}" for name, q in product(NAMES, ("", ";q=0", ";q=0.5", ";q=x"))))
TYPES = ("image/png", "application/json", "application/geo+json", "application/octet-stream")


@pytest.mark.req("S4")
def test_where_bytes_are_preferred_the_short_cut_lets_the_rule_decide() -> None:
    for pair in product(RANGES, RANGES):
        accept = ", ".join(pair)
        if any(prefers_bytes(accept, media) for media in TYPES):
            assert may_prefer_bytes(accept), accept


@pytest.mark.req("S4")
@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "application/json, */*"])
def test_what_most_programs_send_needs_no_look_at_the_artifact(accept: str) -> None:
    assert not may_prefer_bytes(accept)
