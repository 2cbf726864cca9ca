"""What a guessed name is answered with: the command that is meant, or none; never a wrong one."""

from __future__ import annotations

import pytest

from aiwebhook.commands.catalogue import CATALOGUE
from aiwebhook.commands.synonyms import command_named, commands_like, normal

MEANT = {
    "create_memory": "store_memory",
    "createMemory": "store_memory",
    "remember": "store_memory",
    "recall": "query_memories",
    "search": "query_memories",
    "get_memory": "retrieve_memory",
    "delete_memory": "forget_memory",
    "read_conversation": "get_conversation",
    "add_message": "append_conversation",
    "delegate": "delegate_task",
    "create_task": "delegate_task",
    "status": "get_session_summary",
    "task_status": "get_task",
    "stop_task": "cancel_task",
    "close_session": "complete_session",
    "get_sessions": "list_sessions",
    "upload_file": "add_artifact",
    "ask": "query_memories",
    "stor_memory": "store_memory",
    "list_task": "list_tasks",
    "get_agents": "list_agents",
    "continue_session": "catch_up",
    "where_were_we": "catch_up",
    "get_history": "get_conversation",
    "list_commands": "help",
}
NOTHING = (
    "make_coffee",
    "update_session",
    "delete_everything",
    "",
    "x",
)
READING = (
    "get",
    "load",
    "list",
    "show",
    "find",
    "search",
    "query",
    "read",
    "fetch",
    "view",
    "check",
)
WRITING = (
    "create",
    "edit",
    "add",
    "store",
    "save",
    "set",
    "update",
    "write",
    "append",
    "insert",
    "put",
)
NOUNS = sorted({name.partition("_")[2] for name in CATALOGUE if "_" in name} | {"agent", "agents"})


@pytest.mark.req("W2")
@pytest.mark.parametrize(("guess", "meant"), MEANT.items())
def test_a_guess_is_answered_with_what_it_means(guess: str, meant: str) -> None:
    assert commands_like(guess)[0] == meant


@pytest.mark.req("W2")
@pytest.mark.parametrize("guess", NOTHING)
def test_nothing_is_better_than_a_wrong_one(guess: str) -> None:
    assert commands_like(guess) == ()


@pytest.mark.req("W2")
def test_a_guess_that_reads_is_never_answered_with_a_write_nor_the_reverse() -> None:
    for verbs, writes in ((READING, False), (WRITING, True)):
        for guess in [f"{verb}_{noun}" for verb in verbs for noun in (*NOUNS, "thing", "")]:
            found = [name for name in commands_like(guess) if CATALOGUE[name].writes is not writes]
            assert found == [], guess


@pytest.mark.req("W2")
@pytest.mark.parametrize("guess", ["update_session", "clear_session", "remove_key", "purge_memory"])
def test_nothing_destructive_is_suggested_by_likeness(guess: str) -> None:
    assert not {"delete_session", "forget_memory"} & set(commands_like(guess))


@pytest.mark.req("W2")
def test_every_command_is_known_in_every_spelling() -> None:
    for name in CATALOGUE:
        camel = "".join(part.capitalize() for part in name.split("_"))
        for spelling in (name.upper(), name.replace("_", "-"), name.replace("_", " "), camel):
            assert command_named(spelling) == name
            assert normal(spelling) == name
