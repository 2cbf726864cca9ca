"""Whatever a program prints, what is kept of it is fit for PostgreSQL."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwebhook.domain.storable import storable

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
)


@pytest.mark.req("T4")
@given(JSON)
def test_every_value_becomes_valid_utf8_json_without_nul(value: Any) -> None:
    text = json.dumps(storable(value), allow_nan=False, ensure_ascii=False)
    assert "\x00" not in text
    text.encode("utf-8")


@pytest.mark.req("T4")
def test_nesting_without_end_is_cut() -> None:
    value: list[Any] = []
    for _ in range(5000):
        value = [value]
    json.dumps(storable(value))
