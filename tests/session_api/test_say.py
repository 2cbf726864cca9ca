"""POST /v1/say: a walk with the dog, sentence by sentence."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any

import pytest

from aiwebhook.postgres.queue_store import PostgresQueueStore
from session_api.say.phrases import PHRASES
from tests.session_api.test_news import finish
from tests.support.commands import any_name, open_database
from tests.support.session_api import ApiDriver, Json

pytestmark = pytest.mark.req("D9")


@dataclass(slots=True, kw_only=True)
class Talk:
    """One conversation with a client's own id."""

    driver: ApiDriver
    conversation: str
    locale: str = "en-US"

    def say(self, text: str, **fields: Any) -> Json:
        """The reply to a sentence."""
        body = {"text": text, "conversation": self.conversation, "locale": self.locale, **fields}
        told = self.driver.post("/v1/say", body)
        assert told.status == 200, told.text
        assert len(told.body["say"]) <= 300
        assert "_" not in told.body["say"]
        return told.body


@pytest.fixture
def talk(driver: ApiDriver) -> Talk:
    return Talk(driver=driver, conversation=any_name("talk"))


def tasks(driver: ApiDriver) -> list[Json]:
    return driver.get("/v1/tasks").data["tasks"]


def test_work_is_given_and_asked_after(talk: Talk) -> None:
    given = talk.say("Hey, ask the researcher to find the cheapest vector database please")
    assert given["intent"] == "delegate"
    assert given["say"].startswith("I gave it to the researcher.")
    (task,) = tasks(talk.driver)
    assert task["description"] == "find the cheapest vector database"
    assert talk.say("is it done")["say"] == "The researcher has not started on it yet."
    assert talk.say("how is the vector database")["intent"] == "news"
    talk.driver.claim()
    assert talk.say("how's the researcher doing")["say"] == "The researcher is at work on it."
    assert (
        talk.say("Was gibt's Neues?")["say"]
        == "Es gibt nichts Neues. Researcher ist bei der Arbeit."
    )


def test_nothing_is_cancelled_without_a_yes(talk: Talk) -> None:
    talk.say("ask the researcher to compare databases")
    asked = talk.say("cancel the database task")
    assert asked["ask"]
    assert asked["say"] == "Cancel compare databases? Say yes."
    assert talk.say("no")["say"] == "All right, I will leave it."
    assert talk.say("yes")["say"] != "I cancelled it."
    assert tasks(talk.driver)[0]["status"] == "pending"
    talk.say("stop it")
    assert talk.say("yes please")["say"] == "I cancelled it."
    assert tasks(talk.driver)[0]["status"] == "cancelled"


@pytest.mark.parametrize(
    ("locale", "text", "question"),
    [
        ("en-US", "cancel the last task", "Cancel read the contract? Say yes."),
        ("en-US", "stop the most recent one", "Cancel read the contract? Say yes."),
        ("en-US", "how is the latest task", "The researcher has not started on it yet."),
        ("de-DE", "brich die letzte Aufgabe ab", "Soll ich read the contract abbrechen? Sag ja."),
    ],
)
def test_the_last_task_is_the_newest(talk: Talk, locale: str, text: str, question: str) -> None:
    for work in ("compare databases", "read the contract"):
        talk.say(f"ask the researcher to {work}")
    other = Talk(driver=talk.driver, conversation=any_name("talk"), locale=locale)
    assert other.say(text)["say"] == question


def test_everything_is_cancelled_by_a_yes_only(talk: Talk) -> None:
    talk.say("ask the researcher to compare roses")
    talk.say("ask the researcher to compare tulips")
    asked = talk.say("cancel everything")
    assert (asked["intent"], asked["ask"]) == ("stop", True)
    # The phone sends the same words twice.
    assert talk.say("Cancel everything.") == asked
    assert {task["status"] for task in tasks(talk.driver)} == {"pending"}
    assert not talk.say("no")["ask"]
    assert {task["status"] for task in tasks(talk.driver)} == {"pending"}


def test_garbage_is_kept_and_does_nothing(talk: Talk) -> None:
    talk.say("ask the researcher to compare roses")
    rng = random.Random(20261129)
    characters = [*map(chr, range(32, 0x250)), "👍", "\n"]
    for _ in range(50):
        talk.say("".join(rng.choices(characters, k=rng.randint(1, 200))))
    assert [task["status"] for task in tasks(talk.driver)] == ["pending"]


