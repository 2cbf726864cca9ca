"""What commands are promised of content, on Postgres and on a folder of files alike."""

# reason: one contract, a short test per promise

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from aiwebhook.errors import AiWebhookError, Conflict, Invalid, NotFound
from aiwebhook.ports.observation import START
from tests.support.content_store import ContentDriver, Json, of_another_project

pytestmark = pytest.mark.req("S6")
LARGE = "Ana: copper, and more of it. " * 12_000


def refused(code: str, kind: type[AiWebhookError] = Conflict) -> pytest.RaisesExc[AiWebhookError]:
    return pytest.RaisesExc(kind, check=lambda error: error.code == code)


def test_a_session_opens_with_its_first_event(store: ContentDriver) -> None:
    reply = store.send("create_session", "plan", {"title": "Plan", "participants": ["ana"]})
    assert (reply.session_id, reply.cursor) == ("plan", 1)
    assert reply.data == {"status": "active", "title": "Plan"}
    assert store.events("plan") == [(1, "session.created")]


def test_a_session_without_an_id_gets_one(store: ContentDriver) -> None:
    reply = store.send("create_session", None, {"title": "Walk"})
    assert store.send("get_session_summary", reply.session_id).data["title"] == "Walk"


def test_an_identical_create_is_not_a_conflict_and_another_is(store: ContentDriver) -> None:
    first = store.send("create_session", "s", {"title": "One"})
    store.send("append_conversation", "s", {"content": "words"})
    assert store.send("create_session", "s", {"title": "One"}).data == first.data
    with refused("session_exists"):
        store.send("create_session", "s", {"title": "Two"})
    assert [kind for _, kind in store.events("s")].count("session.created") == 1


def test_what_is_said_comes_back_in_order(store: ContentDriver) -> None:
    store.send("create_session", "s")
    for words in ("one", "two", "three"):
        store.send("append_conversation", "s", {"content": words})
    newest = store.send("get_conversation", "s", {"limit": 2}).data
    assert [chunk["content"] for chunk in newest["chunks"]] == ["three", "two"]
    rest = store.send("get_conversation", "s", {"cursor": newest["next_cursor"]}).data
    assert [chunk["content"] for chunk in rest["chunks"]] == ["one"]
    oldest = store.send("get_conversation", "s", {"order": "oldest"}).data
    assert [chunk["content"] for chunk in oldest["chunks"]] == ["one", "two", "three"]
    assert [chunk["seq"] for chunk in oldest["chunks"]] == [2, 3, 4]


def test_a_piece_keeps_all_that_was_said_of_it(store: ContentDriver) -> None:
    store.send("create_session", "s")
    piece = {
        "content": "Ana: we take copper\n\tü \u0001 \U0001f600",
        "chunk_id": "first",
        "format": "transcript",
        "start_time": "2026-11-29T10:00:00+02:00",
        "end_time": "2026-11-29T10:05:00+02:00",
        "participants": ["ana", "bo"],
        "extracted_items": [{"type": "decision", "text": "copper"}],
        "metadata": {"room": {"no": 3}},
    }
    store.send("append_conversation", "s", piece)
    found = store.reads.list_conversation(
        project_id=store.caller.project_id, session_id="s", after_seq=0, limit=10
    )
    assert found is not None
    (row,) = found
    assert (row.content, row.format, row.participants) == (
        piece["content"],
        "transcript",
        ["ana", "bo"],
    )
    assert (row.extracted_items, row.metadata) == (piece["extracted_items"], piece["metadata"])
    assert row.start_time is not None
    assert row.start_time.timestamp() == 1_795_939_200


def test_a_chunk_is_kept_once(store: ContentDriver) -> None:
    store.send("create_session", "s")
    words = {"content": "words", "chunk_id": "c"}
    first = store.send("append_conversation", "s", words)
    again = store.send("append_conversation", "s", words)
    assert (again.data, again.cursor) == (first.data, first.cursor)
    with refused("chunk_exists"):
        store.send("append_conversation", "s", {"content": "others", "chunk_id": "c"})
    assert len(store.events("s")) == 2


