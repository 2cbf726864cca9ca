"""Whatever a run reports becomes storable, small enough, and every change is noted."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwebhook.domain.answer_size import answer_bytes, fitting
from aiwebhook.domain.memory import fitting_key
from aiwebhook.domain.notes import MAX_NOTES, Notes
from aiwebhook.domain.repair import fitted, json_bytes, repaired
from aiwebhook.domain.report_json import read_object

ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
)


@pytest.mark.req("T4")
@given(ANY)
def test_a_repaired_value_is_storable_and_noted_exactly_when_it_changed(value: Any) -> None:
    notes = Notes()
    kept = repaired(value, notes, "")
    text = json.dumps(kept, allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in text
    text.encode("utf-8")
    assert bool(notes.taken()) == (repr(kept) != repr(value))
    assert repaired(kept, Notes(), "") == kept


@pytest.mark.req("T4")
@given(ANY, st.integers(200, 2_000))
def test_a_fitted_value_fits(value: Any, limit: int) -> None:
    notes = Notes()
    storable = repaired({"value": value, "text": "x" * 3_000}, Notes(), "")
    kept = fitted(storable, limit, notes, "/output")
    assert json_bytes(kept) <= limit
    assert notes.taken()


@pytest.mark.req("T4")
@given(st.binary())
def test_no_bytes_crash_the_reader(raw: bytes) -> None:
    body = b'{"a": "' + raw.replace(b'"', b"").replace(b"\\", b"") + b'"}'
    assert set(read_object(body, Notes())) == {"a"}


@pytest.mark.req("T4")
def test_notes_without_end_are_counted() -> None:
    notes = Notes()
    for number in range(MAX_NOTES + 3):
        notes.add(f"/{number}", "was cut.")
    assert len(notes.taken()) == MAX_NOTES + 1
    assert notes.taken()[-1].message == "3 more changes are not listed."


@pytest.mark.req("S3")
def test_long_keys_stay_apart_and_the_same() -> None:
    long = "k" * 200
    assert fitting_key(long) == fitting_key(long) != fitting_key(long + "!")
    assert len(fitting_key(long)) == 128
    assert fitting_key("k" * 128) == "k" * 128


@pytest.mark.req("S3")
def test_an_answer_is_measured_as_lambda_carries_it() -> None:
    """A quotation mark in a text is escaped twice: by the body, and by what carries the body."""
    assert answer_bytes('"' * 1_000) > 4 * 1_000
    assert fitting(["x" * 100] * 10, room=450) == ["x" * 100] * 4
    assert fitting(["x" * 100], room=1) == ["x" * 100]
