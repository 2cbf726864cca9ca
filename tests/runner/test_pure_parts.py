"""The decisions and readers of the runner, without a process."""

import contextlib
import random
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.notes import Notes
from aiwebhook_runner.jsons import NotJsonObject, decode_object, encode
from aiwebhook_runner.lease.retry import backoff_delays
from aiwebhook_runner.output.messages import AgentError, AgentResult, Memory
from aiwebhook_runner.output.outcome import (
    Abandoned,
    Completed,
    Ending,
    Failed,
    Released,
    StopReason,
    judge,
)
from aiwebhook_runner.output.protocol import BrokenRule, LineSplitter, OutputTooLarge, parse_line
from aiwebhook_runner.output.redaction import Redactor
from aiwebhook_runner.output.transcript import MAX_MEMORIES, Transcript
from aiwebhook_runner.process.workspace import UnsafePath, Workspace

pytestmark = pytest.mark.req("T4")


def transcript_with_result() -> Transcript:
    transcript = Transcript()
    transcript.add(AgentResult(output={"any": 1}))
    return transcript


@pytest.mark.parametrize("reason", [StopReason.LEASE_LOST, StopReason.API_SILENT])
def test_without_a_lease_nothing_is_recorded_even_with_a_result(reason: StopReason) -> None:
    ending = Ending(exit_code=0, stopped=reason)
    assert judge(ending, transcript_with_result()) == Abandoned(reason=reason)


def test_why_we_stopped_it_outweighs_what_it_said() -> None:
    transcript = transcript_with_result()
    assert judge(Ending(exit_code=0, stopped=StopReason.DRAIN), transcript) == Released()
    cancelled = judge(Ending(exit_code=0, stopped=StopReason.CANCEL), transcript)
    assert isinstance(cancelled, Failed)
    assert cancelled.error_class is ErrorClass.CANCELLED


def test_success_is_a_result_and_exit_code_zero() -> None:
    assert isinstance(judge(Ending(exit_code=0), transcript_with_result()), Completed)
    assert isinstance(judge(Ending(exit_code=1), transcript_with_result()), Failed)


@pytest.mark.req("T6")
@pytest.mark.parametrize("said", [None, True, False])
def test_only_the_agent_overrules_whether_its_error_is_retried(said: bool | None) -> None:
    transcript = Transcript()
    transcript.add(AgentError(error_class=ErrorClass.AUTH, message="any", retryable=said))
    outcome = judge(Ending(exit_code=1), transcript)
    assert isinstance(outcome, Failed)
    assert outcome.retryable is said


def test_more_memories_than_allowed_are_left_out_and_noted() -> None:
    transcript = Transcript()
    for _ in range(MAX_MEMORIES + 5):
        transcript.add(Memory(type="fact", content="any"))
    assert len(transcript.memories) == MAX_MEMORIES
    (note,) = transcript.notes.taken()
    assert (
        note.message
        == f"The agent produced more than {MAX_MEMORIES} memories; the rest was left out."
    )


@given(st.binary(), st.lists(st.integers(0, 50)))
def test_lines_do_not_depend_on_how_the_pipe_cuts_them(data: bytes, cuts: list[int]) -> None:
    splitter = LineSplitter()
    lines: list[bytes] = []
    rest = data
    for cut in cuts:
        lines += splitter.feed(rest[:cut])
        rest = rest[cut:]
    lines += splitter.feed(rest) + splitter.finish()
    assert lines == data.removesuffix(b"\n").split(b"\n") if data else lines == []


def test_a_line_may_be_as_long_as_the_limit_and_no_longer() -> None:
    splitter = LineSplitter(max_line=4)
    assert splitter.feed(b"1234\n12345\n12\n") == [b"1234", b"12"]
    assert splitter.left_out == 1


def test_output_without_end_is_an_error() -> None:
    with pytest.raises(OutputTooLarge, match="more than 4 bytes"):
        LineSplitter(max_output=4).feed(b"12345")


@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode())))
def test_no_line_crashes_the_parser(line: bytes) -> None:
    with contextlib.suppress(NotJsonObject, BrokenRule):
        parse_line(line)


KNOWN_TYPES = st.sampled_from(
    ["progress", "log", "memory", "forget", "artifact", "usage", "result", "error"]
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    [
        "message",
        "percent",
        "memory_type",
        "content",
        "key",
        "tags",
        "source",
        "name",
        "artifact_type",
        "format",
        "path",
        "output",
        "say",
        "error_class",
        "remedy",
        "retryable",
        "metadata",
    ]
)


@given(KNOWN_TYPES, st.dictionaries(FIELDS, ANY_JSON, max_size=6))
def test_no_message_of_a_known_type_crashes_the_parser(
    message_type: str, fields: dict[str, object]
) -> None:
    try:
        line = encode({"type": message_type, **fields})
    except UnicodeEncodeError:
        return
    with contextlib.suppress(NotJsonObject, BrokenRule):
        parse_line(line)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"[1]", "not a JSON object"),
        (b"\xff", "not JSON"),
        (b'{"a": ' + b"[" * 100_000, "not JSON"),
    ],
)
def test_anything_but_an_object_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(NotJsonObject, match=reason):
        decode_object(raw)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b'{"a": NaN}', None),
        (b'{"a": 1e400}', None),
        (b'{"a": "\xff\x00\n"}', "\ufffd\ufffd\n"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "9" * 5_000),
    ],
)
def test_what_no_database_can_hold_is_replaced_and_noted(raw: bytes, kept: object) -> None:
    notes = Notes()
    assert decode_object(raw, notes) == {"a": kept}
    assert notes.taken()


@given(st.text())
def test_decoded_text_can_always_be_sent(text: str) -> None:
    raw = ('{"t": "' + "".join(f"\\u{ord(c) & 0xFFFF:04x}" for c in text) + '"}').encode()
    assert b"\\u0000" not in encode(decode_object(raw))


def test_delays_grow_to_five_seconds_and_are_never_the_same() -> None:
    delays = list(islice(backoff_delays(random.Random(1)), 12))
    assert 0.1 <= delays[0] <= 0.2
    assert all(2.5 <= delay <= 5 for delay in delays[6:])
    assert all(first != second for first, second in pairwise(delays))


def test_a_secret_within_a_secret_goes_whole_and_short_ones_stay() -> None:
    redact = Redactor(["12345678", "1234567890", "on"])
    assert redact("key 1234567890 on 12345678") == "key [redacted] on [redacted]"


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "link", "folder", "missing"])
def test_only_plain_files_of_the_work_folder_are_taken(tmp_path: Path, name: str) -> None:
    workspace = Workspace.create(tmp_path)
    (workspace.root / "secret").write_text("any")
    (workspace.work / "link").symlink_to(workspace.root / "secret")
    (workspace.work / "folder").mkdir()
    with pytest.raises(UnsafePath):
        workspace.file(name)
