"""What the real CLIs printed is understood as it was when a person looked at it."""

import contextlib
from typing import Any, TypeAlias, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiwebhook_runner.adapters import OutputReader, ProcessEnd, adapter_for
from aiwebhook_runner.jsons import NotJsonObject, encode
from tests.adapters import golden
from tests.adapters.any_launch import any_manifest
from tests.adapters.scenarios import CLASSES

pytestmark = pytest.mark.req("T5")

ONLY_THE_GATEWAY_KNOWS = (("gemini", "maxtok"), ("gemini", "refusal"))
"""Gemini CLI calls these a success; the runner believes the gateway's last_stop instead."""
ENDS = ("AgentResult", "AgentError")


def ends_of(name: str) -> list[dict[str, Any]]:
    """Result or AgentError among the messages of a golden file."""
    return [message for message in golden.read(name)["messages"] if message["kind"] in ENDS]


@pytest.mark.parametrize("name", golden.names())
def test_a_captured_run_is_understood_as_before(name: str) -> None:
    run = golden.read(name)
    end = ProcessEnd(exit_code=run["exit_code"], stderr_tail=run["stderr_tail"])

    assert golden.messages_of(name.partition("/")[0], run["lines"], end) == run["messages"]


@pytest.mark.parametrize("kind", golden.KINDS)
@pytest.mark.parametrize("scenario", CLASSES)
@pytest.mark.req("T6")
def test_each_failure_of_the_provider_has_its_class(kind: str, scenario: str) -> None:
    [end] = ends_of(f"{kind}/{scenario}")

    if (kind, scenario) in ONLY_THE_GATEWAY_KNOWS:
        assert end["kind"] == "AgentResult"
        return
    assert end["error_class"] == CLASSES[scenario]


@pytest.mark.parametrize("name", golden.names())
def test_a_run_ends_with_one_verdict_or_by_a_signal(name: str) -> None:
    run = golden.read(name)
    ends = ends_of(name)

    assert len(ends) == (0 if run["exit_code"] < 0 else 1)
    assert all(run["messages"][-1] == end for end in ends)


@pytest.mark.parametrize("kind", golden.KINDS)
def test_exit_code_0_without_the_clis_own_word_is_no_success(kind: str) -> None:
    lines = golden.read(f"{kind}/tool")["lines"][:-1]
    [*_, last] = golden.messages_of(kind, lines, ProcessEnd(exit_code=0))

    assert (last["kind"], last["error_class"]) == ("AgentError", "no_result")


@pytest.mark.parametrize("kind", golden.KINDS)
def test_a_word_of_success_and_another_exit_code_are_no_success(kind: str) -> None:
    lines = golden.read(f"{kind}/tool")["lines"]
    [*_, last] = golden.messages_of(kind, lines, ProcessEnd(exit_code=1))

    assert last["kind"] == "AgentError"


@pytest.mark.parametrize("kind", golden.KINDS)
def test_garbage_is_no_result(kind: str) -> None:
    reader = reader_of(kind)
    with pytest.raises(NotJsonObject):
        tuple(reader.read(b"Segmentation fault\n"))

    assert not tuple(reader.read(b"\n"))
    [end] = reader.finish(ProcessEnd(exit_code=0))
    assert "no_result" in repr(end)


JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@st.composite
def bent_lines(draw: st.DrawFn, kind: str) -> list[object]:
    """Lines of a captured run in which a later version put something else anywhere."""
    names = [name for name in golden.names() if name.startswith(f"{kind}/")]
    lines: list[object] = golden.read(draw(st.sampled_from(names)))["lines"]
    return [_bent(line, draw) for line in draw(st.permutations(lines))]


def _bent(value: object, draw: st.DrawFn) -> object:
    if draw(st.integers(0, 9)) > 0:
        if isinstance(value, dict) and value:
            pairs = cast("dict[str, object]", value)
            name = draw(st.sampled_from(sorted(pairs)))
            return {**pairs, name: _bent(pairs[name], draw)}
        if isinstance(value, list) and value:
            items = cast("list[object]", value)
            at = draw(st.integers(0, len(items) - 1))
            return [*items[:at], _bent(items[at], draw), *items[at + 1 :]]
    return draw(JSON)


@settings(deadline=None, max_examples=150)
@given(st.data(), st.sampled_from(golden.KINDS), st.integers(-15, 143))
def test_no_line_breaks_a_reader(data: st.DataObject, kind: str, exit_code: int) -> None:
    reader = reader_of(kind)
    for line in data.draw(bent_lines(kind)):
        try:
            encode(list(map(repr, reader.read(encode(line)))))
        except NotJsonObject:
            assert not isinstance(line, dict)
    assert len(tuple(reader.finish(ProcessEnd(exit_code=exit_code)))) <= 1


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from(golden.KINDS))
def test_no_bytes_break_a_reader(line: bytes, kind: str) -> None:
    with contextlib.suppress(NotJsonObject):
        tuple(reader_of(kind).read(line))


def reader_of(kind: str) -> OutputReader:
    """A fresh one."""
    return adapter_for(any_manifest(kind)).reader()
