# reason: the table of cases is the length; splitting it would hide what is missing
"""Conversation, memories, artifacts: kept, versioned, found, read back byte for byte."""

from __future__ import annotations

from typing import Any

import pytest

from aiwebhook.errors import Conflict, Invalid, NotFound, Unavailable
from tests.support.commands import CommandDriver

LARGE = "é" * 200_000  # 400,000 bytes: above what a row keeps


@pytest.mark.req("S2")
@pytest.mark.parametrize("command", ["append_conversation", "conversation_chunk"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_conversation_is_kept_under_both_names_and_in_both_shapes(
    driver: CommandDriver, command: str, *, wrapped: bool
) -> None:
    driver.session("s")
    chunk: dict[str, Any] = {
        "content": "Ana: hello",
        "chunk_id": "c1",
        "format": "transcript",
        "start_time": "2026-11-22T10:00:00+01:00",
        "end_time": "2026-11-22T09:30:00Z",
        "participants": ["Ana"],
        "extracted_items": [{"type": "idea"}],
        "metadata": {"device": "phone"},
    }
    reply = driver.send(command, "s", {"conversation_chunk": chunk} if wrapped else chunk)
    assert reply.command == "append_conversation"
    assert reply.data == {"chunk_id": "c1", "size": 10, "format": "transcript"}
    row = driver.sql("SELECT * FROM conversation_chunks WHERE project_id = %(project_id)s")[0]
    assert (row["content"], row["seq"], row["participants"]) == ("Ana: hello", 2, ["Ana"])
    assert row["start_time"].isoformat() == "2026-11-22T09:00:00+00:00"


@pytest.mark.req("S2")
def test_the_same_chunk_again_is_kept_once(driver: CommandDriver) -> None:
    driver.session("s")
    chunk = {"content": "words", "chunk_id": "c1"}
    first = driver.send("append_conversation", "s", chunk)
    again = driver.send("append_conversation", "s", chunk)
    assert (again.data, again.cursor) == (first.data, first.cursor)
    assert driver.count("conversation_chunks") == 1
    assert len(driver.events("s")) == 2


@pytest.mark.req("S2")
def test_another_text_under_the_same_chunk_id_is_a_conflict(driver: CommandDriver) -> None:
    driver.session("s")
    driver.send("append_conversation", "s", {"content": "words", "chunk_id": "c1"})
    with pytest.raises(Conflict) as caught:
        driver.send("append_conversation", "s", {"content": "other", "chunk_id": "c1"})
    assert caught.value.code == "chunk_exists"


@pytest.mark.req("S2")
def test_large_conversation_lies_in_the_blob_store(driver: CommandDriver) -> None:
    driver.session("s")
    driver.send("append_conversation", "s", {"content": LARGE, "chunk_id": "c1"})
    row = driver.sql("SELECT * FROM conversation_chunks WHERE project_id = %(project_id)s")[0]
    assert row["content"] is None
    assert row["size"] == 400_000
    stored = driver.blobs.get(project_id=driver.project_id, sha256=bytes(row["content_sha256"]))
    assert stored.decode() == LARGE


@pytest.mark.req("S2")
def test_without_the_blob_store_nothing_large_is_stored(driver: CommandDriver) -> None:
    driver.session("s")
    driver.blobs.away = True
    with pytest.raises(Unavailable):
        driver.send("append_conversation", "s", {"content": LARGE})
    assert driver.count("conversation_chunks") == 0
    assert len(driver.events("s")) == 1


@pytest.mark.req("S3")
def test_the_same_key_again_makes_a_new_version(driver: CommandDriver) -> None:
    driver.session("s")
    driver.send("store_memory", "s", {"type": "decision", "content": "SQL", "key": "db"})
    reply = driver.send(
        "store_memory",
        "s",
        {"type": "fact", "content": {"engine": "pg"}, "key": "db", "tags": ["x", "x"]},
    )
    assert reply.data == {"key": "db", "version": 2, "type": "fact", "tags": ["x"]}
    read = driver.send("retrieve_memory", "s", {"key": "db"}).data
    assert (read["content"], read["version"], read["type"]) == ({"engine": "pg"}, 2, "fact")
    versions = driver.sql(
        "SELECT version, current FROM memories WHERE project_id = %(project_id)s ORDER BY version"
    )
    assert [(v["version"], v["current"]) for v in versions] == [(1, False), (2, True)]


@pytest.mark.req("S3")
def test_a_memory_without_a_key_gets_one(driver: CommandDriver) -> None:
    driver.session("s")
    key = driver.send("store_memory", "s", {"type": "idea", "content": "x"}).data["key"]
    assert driver.send("retrieve_memory", "s", {"key": key}).data["content"] == "x"


@pytest.mark.req("S3")
def test_a_forgotten_memory_is_gone_with_all_versions(driver: CommandDriver) -> None:
    driver.session("s")
    for content in ("one", "two"):
        driver.send("store_memory", "s", {"type": "idea", "content": content, "key": "k"})
    assert driver.send("forget_memory", "s", {"key": "k"}).data["versions"] == 2
    assert driver.count("memories") == 0
    for command in ("retrieve_memory", "forget_memory"):
        with pytest.raises(NotFound) as caught:
            driver.send(command, "s", {"key": "k"})
        assert caught.value.code == "memory_not_found"
    assert driver.events("s")[-1][1] == "memory.forgotten"


@pytest.mark.req("S3")
def test_forgetting_works_in_a_completed_session(driver: CommandDriver) -> None:
    driver.session("s")
    driver.send("store_memory", "s", {"type": "idea", "content": "x", "key": "k"})
    driver.send("complete_session", "s")
    driver.send("forget_memory", "s", {"key": "k"})
    assert driver.count("memories") == 0


@pytest.mark.req("S3")
@pytest.mark.parametrize(
    ("criteria", "keys"),
    [
        ({}, ["c", "b", "a"]),
        ({"type": "idea"}, ["c", "a"]),
        ({"tags": ["db"]}, ["b", "a"]),
        ({"tags": ["db", "new"]}, ["b"]),
        ({"text": "postgres"}, ["b", "a"]),
        ({"text": "queue POSTGRES"}, ["b"]),
        ({"text": "100%"}, ["c"]),
        ({"type": "idea", "tags": ["db"]}, ["a"]),
        ({"limit": 1}, ["c"]),
        ({"text": "nothing of it"}, []),
    ],
)
@pytest.mark.parametrize("where", ["data", "filter"])
def test_memories_are_found_by_type_tags_and_words_in_both_places(
    driver: CommandDriver, criteria: dict[str, Any], keys: list[str], where: str
) -> None:
    driver.session("s")
    for memory in (
        {"key": "a", "type": "idea", "content": "Use Postgres", "tags": ["db"]},
        {"key": "b", "type": "fact", "content": {"q": "Postgres queue"}, "tags": ["db", "new"]},
        {"key": "c", "type": "idea", "content": "100% tested_by us"},
    ):
        driver.send("store_memory", "s", memory)
    data = {"filter": criteria} if where == "filter" else criteria
    reply = driver.send("query_memories", "s", data)
    assert [memory["key"] for memory in reply.data["memories"]] == keys
    assert reply.data["count"] == len(keys)


@pytest.mark.req("S3")
def test_memories_are_paged(driver: CommandDriver) -> None:
    driver.session("s")
    for number in range(5):
        driver.send("store_memory", "s", {"type": "idea", "content": "x", "key": f"k{number}"})
    first = driver.send("list_memories", "s", {"limit": 3})
    rest = driver.send("list_memories", "s", {"limit": 3, "cursor": first.data["next_cursor"]})
    keys = [m["key"] for m in (*first.data["memories"], *rest.data["memories"])]
    assert keys == ["k4", "k3", "k2", "k1", "k0"]
    assert rest.data["next_cursor"] is None


@pytest.mark.req("S3", "N1")
def test_a_stored_memory_is_published_and_called_back(driver: CommandDriver) -> None:
    driver.session("s")
    for url, types in (("https://a.example/", []), ("https://b.example/", ["task.completed"])):
        driver.sql(
            "INSERT INTO endpoints (project_id, url, event_types)"
            " VALUES (%(project_id)s, %(url)s, %(types)s)",
            url=url,
            types=types,
        )
    driver.send("store_memory", "s", {"type": "idea", "content": "x", "key": "k"})
    assert [event.type for event in driver.publisher.published] == ["memory.stored"]
    assert [
        row["url"]
        for row in driver.sql("SELECT url FROM deliveries WHERE project_id = %(project_id)s")
    ] == ["https://a.example/"]
    assert driver.count("outbox") == 0


@pytest.mark.req("N1")
def test_what_cannot_be_published_stays_for_the_sweep(driver: CommandDriver) -> None:
    driver.session("s")
    driver.publisher.away = True
    driver.send("store_memory", "s", {"type": "idea", "content": "x"})
    assert driver.count("outbox") == 1


@pytest.mark.req("S4")
@pytest.mark.parametrize("content", ["# Brief\n", LARGE])
def test_an_artifact_is_read_back_as_it_was(driver: CommandDriver, content: str) -> None:
    driver.session("s")
    artifact = {
        "name": "Brief",
        "type": "report",
        "content": content,
        "artifact_id": "a1",
        "format": "markdown",
        "metadata": {"pages": 3},
    }
    driver.send("add_artifact", "s", artifact)
    again = driver.send("add_artifact", "s", artifact)
    assert again.data["artifact_id"] == "a1"
    assert driver.count("artifacts") == 1
    read = driver.send("get_artifact", None, {"artifact_id": "a1"})
    assert read.session_id == "s"
    assert {name: read.data[name] for name in artifact} == artifact
    assert "content_sha256" not in read.data


@pytest.mark.req("S4")
def test_another_artifact_under_the_same_id_is_a_conflict(driver: CommandDriver) -> None:
    driver.session("s")
    driver.session("other")
    artifact = {"name": "n", "type": "t", "content": "c", "artifact_id": "a1"}
    driver.send("add_artifact", "s", artifact)
    for session_id, more in (("s", {"content": "d"}), ("other", {})):
        with pytest.raises(Conflict) as caught:
            driver.send("add_artifact", session_id, {**artifact, **more})
        assert caught.value.code == "artifact_exists"


@pytest.mark.req("S4")
def test_artifacts_are_listed_by_session_type_and_task(driver: CommandDriver) -> None:
    driver.session("s")
    driver.session("other")
    driver.send(
        "delegate_task", "s", {"agent_name": "researcher", "description": "d", "task_id": "t1"}
    )
    base = {"name": "n", "content": "c"}
    driver.send(
        "add_artifact", "s", {**base, "artifact_id": "a1", "type": "report", "task_id": "t1"}
    )
    driver.send("add_artifact", "s", {**base, "artifact_id": "a2", "type": "code"})
    driver.send("add_artifact", "other", {**base, "artifact_id": "a3", "type": "code"})

    def listed(session_id: str | None, **data: str) -> list[str]:
        rows = driver.send("list_artifacts", session_id, data).data["artifacts"]
        assert all("content" not in row for row in rows)
        return [row["artifact_id"] for row in rows]

    assert listed(None) == ["a3", "a2", "a1"]
    assert listed("s") == ["a2", "a1"]
    assert listed("s", type="code") == ["a2"]
    assert listed("s", task_id="t1") == ["a1"]


@pytest.mark.req("S4")
def test_an_artifact_of_an_unknown_task_is_refused(driver: CommandDriver) -> None:
    driver.session("s")
    with pytest.raises(NotFound) as caught:
        driver.send(
            "add_artifact", "s", {"name": "n", "type": "t", "content": "c", "task_id": "nope"}
        )
    assert caught.value.code == "task_not_found"
    assert len(driver.events("s")) == 1


@pytest.mark.req("S2", "S3")
@pytest.mark.parametrize(
    ("command", "data", "pointer"),
    [
        ("append_conversation", {}, "/data/content"),
        ("append_conversation", {"content": "   "}, "/data/content"),
        ("append_conversation", {"content": 5}, "/data/content"),
        ("append_conversation", {"conversation_chunk": "x"}, "/data/conversation_chunk"),
        (
            "append_conversation",
            {"conversation_chunk": {"content": "x", "format": "poem"}},
            "/data/conversation_chunk/format",
        ),
        ("append_conversation", {"content": "x", "start_time": "yesterday"}, "/data/start_time"),
        ("append_conversation", {"content": "x", "start_time": 5}, "/data/start_time"),
        (
            "append_conversation",
            {"content": "x", "start_time": "0001-01-01T00:00:00+14:00"},
            "/data/start_time",
        ),
        ("append_conversation", {"content": "x", "chunk_id": "a b"}, "/data/chunk_id"),
        ("append_conversation", {"content": "x", "nope": 1}, "/data/nope"),
        ("store_memory", {"type": "poem", "content": "x"}, "/data/type"),
        ("store_memory", {"type": "idea", "content": ["x"]}, "/data/content"),
        ("store_memory", {"type": "idea", "content": "x", "tags": ["a", 5]}, "/data/tags/1"),
        ("store_memory", {"type": "idea", "content": "x", "tags": "a"}, "/data/tags"),
        ("store_memory", {"type": "idea", "content": "x" * 300_000}, "/data/content"),
        ("store_memory", {"type": "idea", "content": "a\0b"}, "/data/content"),
        ("store_memory", {"type": "idea", "content": {"a": ["\ud800"]}}, "/data/content/a/0"),
        (
            "store_memory",
            {"type": "idea", "content": {"a/b~": float("inf")}},
            "/data/content/a~1b~0",
        ),
        ("query_memories", {"limit": 0}, "/data/limit"),
        ("query_memories", {"limit": True}, "/data/limit"),
        ("query_memories", {"filter": {"limit": 101}}, "/data/filter/limit"),
        ("query_memories", {"filter": {"nope": 1}}, "/data/filter/nope"),
        ("query_memories", {"filter": "idea"}, "/data/filter"),
    ],
)
def test_a_broken_rule_is_refused_by_the_name_of_its_field(
    driver: CommandDriver, command: str, data: dict[str, Any], pointer: str
) -> None:
    driver.session("s")
    with pytest.raises(Invalid) as caught:
        driver.send(command, "s", data)
    assert [error.pointer for error in caught.value.errors] == [pointer]
    assert len(driver.events("s")) == 1
