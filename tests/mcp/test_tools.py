"""The tools: what they are called, what they take, and what they add to their commands."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from aiwebhook.commands.catalogue import CATALOGUE
from tests.support.mcp import McpClient
from tests.support.session_api import BRIEF, ApiDriver

pytestmark = pytest.mark.req("D2")
Json = dict[str, Any]
TOOLS = {
    *("start_session", "continue_session", "list_sessions", "add_to_session", "save_memory"),
    *("search_memories", "forget_memory", "list_agents", "delegate_task", "list_tasks"),
    *("get_task", "reply_to_task", "cancel_task", "get_updates"),
}
HINTS = {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}


def started(client: McpClient, title: str) -> str:
    return client.tool("start_session", title=title)["session_id"]


def delegated(client: McpClient, **more: Any) -> Json:
    return client.tool("delegate_task", agent="researcher", **{"instructions": "Look", **more})


def completed(driver: ApiDriver, say: str = "Copper is fine.") -> None:
    """The next task of the researcher is done."""
    run = driver.claim()
    run.post("artifacts", {"name": "plan.md", "type": "document", "content": "Copper. " * 6_000})
    told = run.post("complete", {"output": BRIEF, "say": say})
    assert told.status == 200, told.text


def test_these_are_the_tools(client: McpClient) -> None:
    tools = client.result("tools/list")["tools"]
    assert {tool["name"] for tool in tools} == TOOLS
    for tool in tools:
        assert tool["title"]
        assert len(tool["description"]) <= 300
        assert set(tool["annotations"]) >= HINTS
        assert {"ack", "reader"} <= set(tool["inputSchema"]["properties"])
        assert {"say", "next", "updates", "elsewhere", "cursor"} <= set(
            tool["outputSchema"]["properties"]
        )
    writes = {spec.tool.name for spec in CATALOGUE.values() if spec.tool and spec.writes}
    assert writes == {t["name"] for t in tools if not t["annotations"]["readOnlyHint"]}
    destroying = {t["name"] for t in tools if t["annotations"]["destructiveHint"]}
    assert destroying == {"cancel_task", "forget_memory"}
    whole = len(json.dumps(tools))
    assert whole < 52_000
    assert whole - len(json.dumps([tool["outputSchema"] for tool in tools])) < 20_000


def test_a_server_explains_itself_in_its_first_words(driver: ApiDriver) -> None:
    client = McpClient(driver=driver, version="2025-06-18")
    told = client.result("initialize", {"protocolVersion": "2025-06-18"})
    assert told["protocolVersion"] == "2025-06-18"
    for word in ("get_updates", "start_session", "delegate_task", "ack"):
        assert word in told["instructions"][:512]


def test_a_session_is_started_remembered_and_worked_on(alone: McpClient) -> None:
    begun = alone.tool("start_session", title="Copper", goal="Which pipes to buy")
    assert begun["say"] == "I opened the session."
    session = begun["session_id"]
    alone.tool("add_to_session", session=session, content="Ana: We take copper.")
    alone.tool("save_memory", session=session, content="We take copper", type="decision")
    found = alone.tool("search_memories", session="copper", query="copper")
    assert [m["content"] for m in found["data"]["memories"]] == ["We take copper"]
    again = alone.tool("continue_session", session="latest")
    assert [d["text"] for d in again["data"]["decisions"]] == ["We take copper"]
    alone.tool("forget_memory", session=session, memory="copper")
    assert alone.tool("search_memories", session=session)["data"]["count"] == 0


def test_a_result_comes_as_an_update_until_it_is_acknowledged(alone: McpClient) -> None:
    session = started(alone, "Copper")
    task = delegated(alone, session=session)["data"]["task_id"]
    completed(alone.driver)
    told = alone.tool("list_tasks", session=session)
    assert [update["say"] for update in told["updates"]] == ["Copper is fine."]
    assert f"{session}@" in told["next"]
    again = alone.tool("get_updates", session=session)
    assert [update["task_id"] for update in again["updates"]] == [task]
    ack = json.loads(again["next"].partition('"ack": ')[2].partition(" with")[0])
    assert alone.tool("list_tasks", session=session, ack=ack)["updates"] == []


def test_news_of_other_sessions_is_acknowledged_by_id(alone: McpClient) -> None:
    delegated(alone, session=started(alone, "Copper"))
    completed(alone.driver)
    other = started(alone, "Garden")
    told = alone.tool("list_tasks", session=other)
    (news,) = told["elsewhere"]
    assert news["id"] in told["next"]
    assert alone.tool("get_updates")["elsewhere"][0]["id"] == news["id"]
    assert alone.tool("list_sessions", ack=[news["id"]])["elsewhere"] == []
    assert "names no update" in alone.refused("list_sessions", ack=["evt_none"])


def test_more_than_a_hundred_at_once_are_refused_and_none_is_dropped(alone: McpClient) -> None:
    session = started(alone, "Copper")
    delegated(alone, session=session)
    completed(alone.driver)
    (news,) = alone.tool("get_updates")["elsewhere"]
    several = [f"evt_{n}" for n in range(100)]
    text = alone.refused("list_sessions", ack=[*several, news["id"]])
    assert "at most 100 items, got 101" in text
    assert "evt_4' and 94 more" in alone.refused("list_sessions", ack=several[:99])
    assert len(alone.tool("get_updates")["elsewhere"]) == 1
    assert "must be at most" in alone.refused("list_tasks", session=session, ack=[99, 1])
    assert alone.tool("list_sessions", ack=[news["id"]] * 100)["elsewhere"] == []


def test_reading_alone_acknowledges_nothing(alone: McpClient) -> None:
    session = started(alone, "Copper")
    delegated(alone, session=session)
    completed(alone.driver)
    for _ in range(3):
        assert len(alone.tool("get_updates", session=session)["updates"]) == 1


def test_a_name_that_fits_two_is_refused_naming_both(alone: McpClient) -> None:
    ids = [started(alone, title) for title in ("Copper for Ana", "Copper for Ben")]
    text = alone.refused("add_to_session", session="Copper", content="x")
    assert all(each in text for each in ids)
    alone.tool("add_to_session", session="copper for ben", content="x")
    assert "no session" in alone.refused("add_to_session", session="Silver", content="x")


def test_an_id_wins_over_a_title(alone: McpClient) -> None:
    named = alone.driver.post("/v1/sessions", {"session_id": "Copper", "title": "Pipes"})
    assert named.status == 200
    started(alone, "Copper")
    assert alone.tool("add_to_session", session="Copper", content="x")["session_id"] == "Copper"


def test_the_latest_task_and_one_by_its_words(alone: McpClient) -> None:
    session = started(alone, "Copper")
    first = delegated(alone, session=session, instructions="Paint the fence")["data"]["task_id"]
    last = delegated(alone, session=session, instructions="Water the roses")["data"]["task_id"]
    assert alone.tool("get_task", task="latest")["data"]["task_id"] == last
    assert alone.tool("get_task", task="the fence")["data"]["task_id"] == first
    assert alone.tool("get_task", task="fence", session="copper")["data"]["task_id"] == first
    both = alone.refused("get_task", task="researcher")
    assert first in both
    assert last in both


def test_what_is_destroyed_is_named(alone: McpClient) -> None:
    session = started(alone, "Copper")
    delegated(alone, session=session, instructions="Paint the fence")
    assert "latest" in alone.refused("cancel_task", task="latest")
    assert "latest" in alone.refused("forget_memory", session="latest", memory="x")
    stopped = alone.tool("cancel_task", task="paint the fence")
    assert stopped["data"]["status"] == "cancelled"


def test_a_task_without_a_session_goes_where_the_connection_was_last(alone: McpClient) -> None:
    new = delegated(alone, instructions="Paint the fence, please")
    assert new["say"].startswith("In the new session Paint the fence, please: ")
    session = started(alone, "Garden")
    alone.tool("continue_session", session=new["session_id"])
    assert delegated(alone, instructions="And the door")["session_id"] == new["session_id"]
    alone.tool("continue_session", session=session)
    there = delegated(alone, instructions="And the gate")
    assert there["session_id"] == session
    assert there["say"].startswith("In the session Garden: ")


def test_the_same_write_within_two_minutes_is_done_once(alone: McpClient) -> None:
    session = started(alone, "Copper")
    assert started(alone, "Copper") == session
    first = delegated(alone, session="copper")
    second = delegated(alone, session="copper")
    assert second["data"]["task_id"] == first["data"]["task_id"]
    assert "request_id" in second["notes"][0]
    other = delegated(alone, session="copper", request_id="again")
    assert other["data"]["task_id"] != first["data"]["task_id"]
    again = delegated(alone, session="copper", request_id="again")
    assert again["data"]["task_id"] == other["data"]["task_id"]
    assert alone.tool("list_tasks", session=session)["data"]["count"] == 2


def test_after_two_minutes_it_is_another_write(alone: McpClient) -> None:
    session = started(alone, "Copper")
    alone.tool("add_to_session", session=session, content="Yes.")
    with psycopg.connect(alone.driver.dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE idempotency_keys SET created_at = now() - interval '121 seconds'"
            " WHERE project_id = %s",
            (alone.driver.project_id,),
        )
    second = alone.tool("add_to_session", session=session, content="Yes.")
    assert "notes" not in second
    third = alone.tool("add_to_session", session=session, content="Yes.")
    assert third["data"]["chunk_id"] == second["data"]["chunk_id"]


def test_a_task_without_a_session_is_done_once_too(alone: McpClient) -> None:
    assert delegated(alone)["data"]["task_id"] == delegated(alone)["data"]["task_id"]
    assert alone.tool("list_sessions")["data"]["count"] == 1


def test_an_artifact_is_read_in_pages(alone: McpClient) -> None:
    task = delegated(alone)["data"]["task_id"]
    completed(alone.driver)
    pages = [
        alone.tool("get_task", task=task, artifact="plan", page=page)["data"]["artifact"]
        for page in (1, 2, 3)
    ]
    assert "".join(page["text"] for page in pages) == "Copper. " * 6_000
    assert {page["pages"] for page in pages} == {3}
    assert '"plan.md"' in alone.refused("get_task", task=task, artifact="none")


def test_a_repository_may_be_named_as_before(alone: McpClient) -> None:
    ask = {"agent": "claude_code", "instructions": "Add a limiter"}
    assert "repository" in alone.refused("delegate_task", repo="billing", **ask)
    alone.tool("delegate_task", repo="acme/billing", **ask)
    task = alone.tool("delegate_task", repo="billing", **ask)["data"]["task_id"]
    shown = alone.tool("get_task", task=task)["data"]
    assert shown["repository"]["repo"] == "acme/billing"
    alone.tool("delegate_task", repo="https://git.example/other/billing.git", **ask)
    assert "acme/billing" in alone.refused("delegate_task", repo="billing", branch="x", **ask)


HABITS: list[tuple[str, Json]] = [
    ("delegate_task", {"agent_name": "researcher", "description": "Go"}),
    ("delegate_task", {"agent": "Claude Code", "prompt": "Go"}),
    ("delegate_task", {"agent": "researcher", "task": "Go", "priority": "7"}),
    ("delegate_task", {"arguments": {"agent": "researcher", "instructions": "Go"}}),
    ("delegate_task", {"data": '{"agent": "researcher", "instructions": "Go now"}'}),
    ("save_memory", {"session_id": "{s}", "text": "Copper", "type": "Decision"}),
    ("save_memory", {"session": "{s}", "content": "Copper", "type": "action item", "tags": "a, b"}),
    ("save_memory", {"session": "{s}", "content": {"what": "Copper"}, "memory_type": "fact"}),
    ("add_to_session", {"sessionId": "{s}", "messages": [{"role": "user", "content": "Hi"}]}),
    ("search_memories", {"session": "{s}", "q": "copper", "limit": "5"}),
    ("start_session", {"name": "Copper", "participants": "Ana, Ben"}),
    ("list_sessions", {"search": "copper", "filter": "active"}),
    ("get_updates", {"session": None, "limit": 5.0}),
    ("list_tasks", {"agent": "Researcher", "state": "Pending"}),
    ("save_memory", {"data": '```json\n{"session": "{s}", "content": "Tin", "type": "idea"}\n```'}),
]


@pytest.mark.parametrize(("tool", "arguments"), HABITS)
def test_what_models_send_in_another_form_is_read(
    client: McpClient, tool: str, arguments: Json
) -> None:
    session = client.tool("start_session", title="Habits")["session_id"]
    given = {
        name: value.replace("{s}", session) if isinstance(value, str) else value
        for name, value in arguments.items()
    }
    assert client.tool(tool, **given)["say"]


def test_what_may_mean_two_things_is_refused_with_what_is_wanted(client: McpClient) -> None:
    refused = client.refused(
        "delegate_task", agent="researcher", instructions="Go", priority="high"
    )
    assert "priority" in refused
    assert "0" in refused
    assert "9" in refused


def test_a_refusal_speaks_of_the_arguments_and_says_what_to_send(client: McpClient) -> None:
    text = client.refused("delegate_task", agent="nobody", instructions="Go")
    assert "researcher" in text
    text = client.refused("save_memory", session="x", content="y", type="opinion")
    assert "/type" in text
    text = client.refused("get_task", ref="x")
    assert "/task" in text
    text = client.refused("delegate_task", agent="researcher", instructions="Go", branch="main")
    assert "needs repo" in text
