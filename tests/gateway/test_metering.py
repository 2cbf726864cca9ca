"""What an answer used is read exactly from the provider's figures, however the stream is cut."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwebhook_gateway.metering import anthropic, chat, gemini, responses
from aiwebhook_gateway.metering.meter import Meter
from aiwebhook_gateway.metering.sse import EventSplitter
from aiwebhook_gateway.metering.tally import Count, Stop, TokenCounts
from aiwebhook_local.scripted.anthropic import Anthropic
from aiwebhook_local.scripted.chat import Chat
from aiwebhook_local.scripted.conversation import ModelAnswer, ModelRequest, ScriptedToolCall
from aiwebhook_local.scripted.dialect import Dialect
from aiwebhook_local.scripted.gemini import Gemini
from aiwebhook_local.scripted.responses import Responses
from aiwebhook_local.scripted.scenarios import ModelStop as Wanted
from aiwebhook_local.scripted.scenarios import ScriptedUsage

pytestmark = pytest.mark.req("T4")

EVENTS = "text/event-stream; charset=utf-8"
DIALECTS: dict[str, tuple[Dialect, Count]] = {
    "anthropic": (Anthropic(), anthropic.count),
    "responses": (Responses(), responses.count),
    "chat": (Chat(), chat.count),
    "gemini": (Gemini(), gemini.count),
}
ASKED = ModelRequest(model="any-model", stream=True, turns=(), tools=())
every_dialect = pytest.mark.parametrize("name", DIALECTS)


def any_answer(
    content: str | ScriptedToolCall = "ein Wört 🎉", stop: Wanted = Wanted.END
) -> ModelAnswer:
    return ModelAnswer(number=1, content=content, stop=stop, usage=ScriptedUsage())


def stream_of(name: str, answer: ModelAnswer) -> bytes:
    streamed = DIALECTS[name][0].stream(ASKED, answer)
    return b"".join((*streamed.head, *streamed.texts, *streamed.tail))


def metered(count: Count, *pieces: bytes, content_type: str = EVENTS) -> Meter:
    meter = Meter(count)
    meter.begins(content_type)
    for piece in pieces:
        meter.received(piece)
    return meter


def whole(count: Count, body: Any) -> Meter:
    meter = metered(count, json.dumps(body).encode(), content_type="application/json")
    meter.ended()
    return meter


def event(data: Any) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


@every_dialect
def test_a_stream_is_metered_exactly(name: str) -> None:
    meter = metered(DIALECTS[name][1], stream_of(name, any_answer()))
    assert meter.tokens == TokenCounts(input=1000, cached=200, output=50)
    assert (meter.model, meter.tally.stop) == ("any-model", Stop.END)
    assert not meter.is_estimated


@every_dialect
def test_an_answer_in_one_piece_is_metered_exactly(name: str) -> None:
    dialect, count = DIALECTS[name]
    meter = whole(count, dialect.whole(ASKED, any_answer()))
    assert meter.tokens == TokenCounts(input=1000, cached=200, output=50)
    assert not meter.is_estimated


@every_dialect
@pytest.mark.parametrize(
    ("answer", "stop"),
    [
        (any_answer(ScriptedToolCall(name="Bash", arguments={"command": "ls"})), Stop.TOOL_USE),
        (any_answer(stop=Wanted.MAX_TOKENS), Stop.MAX_TOKENS),
        (any_answer(stop=Wanted.REFUSAL), Stop.REFUSAL),
    ],
    ids=("tool", "cut", "refused"),
)
def test_the_reason_of_the_stop_is_known(name: str, answer: ModelAnswer, stop: Stop) -> None:
    assert metered(DIALECTS[name][1], stream_of(name, answer)).tally.stop is stop


@every_dialect
@given(data=st.data())
def test_where_a_stream_is_split_makes_no_difference(name: str, data: st.DataObject) -> None:
    stream = stream_of(name, any_answer())
    if data.draw(st.booleans(), label="CRLF"):
        stream = stream.replace(b"\n", b"\r\n")
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=40), label="cuts"))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    meter = metered(DIALECTS[name][1], *pieces)
    assert (meter.tally, meter.estimate) == (
        metered(DIALECTS[name][1], stream).tally,
        TokenCounts(input=1000, cached=200, output=50),
    )


@every_dialect
@given(data=st.data())
def test_a_stream_cut_anywhere_never_counts_more_than_it_told(
    name: str, data: st.DataObject
) -> None:
    stream = stream_of(name, any_answer())
    end = data.draw(st.integers(0, len(stream)))
    meter = metered(DIALECTS[name][1], stream[:end])
    assert meter.tokens.input in (0, 1000)
    assert meter.estimate.output <= 50
    assert meter.is_estimated == (meter.estimate.output != 50)


@every_dialect
@given(noise=st.binary(max_size=300))
def test_garbage_is_tolerated(name: str, noise: bytes) -> None:
    for content_type in (EVENTS, "application/json", ""):
        meter = metered(DIALECTS[name][1], noise, content_type=content_type)
        meter.ended()
        assert meter.is_estimated


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    "type message usage delta response output choices candidates content parts"
                    " error input_tokens output_tokens usageMetadata promptTokenCount".split()
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_json_of_any_shape_is_tolerated(value: Any) -> None:
    for _, count in DIALECTS.values():
        metered(count, event(value))


def test_anthropic_counts_what_was_written_to_the_cache_and_for_how_long() -> None:
    usage = {
        "input_tokens": 10,
        "cache_creation_input_tokens": 500,
        "cache_read_input_tokens": 40,
        "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 300},
        "output_tokens": 1,
    }
    start = {"type": "message_start", "message": {"model": "claude", "usage": usage}}
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
           "usage": {"output_tokens": 7}}  # fmt: skip
    meter = metered(anthropic.count, event(start), event(end))
    assert meter.tokens == TokenCounts(
        input=550, cached=40, cache_write=500, cache_write_1h=300, output=7
    )


def test_anthropic_s_deltas_are_cumulative() -> None:
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 10}}}
    deltas = [
        {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 5, "input_tokens": 90}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
         "usage": {"output_tokens": 9}},
    ]  # fmt: skip
    meter = metered(anthropic.count, event(start), *map(event, deltas))
    assert meter.tokens == TokenCounts(input=90, output=9)


def test_openai_s_cache_writes_are_part_of_the_input() -> None:
    details = {"cached_tokens": 2, "cache_write_tokens": 17}
    usage = {"input_tokens": 20, "input_tokens_details": details, "output_tokens": 3}
    done = {"type": "response.completed", "response": {"model": "m", "usage": usage}}
    assert metered(responses.count, event(done)).tokens == TokenCounts(
        input=20, cached=2, cache_write=17, output=3
    )


def test_gemini_s_thoughts_are_output_and_its_tools_results_are_input() -> None:
    usage = {
        "promptTokenCount": 100,
        "cachedContentTokenCount": 60,
        "toolUsePromptTokenCount": 5,
        "candidatesTokenCount": 7,
        "thoughtsTokenCount": 30,
    }
    body = {"usageMetadata": usage, "candidates": [{"finishReason": "STOP"}]}
    assert whole(gemini.count, body).tokens == TokenCounts(input=105, cached=60, output=37)


def test_an_answer_in_the_background_is_charged_as_the_longest() -> None:
    meter = whole(responses.count, {"object": "response", "status": "queued", "model": "m"})
    assert meter.estimate.output == 128_000
    assert meter.is_estimated


def test_without_figures_the_text_that_passed_is_counted() -> None:
    chunk = {"model": "m", "choices": [{"delta": {"content": "x" * 400}}]}
    meter = Meter(chat.count)
    meter.sent(b'{"model": "gpt-5.5", "messages": "' + b"x" * 3968 + b'"}')
    meter.begins(EVENTS)
    meter.received(event(chunk))
    assert meter.estimate == TokenCounts(input=1001, output=100)


def test_the_model_of_the_request_counts_until_the_answer_names_one() -> None:
    meter = Meter(anthropic.count)
    meter.sent(b'{"model":"claude-opus-4-5","messages":[')
    assert meter.model == "claude-opus-4-5"


@given(
    lines=st.lists(st.text(alphabet="abc :\r", max_size=8).map(str.encode), max_size=8),
    cuts=st.lists(st.integers(0, 100), max_size=6),
)
def test_the_splitter_knows_no_pieces(lines: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(b"data: " + line + b"\n\n" for line in lines)
    ends = sorted(min(cut, len(stream)) for cut in cuts)
    pieces = [stream[a:b] for a, b in zip([0, *ends], [*ends, len(stream)], strict=True)]
    split, at_once = EventSplitter(), EventSplitter()
    found = [data for piece in pieces for data in split.feed(piece)]
    assert found == list(at_once.feed(stream))