def test_a_question_of_ours_waits_two_minutes(talk: Talk) -> None:
    talk.say("ask the researcher to compare databases")
    assert talk.say("cancel it")["ask"]
    talk.driver.sql(
        "UPDATE spoken_conversations SET state = jsonb_set(state, '{question,until}', '1')"
    )
    talk.say("yes")
    assert tasks(talk.driver)[0]["status"] == "pending"


def test_of_several_tasks_one_is_chosen(talk: Talk) -> None:
    talk.say("ask the researcher to compare databases")
    talk.say("ask the researcher to read the contract")
    asked = talk.say("cancel everything")
    assert asked["ask"]
    assert "read the contract" in asked["say"]
    assert "compare databases" in asked["say"]
    assert talk.say("the contract")["say"] == "I cancelled it."
    by_name = {task["description"]: task["status"] for task in tasks(talk.driver)}
    assert by_name == {"read the contract": "cancelled", "compare databases": "pending"}


def test_what_is_remembered_is_found_again_in_any_conversation(talk: Talk) -> None:
    assert talk.say("we decided to take Postgres for billing")["say"] == "I noted the decision."
    talk.say("remember that Ana likes roses")
    other = Talk(driver=talk.driver, conversation=any_name("talk"), locale="de-DE")
    assert "Take Postgres for billing." in other.say("what did we decide about billing")["say"]
    assert other.say("Was haben wir über Fahrräder beschlossen?")["say"] == (
        "Dazu habe ich nichts gefunden."
    )


def test_what_no_rule_knows_is_kept_and_offered_to_the_last_agent(talk: Talk) -> None:
    assert talk.say("the garden needs water")["say"] == "I noted that."
    assert tasks(talk.driver) == []
    talk.say("ask the researcher to compare roses")
    offered = talk.say("also look at tulips some day")
    assert offered["say"] == "I noted that. Shall I give it to the researcher?"
    talk.say("yes")
    assert {task["description"] for task in tasks(talk.driver)} == {
        "compare roses",
        "also look at tulips some day",
    }
    (session,) = talk.driver.get("/v1/sessions").data["sessions"]
    transcript = talk.driver.get(f"/v1/sessions/{session['session_id']}/conversation").text
    assert "the garden needs water" in transcript


def test_sessions_are_opened_and_changed(talk: Talk) -> None:
    assert talk.say("new session called garden plan")["say"] == "I opened the session garden plan."
    talk.say("remember that we plant roses")
    talk.say("new session called house")
    assert talk.say("go back to the garden")["say"] == "We continue in the session garden plan."
    talk.say("remember that we plant tulips")
    counts = {
        session["title"]: len(
            talk.driver.get(f"/v1/sessions/{session['session_id']}/memories").data["memories"]
        )
        for session in talk.driver.get("/v1/sessions").data["sessions"]
    }
    assert counts == {"garden plan": 2, "house": 0}


def test_news_is_spoken_once_and_acknowledged_by_the_next_sentence(talk: Talk) -> None:
    talk.say("new session called garden")
    (session,) = talk.driver.get("/v1/sessions").data["sessions"]
    finish(talk.driver, session["session_id"], "t1")
    told = talk.say("remember that we plant roses")
    assert told["say"] == "I will remember that. Done."
    assert [update["status"] for update in told["updates"]] == ["completed"]
    assert "Done" not in talk.say("remember that we plant tulips")["say"]
    assert talk.say("what's new")["say"] == "There is nothing new."


def test_news_names_its_session_where_it_is_another_one(talk: Talk) -> None:
    talk.say("new session called garden")
    (garden,) = talk.driver.get("/v1/sessions").data["sessions"]
    finish(talk.driver, garden["session_id"], "t1")
    assert talk.say("what's new")["say"] == "Done."
    talk.say("new session called house")
    finish(talk.driver, garden["session_id"], "t2")
    assert talk.say("what's new")["say"] == "garden: Done."


def test_a_repeated_sentence_is_one_sentence(talk: Talk) -> None:
    first = talk.say("ask the researcher to compare roses")
    assert talk.say("Ask the researcher to compare roses.") == first
    assert len(tasks(talk.driver)) == 1
    talk.driver.sql("UPDATE spoken_conversations SET heard_at = now() - interval '21 seconds'")
    talk.say("ask the researcher to compare roses")
    assert len(tasks(talk.driver)) == 2
    named = [talk.say("remember this thing", request_id="r1") for _ in range(2)]
    talk.driver.sql("UPDATE spoken_conversations SET heard_at = now() - interval '1 hour'")
    assert [*named, talk.say("something else", request_id="r1")] == named[:1] * 3