def test_large_text_comes_back_whole(store: ContentDriver) -> None:
    store.send("create_session", "s")
    words = {"content": LARGE, "chunk_id": "c"}
    store.send("append_conversation", "s", words)
    assert store.send("append_conversation", "s", words).data["size"] == len(LARGE)
    page = store.send("get_conversation", "s", {"max_chars": 200_000}).data
    (part,) = page["chunks"]
    rest = store.send(
        "get_conversation", "s", {"max_chars": 200_000, "cursor": page["next_cursor"]}
    )
    assert part["content"] + rest.data["chunks"][0]["content"] == LARGE
    assert store.send("catch_up", "s").data["last_words"][0]["text"] == LARGE[-600:]


def test_the_same_key_makes_the_next_version_of_a_memory(store: ContentDriver) -> None:
    store.send("create_session", "s")
    for words in ("copper", "silver"):
        reply = store.send(
            "store_memory",
            "s",
            {"type": "decision", "content": words, "key": "a/../b", "tags": ["x"]},
        )
    assert reply.data == {"key": "a/../b", "version": 2, "type": "decision", "tags": ["x"]}
    memory = store.send("retrieve_memory", "s", {"key": "a/../b"}).data
    assert (memory["content"], memory["version"]) == ("silver", 2)
    gone = store.send("forget_memory", "s", {"key": "a/../b"}).data
    assert gone == {"key": "a/../b", "versions": 2, "forgotten": True}
    with refused("memory_not_found", NotFound):
        store.send("retrieve_memory", "s", {"key": "a/../b"})
    assert [kind for _, kind in store.events("s")][-1] == "memory.forgotten"


def test_memories_are_found_by_type_tag_and_word(store: ContentDriver) -> None:
    store.send("create_session", "s")
    for name, kind, words, tags in (
        ("a", "decision", "We take Copper", ["metal", "x"]),
        ("b", "idea", {"text": "copper roof"}, ["x"]),
        ("c", "note", "tea", []),
    ):
        data = {"key": name, "type": kind, "content": words, "tags": tags}
        store.send("store_memory", "s", data)

    def keys(**query: object) -> list[str]:
        data = store.send("query_memories", "s", dict(query)).data
        return [memory["key"] for memory in data["memories"]]

    assert keys() == ["c", "b", "a"]
    assert keys(type="idea") == ["b"]
    assert keys(tags=["x", "metal"]) == ["a"]
    assert keys(text="copper") == ["b", "a"]


@pytest.mark.parametrize("name", ["copper.md", "no extension", "x_meta.json", "../../etc.md"])
def test_an_artifact_comes_back_byte_for_byte(store: ContentDriver, name: str) -> None:
    store.send("create_session", "s")
    data = {"name": name, "type": "document", "content": "# Copper\n", "metadata": {"a": [1]}}
    made = store.send("add_artifact", "s", {**data, "artifact_id": "art_meta"}).data
    assert (made["name"], made["size"]) == (name, 9)
    found = store.send("get_artifact", "s", {"artifact_id": "art_meta"}).data
    assert (found["content"], found["name"], found["metadata"]) == ("# Copper\n", name, {"a": [1]})
    (listed,) = store.send("list_artifacts", "s").data["artifacts"]
    assert (listed["artifact_id"], listed["size"]) == ("art_meta", 9)


def test_bytes_that_are_no_text_stay_what_they_are(store: ContentDriver) -> None:
    store.send("create_session", "s")
    data = {"name": "x.bin", "type": "t", "content_base64": "AP//AA==", "artifact_id": "x"}
    store.send("add_artifact", "s", data)
    store.send("add_artifact", "s", data)
    found = store.send("get_artifact", "s", {"artifact_id": "x"}).data
    assert (found["content"], found["content_base64"], found["size"]) == (None, "AP//AA==", 4)


def test_an_artifact_id_is_taken_in_the_whole_project(store: ContentDriver) -> None:
    for name in ("s", "t"):
        store.send("create_session", name)
    data = {"name": "n", "type": "t", "content": "c", "artifact_id": "same"}
    store.send("add_artifact", "s", data)
    with refused("artifact_exists"):
        store.send("add_artifact", "t", data)
    assert [a["session_id"] for a in store.send("list_artifacts").data["artifacts"]] == ["s"]


def test_pause_resume_complete_leave_their_events(store: ContentDriver) -> None:
    store.send("create_session", "s")
    for command in ("pause_session", "resume_session", "complete_session"):
        store.send(command, "s")
    kinds = ["created", "paused", "resumed", "completed"]
    assert store.events("s") == [(n, f"session.{kind}") for n, kind in enumerate(kinds, 1)]


