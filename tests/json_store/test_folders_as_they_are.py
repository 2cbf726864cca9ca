"""A folder as people and other programs leave it: earlier sessions, damage, links, thousands."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.errors import AiWebhookError, Conflict, NotFound, Unavailable
from aiwebhook.json_store.directory import Directory
from aiwebhook.session_folder.earlier_format import EarlierSession, read_earlier
from aiwebhook.session_folder.session_files import read_session_folder
from tests.support.content_store import ContentDriver, open_folder

pytestmark = pytest.mark.req("S6")


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(raw)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def root(driver: ContentDriver) -> Path:
    assert driver.folder is not None
    return driver.folder


@pytest.fixture
def earlier(folder: ContentDriver) -> Path:
    """A session of the earlier system, in a folder that is called otherwise."""
    plan = root(folder) / "2024 plan"
    session = {"id": "plan", "name": "Plan", "participants": [{"name": "Ana"}], "custom": [1]}
    write(plan / "session.json", {**session, "created_at": "2024-05-01T10:00:00"})
    for name, at in (("b", "2024-05-01T10:05:00"), ("a", "2024-05-01T10:10:00")):
        write(plan / f"conversation/chunk_{name}.json", {"text": f"{name}!", "timestamp": at})
    write(plan / "memories/roof.json", {"value": "copper", "memory_type": "decision"})
    write(plan / "artifacts/brief.md", b"# Brief\n")
    write(plan / "artifacts/brief_meta.json", {"title": "Brief", "artifact_type": "brief"})
    write(plan / "tasks/t1.json", {"id": "t1", "agent": "researcher", "status": "completed"})
    write(plan / "extracted/ideas.json", [{"text": "keep me"}])
    return plan


def test_an_earlier_session_is_read_as_it_is(folder: ContentDriver, earlier: Path) -> None:
    data = folder.send("get_session_summary", "plan").data
    assert (data["title"], data["participants"]) == ("Plan", ["Ana"])
    assert data["stats"] == {
        "conversation_chunks": 2,
        "memories": 1,
        "tasks": 1,
        "artifacts": 1,
        "active_tasks": 0,
    }
    chunks = folder.send("get_conversation", "plan", {"order": "oldest"}).data["chunks"]
    assert [(chunk["seq"], chunk["content"]) for chunk in chunks] == [(1, "b!"), (2, "a!")]
    assert folder.send("retrieve_memory", "plan", {"key": "roof"}).data["content"] == "copper"
    assert folder.send("get_artifact", "plan", {"artifact_id": "brief"}).data["name"] == "Brief"
    (task,) = folder.send("list_tasks", "plan").data["tasks"]
    assert (task["task_id"], task["status"]) == ("t1", "completed")
    assert folder.send("get_task", "plan", {"task_id": "t1"}).data["agent_name"] == "researcher"


def test_adding_to_an_earlier_session_keeps_what_is_in_it(
    folder: ContentDriver, earlier: Path
) -> None:
    kept = {path: path.read_bytes() for path in earlier.rglob("*") if path.is_file()}
    reply = folder.send("append_conversation", "plan", {"content": "on we go"})
    assert reply.cursor == 3
    del kept[earlier / "session.json"]
    assert all(path.read_bytes() == raw for path, raw in kept.items())
    told = json.loads((earlier / "session.json").read_text())
    assert (told["custom"], told["last_seq"]) == ([1], 3)
    assert folder.events("plan") == [(3, "conversation.appended")]


def test_what_the_store_writes_is_read_as_an_earlier_session(folder: ContentDriver) -> None:
    folder.send("create_session", "s", {"title": "S", "participants": ["ana"]})
    folder.send("append_conversation", "s", {"content": "words", "chunk_id": "c"})
    folder.send("store_memory", "s", {"type": "fact", "content": {"a": 1}, "key": "k"})
    folder.send("add_artifact", "s", {"name": "x.md", "type": "t", "content": "# X"})
    found = read_earlier(read_session_folder(root(folder) / "s"))
    assert isinstance(found, EarlierSession)
    assert (found.session_id, found.fields["title"], found.skipped) == ("s", "S", [])
    ids = {item.ids[0] for item in found.items}
    assert {"c", "k"} <= ids
    assert any(item.content == b"# X" and item.fields["type"] == "t" for item in found.items)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("conversation/chunk_x.json", b"{"),
        ("conversation/chunk_x.json", b'{"content": 3}'),
        ("memories/x.json", b""),
        ("tasks/x.json", b'{"status": "unheard of"}'),
        ("artifacts/x_meta.json", b"[]"),
        ("events.jsonl", b"\xff\n"),
    ],
)
def test_a_damaged_file_is_named_and_the_rest_is_served(
    folder: ContentDriver, caplog: pytest.LogCaptureFixture, path: str, content: bytes
) -> None:
    folder.send("create_session", "s")
    folder.send("append_conversation", "s", {"content": "words", "chunk_id": "c"})
    target = root(folder) / "s" / path
    before = target.read_bytes() if target.exists() else b""
    write(target, content + before[len(content) :])
    write(root(folder) / "s/artifacts/x.md", b"# X")
    folder.send("get_session_summary", "s")
    folder.send("list_tasks", "s")
    folder.events("s")
    folder.send("list_artifacts", "s")
    chunks = folder.send("get_conversation", "s").data["chunks"]
    assert [chunk["content"] for chunk in chunks] == ["words"]
    named = [r.__dict__.get("path") for r in caplog.records if r.message == "file skipped"]
    assert named == [f"s/{path}"], "once"
    assert target.read_bytes() == content + before[len(content) :]


def test_a_damaged_session_is_left_alone(folder: ContentDriver) -> None:
    damaged = write(root(folder) / "s/session.json", b'{"title": ')
    with pytest.raises(NotFound):
        folder.send("get_session_summary", "s")
    folder.send("create_session", "s", {"title": "New"})
    assert damaged.read_bytes() == b'{"title": '
    assert folder.send("get_session_summary", "s").data["title"] == "New"
    assert len(folder.send("list_sessions").data["sessions"]) == 1


def test_no_link_leads_out_of_the_folder(folder: ContentDriver, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    secret = write(outside / "session.json", {"session_id": "outside", "title": "Secret"})
    store = root(folder)
    (store / "linked").symlink_to(outside)
    assert folder.send("list_sessions").data["sessions"] == []
    with pytest.raises(NotFound):
        folder.send("get_session_summary", "outside")
    folder.send("create_session", "s")
    for name in ("artifacts", "conversation", "memories", "tasks"):
        (store / "s" / name).symlink_to(outside)
    write(outside / "x.txt", b"secret")
    assert folder.send("list_artifacts", "s").data["artifacts"] == []
    for command, data in (
        ("append_conversation", {"content": "words"}),
        ("add_artifact", {"name": "n", "type": "t", "content": "c"}),
        ("store_memory", {"type": "note", "content": "x", "key": "../../etc"}),
    ):
        with pytest.raises(Unavailable):
            folder.send(command, "s", data)
    assert names(outside) == ["session.json", "x.txt"]
    assert json.loads(secret.read_text())["title"] == "Secret"
    assert folder.events("s") == [(1, "session.created")]


def test_a_folder_where_a_file_belongs_is_refused_before_anything_counts(
    folder: ContentDriver,
) -> None:
    folder.send("create_session", "s")
    (root(folder) / "s/conversation/chunk_c.json").mkdir(parents=True)
    with pytest.raises(Unavailable):
        folder.send("append_conversation", "s", {"content": "words", "chunk_id": "c"})
    folder.send("append_conversation", "s", {"content": "words", "chunk_id": "d"})
    assert folder.events("s") == [(1, "session.created"), (2, "conversation.appended")]


@pytest.mark.parametrize("name", ["..", ".", ".aiwebhook", "a/../b", "/etc", "a\0b"])
def test_an_id_is_not_a_path(folder: ContentDriver, tmp_path: Path, name: str) -> None:
    before = names(tmp_path)
    with pytest.raises(AiWebhookError):
        folder.send("create_session", name)
    with pytest.raises(AiWebhookError):
        folder.send("delete_session", name)
    assert names(tmp_path) == before


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("delegate_task", {"agent_name": "researcher", "description": "d"}),
        ("cancel_task", {"task_id": "t"}),
        ("retry_task", {"task_id": "t"}),
        ("reply_to_task", {"task_id": "t", "message": "m"}),
        ("list_agents", {}),
    ],
)
def test_what_needs_the_queue_says_so(
    folder: ContentDriver, command: str, data: dict[str, Any]
) -> None:
    folder.send("create_session", "s")
    with pytest.raises(Conflict) as caught:
        folder.send(command, "s", data)
    assert caught.value.code == "needs_postgres"
    assert "aiwebhook local up" in caught.value.remedy


def test_a_list_of_ten_thousand_reads_each_file_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10_000):
        found = {"session_id": f"s{number}", "title": f"Number {number}"}
        folder = tmp_path / "store" / f"s{number}"
        folder.mkdir(parents=True)
        (folder / "session.json").write_text(json.dumps(found))
    driver = open_folder(tmp_path / "store")
    read, reads = Directory.read, list[str]()

    def counted(self: Directory, path: str, **named: int) -> bytes | None:
        reads.append(path)
        return read(self, path, **named)

    monkeypatch.setattr(Directory, "read", counted)
    page = driver.send("list_sessions", None, {"limit": 100}).data
    assert page["count"] == 100
    assert len(reads) <= 10_010
    reads.clear()
    driver.send("list_sessions", None, {"limit": 100, "cursor": page["next_cursor"]})
    driver.send("append_conversation", "s77", {"content": "words"})
    assert len(reads) < 20
    for each in driver.opened:
        each.close()


def test_an_artifact_is_found_where_it_was_seen(
    folder: ContentDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        folder.send("create_session", f"s{number}")
        write(root(folder) / f"s{number}/artifacts/x{number}.md", b"# X")
    made = {"name": "n.md", "type": "t", "content": "c", "artifact_id": "made"}
    folder.send("add_artifact", "s3", made)
    opened, opens = Directory.opened, list[str]()

    def counted(self: Directory, path: str) -> AbstractContextManager[int]:
        opens.append(path)
        return opened(self, path)

    def found(artifact_id: str) -> tuple[str, int]:
        opens.clear()
        told = folder.send("get_artifact", None, {"artifact_id": artifact_id}).data
        return told["session_id"], len(opens)

    monkeypatch.setattr(Directory, "opened", counted)
    found("x7")
    for artifact_id, session_id in (("x7", "s7"), ("x29", "s29"), ("made", "s3")):
        where, looks = found(artifact_id)
        assert where == session_id
        assert looks < 15, artifact_id

    # What somebody moves by hand is found where it is now.
    (root(folder) / "s7/artifacts/x7.md").rename(root(folder) / "s8/artifacts/x7.md")
    assert found("x7")[0] == "s8"
    folder.send("delete_session", "s8")
    with pytest.raises(NotFound):
        found("x7")
    write(root(folder) / "s3/artifacts/made_meta.json", {"artifact_id": "other"})
    assert found("other")[0] == "s3"
    with pytest.raises(NotFound):
        found("made")


def test_after_a_restart_ids_keep_a_repetition_from_doing_it_twice(folder: ContentDriver) -> None:
    words = {"content": "words", "chunk_id": "c"}
    folder.send("create_session", "s", key="k1")
    first = folder.send("append_conversation", "s", words, key="k2")
    restarted = folder.twin()
    again = restarted.send("append_conversation", "s", words, key="k2")
    assert (again.replayed, again.data, again.cursor) == (False, first.data, first.cursor)
    assert len(restarted.events("s")) == 2
