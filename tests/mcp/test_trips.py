"""What a call costs the database at the doors for models and for voices: statement by statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from aiwebhook.domain.identity import Scope
from tests.support.commands import CountedDatabase, any_name
from tests.support.cost import CostMeter, Step
from tests.support.mcp import McpClient
from tests.support.session_api import ApiDriver

pytestmark = pytest.mark.req("T2")
Json = dict[str, Any]
Call = Callable[[str], object]
SAID = "recheck_key begin_turn describe_agents list_tasks"
# A change here is a change of what every such call costs. The key is checked along.
TOOL_COSTS = {  # tool: its statements, round trips, commits
    "add_to_session": ("recheck_key look_for_news append_conversation announce", 1, 1),
    "save_memory": ("recheck_key look_for_news store_memory announce settle", 2, 2),
    "search_memories": ("recheck_key look_for_news query_memories", 1, 1),
    "delegate_task": ("recheck_key look_for_news delegate_task announce", 1, 1),
    "get_updates": ("recheck_key session_news", 1, 1),
    "tools/list": ("recheck_key", 1, 1),
}
SAY_COSTS = {  # the turn; its command; its end, for which the reply must be known
    "note": (f"{SAID} look_for_news append_conversation announce finish_turn", 3, 3),
    "delegate": (f"{SAID} look_for_news delegate_task announce finish_turn", 3, 3),
    "remember": (f"{SAID} look_for_news store_memory announce settle finish_turn", 4, 4),
}


@pytest.fixture
def meter(driver: ApiDriver) -> Iterator[CostMeter]:
    (database,) = [d for d in driver.outside.databases if isinstance(d, CountedDatabase)]
    with closing(psycopg.connect(driver.dsn, autocommit=True)) as observer:
        yield CostMeter(database=database, observer=observer)


def tool_calls(client: McpClient) -> dict[str, Call]:
    """Each tool with arguments that name everything by its id."""
    session = client.driver.session()

    def called(tool: str, **arguments: str) -> Call:
        return lambda words: client.tool(tool, session=session, **arguments, content=words)

    return {
        "add_to_session": called("add_to_session"),
        "save_memory": called("save_memory", type="fact"),
        "search_memories": lambda words: client.tool(
            "search_memories", session=session, query=words
        ),
        "delegate_task": lambda words: client.tool(
            "delegate_task", session=session, agent="researcher", instructions=words
        ),
        "get_updates": lambda _: client.tool("get_updates", session=session),
        "tools/list": lambda _: client.result("tools/list"),
    }


def sentences(driver: ApiDriver) -> dict[str, Call]:
    """One conversation's, by what each brings about."""
    conversation = any_name("talk")

    def said(intent: str, form: str) -> Call:
        def say(words: str) -> None:
            body = {"text": form.format(words), "conversation": conversation}
            assert driver.post("/v1/say", body).body["intent"] == intent

        return say

    return {
        "note": said("note", "The tower of {} was taller than I thought it was"),
        "delegate": said("delegate", "ask the researcher to compare {}"),
        "remember": said("remember", "remember that {} wins"),
    }


def cost(step: Step) -> tuple[str, int, int]:
    return " ".join(step.statements), step.round_trips, step.commits


def warm_costs(meter: CostMeter, calls: dict[str, Call]) -> dict[str, tuple[str, int, int]]:
    """What each costs once its statements are prepared."""
    for words in ("copper", "silver", "gold"):
        meter.steps = []
        for name, call in calls.items():
            with meter.step(name):
                call(words)
    return {step.name: cost(step) for step in meter.steps}


def test_a_tool_call_takes_the_trips_of_its_command_and_no_more(
    client: McpClient, meter: CostMeter
) -> None:
    assert warm_costs(meter, tool_calls(client)) == TOOL_COSTS


def test_a_sentence_takes_a_trip_before_its_command_and_one_behind_it(
    driver: ApiDriver, meter: CostMeter
) -> None:
    assert warm_costs(meter, sentences(driver)) == SAY_COSTS


def test_a_key_that_was_revoked_since_does_nothing_at_these_doors(driver: ApiDriver) -> None:
    session = driver.session()
    key = driver.make_key(Scope.COMMANDS)
    client = McpClient(driver=driver, token=key)
    client.tool("add_to_session", session=session, content="before")
    assert driver.post("/v1/say", {"text": "remember that copper wins"}, token=key).status == 200
    before = driver.sql("SELECT count(*), max(event_no) FROM events")
    driver.sql("UPDATE api_keys SET revoked_at = now() WHERE 'commands' = ANY(scopes)")
    arguments = {"session": session, "content": "after"}
    params = {"name": "add_to_session", "arguments": arguments}
    refused = client.post(client.request("tools/call", params), client.headers("tools/call"))
    assert (refused.status, refused.body["code"]) == (401, "key_revoked")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    refused = driver.post("/v1/say", {"text": "remember that gold wins"}, token=key)
    assert (refused.status, refused.body["code"]) == (401, "key_revoked")
    assert driver.sql("SELECT count(*), max(event_no) FROM events") == before