def test_adding_to_a_paused_session_resumes_it(store: ContentDriver) -> None:
    store.send("create_session", "s")
    store.send("pause_session", "s")
    reply = store.send("append_conversation", "s", {"content": "on we go"})
    assert store.send("get_session_summary", "s").data["status"] == "active"
    assert store.events("s")[-1] == (reply.cursor, "session.resumed")


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("append_conversation", {"content": "late"}),
        ("store_memory", {"type": "note", "content": "late"}),
        ("add_artifact", {"name": "n", "type": "t", "content": "late"}),
    ],
)
def test_a_completed_session_takes_nothing_new(
    store: ContentDriver, command: str, data: dict[str, str]
) -> None:
    store.send("create_session", "s")
    store.send("complete_session", "s")
    with refused("session_completed"):
        store.send(command, "s", data)
    assert len(store.events("s")) == 2


@pytest.mark.parametrize(
    "command",
    ["pause_session", "delete_session", "get_session_summary", "list_memories", "list_artifacts"],
)
def test_an_unknown_session_is_not_found(store: ContentDriver, command: str) -> None:
    with refused("session_not_found", NotFound):
        store.send(command, "nowhere")


def test_delete_takes_everything_along_and_leaves_one_event(store: ContentDriver) -> None:
    store.send("create_session", "s")
    store.send("append_conversation", "s", {"content": "words"})
    store.send("add_artifact", "s", {"name": "n", "type": "t", "content": "c", "artifact_id": "a"})
    gone = store.send("delete_session", "s")
    assert store.events("s") == [(4, "session.deleted")]
    assert gone.data["deleted"] is True
    with refused("artifact_not_found", NotFound):
        store.send("get_artifact", None, {"artifact_id": "a"})
    store.send("create_session", "s", {"title": "Again"})
    assert store.events("s")[-1] == (5, "session.created")
    assert store.send("get_conversation", "s").data["chunks"] == []


def test_sessions_are_listed_newest_first_in_pages(store: ContentDriver) -> None:
    for number in range(5):
        store.send("create_session", f"s{number}", {"title": f"Number {number}"})
    store.send("complete_session", "s3")
    first = store.send("list_sessions", None, {"limit": 2}).data
    assert [s["session_id"] for s in first["sessions"]] == ["s4", "s3"]
    then = store.send("list_sessions", None, {"cursor": first["next_cursor"]}).data
    assert [s["session_id"] for s in then["sessions"]] == ["s2", "s1", "s0"]
    done = store.send("list_sessions", None, {"filter": "completed"}).data
    assert [s["session_id"] for s in done["sessions"]] == ["s3"]
    found = store.send("list_sessions", None, {"search": "NUMBER 2"}).data
    assert [s["session_id"] for s in found["sessions"]] == ["s2"]


def test_a_summary_counts_what_there_is(store: ContentDriver) -> None:
    store.send("create_session", "s", {"context": "a roof", "time_zone": "Europe/Berlin"})
    store.send("append_conversation", "s", {"content": "words"})
    store.send("store_memory", "s", {"type": "idea", "content": "x", "key": "k"})
    store.send("store_memory", "s", {"type": "idea", "content": "y", "key": "k"})
    data = store.send("get_session_summary", "s").data
    assert data["stats"] == {
        "conversation_chunks": 1,
        "memories": 1,
        "tasks": 0,
        "artifacts": 0,
        "active_tasks": 0,
    }
    assert (data["context"], data["time_zone"]) == ("a roof", "Europe/Berlin")


def test_catching_up_shows_what_was_decided(store: ContentDriver) -> None:
    store.send("create_session", "s", {"title": "Roof"})
    store.send("append_conversation", "s", {"content": "Ana: copper"})
    store.send("store_memory", "s", {"type": "decision", "content": {"text": "copper"}, "key": "k"})
    store.send("store_memory", "s", {"type": "question", "content": "when?", "key": "q"})
    data = store.send("catch_up", "s").data
    assert data["decisions"] == [{"key": "k", "type": "decision", "text": "copper"}]
    assert [each["key"] for each in data["open_items"]] == ["q"]
    assert [each["text"] for each in data["last_words"]] == ["Ana: copper"]