def test_a_sentence_whose_worker_died_is_worked_on_once_more(talk: Talk) -> None:
    talk.say("ask the researcher to compare roses")
    talk.driver.sql("UPDATE spoken_conversations SET reply = NULL, state = '{}'")
    assert talk.say("ask the researcher to compare roses")["intent"] == "delegate"
    assert len(tasks(talk.driver)) == 1


def test_a_session_that_is_gone_is_left(talk: Talk) -> None:
    talk.say("new session called garden")
    (session,) = talk.driver.get("/v1/sessions").data["sessions"]
    talk.driver.call("DELETE", f"/v1/sessions/{session['session_id']}")
    assert talk.say("remember that we plant roses")["say"] == "I will remember that."
    (session,) = talk.driver.get("/v1/sessions").data["sessions"]
    assert session["title"].startswith("Spoken on")


def test_news_that_is_gone_stops_nothing(talk: Talk) -> None:
    talk.say("new session called garden")
    (session,) = talk.driver.get("/v1/sessions").data["sessions"]
    finish(talk.driver, session["session_id"], "t1")
    assert talk.say("remember that we plant roses")["say"].endswith("Done.")
    talk.driver.sql("DELETE FROM events WHERE task_id = 't1'")
    assert talk.say("remember that we plant tulips")["say"] == "I will remember that."


def test_a_refusal_is_said_and_leaves_no_question_open(talk: Talk) -> None:
    talk.say("ask the researcher to compare roses")
    assert talk.say("cancel it")["ask"]
    talk.driver.sql("UPDATE tasks SET status = 'completed', ready = false WHERE status = 'pending'")
    told = talk.say("yes")
    assert (told["intent"], told["ask"]) == ("failed", False)
    assert told["say"] == "That has ended already."
    assert talk.say("yes", request_id="again")["say"] == "I did not ask you anything."


def test_a_refusal_leaves_the_session_as_it_is(talk: Talk) -> None:
    talk.say("new session called garden")
    talk.say("ask the researcher to compare roses")
    assert talk.say("cancel it")["ask"]
    talk.driver.sql("UPDATE tasks SET status = 'completed', ready = false WHERE status = 'pending'")
    assert talk.say("yes")["intent"] == "failed"
    talk.say("remember that we plant roses")
    (session,) = talk.driver.get("/v1/sessions").data["sessions"]
    assert session["title"] == "garden"


def test_an_answer_reaches_the_agent_that_asked(talk: Talk) -> None:
    talk.say("ask Claude Code to compare roses")
    talk.driver.sql(
        "UPDATE tasks SET status = 'input_required', ready = false WHERE agent_name = 'claude_code'"
    )
    assert talk.say("is it done")["say"] == "Claude Code has a question."
    told = talk.say("tell it the red ones")
    assert (told["intent"], told["say"]) == ("reply", "I passed it on to Claude Code.")
    talk.driver.sql(
        "UPDATE tasks SET status = 'input_required', ready = false WHERE agent_name = 'claude_code'"
    )
    assert talk.say("the red ones with the thorns")["say"] == "I passed it on to Claude Code."
    assert talk.say("Sag Claude Code, es sollen fünf sein")["say"].startswith("Ich habe es an")
    assert len(tasks(talk.driver)) == 1


def test_again_and_more(talk: Talk) -> None:
    assert talk.say("repeat that")["say"] == "I have not said anything yet."
    said = talk.say("remember that we plant roses")["say"]
    assert talk.say("say that again")["say"] == said
    assert talk.say("tell me more")["say"] == "That was all."


def test_what_nobody_goes_on_with_is_forgotten_after_a_month(talk: Talk) -> None:
    talk.say("remember that we plant roses")
    database = open_database(talk.driver.dsn)
    talk.driver.outside.databases.append(database)
    reaper = PostgresQueueStore(database)
    reaper.prune(limit=100)
    assert talk.say("say that again")["say"] == "I will remember that."
    talk.driver.sql("UPDATE spoken_conversations SET heard_at = now() - interval '31 days'")
    reaper.prune(limit=100)
    assert talk.driver.sql("SELECT count(*) FROM spoken_conversations") == [(0,)]


def test_every_phrase_is_there_in_every_language() -> None:
    english, *others = PHRASES.values()
    for other in others:
        assert other.keys() == english.keys()
        for name, text in english.items():
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", other[name])), name
