"""A result is never longer than a client takes; what is left out can be read further on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aiwebhook.domain.answer_size import json_chars
from session_api.mcp.bounded import DATA_ROOM, MAX_CHARS, shortened_object
from tests.support.mcp import McpClient, promised
from tests.support.session_api import BRIEF

pytestmark = pytest.mark.req("D2")
Json = dict[str, Any]


def result_of(client: McpClient, tool: str, **arguments: Any) -> Json:
    """The structured content of a result that is no longer than a client takes."""
    result = client.result("tools/call", {"name": tool, "arguments": arguments})
    assert not result["isError"], result
    told: Json = result["structuredContent"]
    promised(tool).validate(told)
    text: str = result["content"][0]["text"]
    assert len(text) + len(json.dumps(told, ensure_ascii=False)) <= MAX_CHARS
    return told


def session_of(client: McpClient) -> str:
    return client.tool("start_session", title="Long")["session_id"]


@pytest.mark.parametrize("text", ["word ", '"\\', "ä", "🙂"])
def test_a_list_ends_before_it_is_too_long_and_goes_on_with_its_cursor(
    alone: McpClient, text: str
) -> None:
    session = session_of(alone)
    sent = [f"{n} " + text * (40_000 // len(text.encode())) for n in range(5)]
    for content in sent:
        alone.tool("save_memory", session=session, content=content, type="note")
    found: list[str] = []
    more: Json = {}
    while True:
        page = result_of(alone, "search_memories", session=session, limit=100, **more)
        found += [memory["content"] for memory in page["data"]["memories"]]
        cursor = page["data"]["next_cursor"]
        if cursor is None:
            break
        assert f'"cursor": "{cursor}"' in page["next"]
        more = {"cursor": cursor}
    assert found == sent[::-1]


def test_a_memory_too_long_for_a_result_is_cut_and_can_be_read_whole(alone: McpClient) -> None:
    session, text = session_of(alone), "word " * 50_000
    alone.tool("save_memory", session=session, content=text, type="note", key="a key/ä")
    told = result_of(alone, "search_memories", session=session)
    (memory,) = told["data"]["memories"]
    assert memory["content"].endswith(" more characters)")
    uri = next(word for word in told["next"].split() if word.startswith("aiwebhook://"))
    (whole,) = alone.result("resources/read", {"uri": uri})["contents"]
    assert whole["text"] == text


def test_a_long_result_of_a_task_is_cut_and_can_be_read_in_pages(alone: McpClient) -> None:
    long = "Measure twice. " * 6_000
    begun = alone.tool("delegate_task", agent="researcher", instructions=long)
    run = alone.driver.claim()
    brief = {**BRIEF, "summary": "Copper " * 15_000}
    assert run.post("complete", {"output": brief, "say": "Done."}).status == 200
    task = begun["data"]["task_id"]
    told = result_of(alone, "get_task", task=task)
    assert "more characters)" in json.dumps(told["data"]["output"])
    assert told["data"]["status"] == "completed"
    assert 'instructions and output cut: get_task with "artifact": "instructions"' in told["next"]
    for name, whole in (("output", brief), ("instructions", long)):
        text, number, pages = "", 1, 2
        while number <= pages:
            part = result_of(alone, "get_task", task=task, artifact=name, page=number)
            page = part["data"]["artifact"]
            text, pages = text + page["text"], page["pages"]
            more = f'"page": {number + 1}'
            assert (more in (part["next"] or "")) == (number < pages)
            number += 1
        assert (json.loads(text) if name == "output" else text) == whole
    assert "at most" in alone.refused("get_task", task=task, artifact="output", page=99)


def test_a_task_names_what_it_made(alone: McpClient) -> None:
    task = alone.tool("delegate_task", agent="researcher", instructions="Look")["data"]["task_id"]
    run = alone.driver.claim()
    for name, content in (("plan.md", "a"), ("plan_b.md", "b"), ("x", "x")):
        assert (
            run.post("artifacts", {"name": name, "type": "document", "content": content}).status
            == 200
        )
    listed = alone.tool("get_task", task=task)["data"]["artifacts"]
    assert [each["name"] for each in listed] == ["x", "plan_b.md", "plan.md"]
    for asked, text in (("plan.md", "a"), (listed[0]["artifact_id"], "x"), ("_B", "b")):
        told = alone.tool("get_task", task=task, artifact=asked)
        assert told["data"]["artifact"]["text"] == text
    both = alone.refused("get_task", task=task, artifact="plan")
    assert all(each["artifact_id"] in both for each in listed[1:])


def test_an_artifact_beyond_the_first_hundred_is_found_by_name(alone: McpClient) -> None:
    task = alone.tool("delegate_task", agent="researcher", instructions="Look")["data"]["task_id"]
    run = alone.driver.claim()
    for n in range(102):
        run.post("artifacts", {"name": f"file {n:03}", "type": "document", "content": str(n)})
    told = alone.tool("get_task", task=task, artifact="file 000")["data"]
    assert told["artifact"]["text"] == "0"
    assert len(told["artifacts"]) == 50
    assert told["artifacts_more"] is True
    assert "and others" in alone.refused("get_task", task=task, artifact="none of these")


def test_news_with_long_data_is_cut_but_none_of_it_is_left_out(alone: McpClient) -> None:
    session = session_of(alone)
    for n in range(12):
        alone.tool("delegate_task", agent="researcher", instructions=f"{n}", session=session)
        error = {"error_class": "agent_error", "message": "m" * 20_000, "retryable": False}
        assert alone.driver.claim().post("fail", error).status == 200
    told = result_of(alone, "list_sessions")
    assert told["elsewhere"]
    told = result_of(alone, "list_tasks", session=session, reader="fresh")
    assert len(told["updates"]) == 12
    paged = result_of(alone, "get_updates", session=session)
    assert paged["cursor"] >= paged["updates"][-1]["seq"]


def test_a_transcript_says_that_its_beginning_is_left_out(alone: McpClient) -> None:
    session = session_of(alone)
    uri = f"aiwebhook://sessions/{session}/transcript"
    said = ["a" * 60_000, "b" * 40_000, "c"]
    for place, content in enumerate(said):
        alone.tool("add_to_session", session=session, content=content)
        (shown,) = alone.result("resources/read", {"uri": uri})["contents"]
        assert ("left out" in shown["text"]) == (place == 2)
        assert content in shown["text"]


@pytest.mark.parametrize(
    "value",
    [
        {"a": "x" * 100_000, "b": "short", "c": 7},
        {"a": '"' * 100_000, "b": ["x" * 1_000] * 500},
        {"a": {str(n): "x" * 100 for n in range(5_000)}},
        {"a": json.loads("[" * 13 + json.dumps("x" * 50_000) + "]" * 13), "b": 1},
        {f"field {n}": "\u0007" * 9_000 for n in range(50)},
    ],
    ids=range(5),
)
def test_what_is_shortened_fits(value: Json) -> None:
    made, cut = shortened_object(value, 20_000)
    assert 0 < json_chars(made) <= 20_000
    assert cut
    assert {name: each for name, each in value.items() if name not in cut} == {
        name: each for name, each in made.items() if name not in cut
    }
    assert shortened_object(value, DATA_ROOM * 100) == (value, ())