def test_a_batch_happens_wholly_or_not_at_all(store: ContentDriver) -> None:
    items = [
        {"command": "create_session", "session_id": "b", "data": {"title": "B"}},
        {"command": "append_conversation", "session_id": "b", "data": {"content": "words"}},
        {"command": "store_memory", "session_id": "b", "data": {"type": "note", "content": "x"}},
    ]
    broken = {"command": "pause_session", "session_id": "nowhere"}
    with pytest.raises(AiWebhookError):
        store.send("batch", None, {"commands": [*items, broken], "atomic": True})
    with refused("session_not_found", NotFound):
        store.send("get_session_summary", "b")
    store.send("batch", None, {"commands": items, "atomic": True})
    assert [kind for _, kind in store.events("b")] == [
        "session.created",
        "conversation.appended",
        "memory.stored",
    ]


def test_a_batch_goes_on_after_a_refusal_unless_it_is_atomic(store: ContentDriver) -> None:
    items: list[Json] = [
        {"command": "create_session", "session_id": "b", "data": {}},
        {"command": "pause_session", "session_id": "nowhere"},
        {"command": "append_conversation", "session_id": "b", "data": {"content": "words"}},
    ]
    reply = store.send("batch", None, {"commands": items, "atomic": False})
    assert [result["status"] for result in reply.data["results"]] == ["success", "error", "success"]
    assert len(store.events("b")) == 2


def test_a_repeated_request_answers_what_the_first_one_did(store: ContentDriver) -> None:
    store.send("create_session", "s")
    first = store.send("append_conversation", "s", {"content": "words"}, key="k1")
    again = store.send("append_conversation", "s", {"content": "words"}, key="k1")
    assert (again.replayed, again.data) == (True, first.data)
    with refused("idempotency_key_reused", Invalid):
        store.send("append_conversation", "s", {"content": "others"}, key="k1")
    assert len(store.events("s")) == 2


def test_the_log_of_the_project_has_every_event_once(store: ContentDriver) -> None:
    for name in ("s", "t"):
        store.send("create_session", name)
        store.send("append_conversation", name, {"content": "words"})
    project = store.caller.project_id
    first = store.reads.project_events(project_id=project, after=START, types=None, limit=3)
    rest = store.reads.project_events(
        project_id=project, after=first[-1].position, types=None, limit=10
    )
    assert [(row.session_id, row.seq) for row in (*first, *rest)] == [
        ("s", 1),
        ("s", 2),
        ("t", 1),
        ("t", 2),
    ]
    said = store.reads.project_events(
        project_id=project, after=START, types=["conversation.appended"], limit=10
    )
    assert [row.session_id for row in said] == ["s", "t"]


def test_another_project_sees_nothing(store: ContentDriver) -> None:
    store.send("create_session", "s")
    store.send("add_artifact", "s", {"name": "n", "type": "t", "content": "c", "artifact_id": "a"})
    other = of_another_project(store)
    for command, session_id, data in (
        ("get_session_summary", "s", {}),
        ("get_artifact", None, {"artifact_id": "a"}),
        ("append_conversation", "s", {"content": "words"}),
        ("delete_session", "s", {}),
    ):
        with pytest.raises(NotFound):
            other.send(command, session_id, data)
    assert other.send("list_sessions").data["sessions"] == []
    assert other.send("list_artifacts").data["artifacts"] == []


def test_two_writers_lose_nothing_and_count_without_a_gap(store: ContentDriver) -> None:
    store.send("create_session", "s")
    writers = [store.twin() for _ in range(2)]

    def write(order: tuple[ContentDriver, int]) -> None:
        writer, number = order
        for count in range(6):
            data = {"content": f"{number}-{count}", "chunk_id": f"c-{number}-{count}"}
            writer.send("append_conversation", "s", data)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, zip(writers, (1, 2), strict=True)))
    assert [seq for seq, _ in store.events("s")] == list(range(1, 14))
    data = store.send("get_conversation", "s", {"limit": 50}).data
    assert len({chunk["content"] for chunk in data["chunks"]}) == 12


def test_nothing_is_news_where_no_task_runs(store: ContentDriver) -> None:
    store.send("create_session", "s")
    reply = store.send("get_updates", "s")
    assert (reply.data["total"], reply.cursor) == (0, 1)
    assert store.send("ack_updates", "s", {"cursor": 1}).data == {"acknowledged": 0}
    with pytest.raises(Invalid):
        store.send("ack_updates", "s", {"cursor": 9})
    with refused("update_not_found", Invalid):
        store.send("ack_updates", "s", {"ids": ["evt_nothing"]})
