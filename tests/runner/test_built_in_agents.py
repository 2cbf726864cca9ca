"""No text and no shape of input breaks the built-in agents."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiwebhook.agents import built_in_manifests
from aiwebhook_agents import conversation_processor, memory_keeper, researcher
from aiwebhook_agents.extraction.extract import extract
from aiwebhook_runner.exits import RunExitCode
from tests.runner.built_in import any_chunk, as_stored, meeting_chunks, messages, said
from tests.runner.conftest import RunnerProcess
from tests.runner.fake_runs_api import FakeRunsApi

pytestmark = pytest.mark.req("T5")


SPEECH = st.sampled_from(
    [
        "Ana: ",
        "Ben: ",
        "let's use ",
        "I'll send ",
        "can you ",
        "? ",
        ". ",
        "\n",
        "agreed",
        "decision: ",
        "no, ",
        "instead of ",
        "by Friday",
        "[10:00] ",
        "we changed our mind",
        "it is",
        "…",
        "’s ",
        "- ",
        "e.g. ",
        "\u2028",
        "😀",
        "�",
        " WEBVTT\n",
        "1\n00:01 --> 00:02\n",
    ]
)
ODD_TEXT = st.one_of(st.text(), st.lists(SPEECH, max_size=40).map("".join))


@settings(deadline=None, max_examples=150)
@given(st.lists(ODD_TEXT, max_size=4))
def test_no_text_breaks_the_agents_and_keys_do_not_depend_on_the_run(texts: list[str]) -> None:
    chunks = tuple(any_chunk(text, chunk_id=f"c{n}") for n, text in enumerate(texts))
    items = extract(chunks)
    assert [item.key for item in items] == [item.key for item in extract(chunks)]
    assert len({item.key for item in items}) == len(items)
    for item in items:
        for sentence in item.at:
            content = chunks[int(sentence.chunk_id[1:])]["content"]
            assert len(content[sentence.start : sentence.end]) == len(sentence.text)
    memories = as_stored(said(conversation_processor.process, "memory", chunks=chunks))
    assert messages(memory_keeper.keep, memories=memories)[-1]["type"] == "result"
    assert messages(researcher.research, chunks=chunks, memories=memories)[-1]["type"] == "result"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["chunk_id", "content", "participants", "start_time"]), ANY_JSON
        )
    ),
    st.lists(
        st.dictionaries(st.sampled_from(["key", "type", "content", "tags", "source"]), ANY_JSON)
    ),
    st.dictionaries(
        st.sampled_from(["text", "chunk_ids", "min_confidence", "question", "dry_run"]), ANY_JSON
    ),
)
def test_no_shape_of_chunks_memories_or_input_breaks_the_agents(
    chunks: list[Any], memories: list[Any], inputs: dict[str, Any]
) -> None:
    for agent in (conversation_processor.process, memory_keeper.keep, researcher.research):
        heard = messages(agent, chunks=chunks, memories=memories, input=inputs)
        assert heard[-1]["type"] == "result"


@pytest.mark.parametrize(
    "text",
    [
        "." * 1_000_000 + "x",
        "x" * 1_000_000,
        "Ana:\n" * 200_000,
        '."' * 500_000,
        "\n " * 500_000,
    ],
)
def test_a_megabyte_of_nonsense_is_read(text: str) -> None:
    """Guards against quadratic patterns: those would run for hours, and the suite's limit hits."""
    extract((any_chunk(text),))


@pytest.mark.parametrize("name", ["conversation_processor", "memory_keeper", "researcher"])
def test_a_built_in_agent_runs_under_the_supervisor(
    runner: RunnerProcess, api: FakeRunsApi, name: str
) -> None:
    chunks = meeting_chunks()
    memories = as_stored(said(conversation_processor.process, "memory", chunks=chunks))
    api.context_pages[0] |= {"chunks": chunks, "memories": memories}
    runner.agent("", agent=None)
    api.run_input["agent"] = built_in_manifests()[name].as_json()
    assert runner.start().exit_code() == RunExitCode.RECORDED
    [body] = api.bodies("complete")
    assert set(built_in_manifests()[name].output_schema["required"]) <= set(body["output"])  # pyright: ignore[reportArgumentType] (a JSON schema)
    assert body["say"]
