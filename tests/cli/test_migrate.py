"""Folders of the earlier system, brought into a deployment."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.client import Client
from aiwebhook.errors import Unavailable
from aiwebhook_cli.folder import migration
from tests.cli.conftest import CommandLine
from tests.support.content_store import open_folder

pytestmark = pytest.mark.req("S7")
PNG = b"\x89PNG\r\n\x1a\n\0\xff"
TEXT = "Ana: We take copper.\r\nBen: Agreed – “yes”.\n"


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())


@pytest.fixture
def folder(nowhere: Path) -> Path:
    """Two sessions as the earlier system left them; both have an artifact of the same id."""
    root = nowhere / "sessions"
    for name in ("plan", "side"):
        write(root / name / "session.json", {"session_id": name, "title": name.upper()})
        write(root / name / "artifacts" / "brief.md", f"# Of {name}\r\n".encode())
    plan = root / "plan"
    about = {"session_id": "plan", "title": "PLAN", "participants": ["ana", {"name": "ben"}]}
    write(plan / "session.json", {**about, "status": "completed", "created_at": "2025-03-01T09:30"})
    told = {"chunk_id": "c1", "content": TEXT, "timestamp": "2025-03-01T09:31:00.123456"}
    write(plan / "conversation" / "chunk_c1.json", told)
    write(plan / "conversation" / "chunk_c0.json", {"text": "First.", "metadata": {"n": 3.0}})
    write(plan / "conversation" / "full_transcript.txt", TEXT.encode())
    write(plan / "memories" / "metal.json", {"type": "decision", "content": "Copper.", "odd": 1})
    write(plan / "memories" / "sum.json", {"key": "the sum", "type": "fact", "content": [1, 2.0]})
    write(plan / "extracted" / "decisions.json", [{"text": "Copper."}])
    write(plan / "tasks" / "t1.json", {"task_id": "t1", "status": "completed"})
    write(plan / "agents" / "state.json", {"researcher": {}})
    write(plan / "artifacts" / "shot.png", PNG)
    write(
        plan / "artifacts" / "shot_meta.json",
        {"name": "Shot", "type": "image", "metadata": {"w": 1}},
    )
    return root


def migrate(cli: CommandLine, folder: Path, *more: str) -> Any:
    outcome = cli("migrate", "json-to-postgres", str(folder), *more, "--json")
    assert outcome.err == ""
    assert outcome.code == (1 if outcome.json["skipped"] else 0)
    return outcome.json


def everything(cli: CommandLine) -> dict[str, Any]:
    """What the deployment holds, in the words of its answers."""
    with Client(cli.url, api_key=cli.driver.key) as client:
        sessions = [each["session_id"] for each in client.list_sessions()["sessions"]]
        return {
            session_id: [
                client.session(session_id),
                client.get(f"/v1/sessions/{session_id}/conversation"),
                client.memories(session_id),
                client.artifacts(session_id, limit=100),
                client.events(session_id)["items"],
            ]
            for session_id in sessions
        }


def without_age(held: dict[str, Any]) -> dict[str, Any]:
    for parts in held.values():
        parts[0].pop("duration_minutes")
    return held


def test_every_item_arrives_and_a_second_run_changes_nothing(
    cli: CommandLine, folder: Path
) -> None:
    first = migrate(cli, folder)
    held = without_age(everything(cli))
    second = migrate(cli, folder)

    assert first["skipped"] == []
    assert first["written"] == len(first["items"]) == second["there"]
    assert (second["written"], second["missing"]) == (0, 0)
    assert without_age(everything(cli)) == held
    summary, conversation, memories, artifacts, _ = held["plan"]
    assert (summary["status"], summary["participants"]) == ("completed", ["ana", "ben"])
    said = {each["chunk_id"]: each for each in conversation["items"]}
    assert (said["c1"]["content"], said["chunk_c0"]["content"]) == (TEXT, "First.")
    assert said["c1"]["start_time"] == "2025-03-01T09:31:00.123Z", "without a zone it is UTC"
    assert {each["key"]: each["content"] for each in memories["memories"]} == {
        "metal": "Copper.",
        "the sum": {"value": [1, 2]},
    }
    assert {
        "Shot",
        "tasks/t1.json",
        "agents/state.json",
        "session.json",
        "memories/metal.json",
    } <= {each["name"] for each in artifacts["artifacts"]}


def test_every_byte_of_the_folder_can_be_read_back(cli: CommandLine, folder: Path) -> None:
    """Also of the second artifact called `brief`, whose id another session has taken."""
    migrate(cli, folder)

    kept: set[bytes] = set()
    with Client(cli.url, api_key=cli.driver.key) as client:
        from aiwebhook.client.contents import artifact_bytes  # noqa: PLC0415 as the CLI

        for session_id in ("plan", "side"):
            for each in client.artifacts(session_id, limit=100)["artifacts"]:
                kept.add(artifact_bytes(client.artifact(each["artifact_id"])))
    files = {path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert files - kept == set()


def test_a_dry_run_writes_nothing_and_tells_what_is_missing(cli: CommandLine, folder: Path) -> None:
    dry = migrate(cli, folder, "--dry-run", "--archive-to", str(folder / "done"))

    assert dry["missing"] == len(dry["items"])
    assert (dry["archived"], everything(cli)) == (0, {})
    done = migrate(cli, folder)
    hashes = [[item["sha256"] for item in run["items"]] for run in (dry, done)]
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("after", range(0, 16, 3))
def test_a_run_that_is_killed_goes_on_when_it_is_started_again(
    cli: CommandLine, folder: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Killed after its n-th item: the answer came, or was lost behind the commit."""
    real, written = migration.write_item, 0

    def killed(*arguments: Any) -> None:
        nonlocal written
        real(*arguments)
        written += 1
        if written > after:
            raise Unavailable("killed")

    monkeypatch.setattr(migration, "write_item", killed)
    outcome = cli("migrate", "json-to-postgres", str(folder), "--archive-to", str(folder / "done"))
    assert outcome.code == 1
    monkeypatch.setattr(migration, "write_item", real)
    assert (folder / "plan").exists()

    again = migrate(cli, folder, "--archive-to", str(folder / "done"))
    assert again["skipped"] == []
    assert again["there"] >= after
    assert again["archived"] == (2 if (folder / "done/side").exists() else 1)
    held = everything(cli)
    assert [each["version"] for each in held["plan"][2]["memories"]] == [1, 1]
    assert held["plan"][0]["stats"]["conversation_chunks"] == 2


def test_what_is_damaged_is_named_and_the_rest_arrives(
    cli: CommandLine, folder: Path, tmp_path: Path
) -> None:
    write(folder / "plan/conversation/chunk_c5.json", b'{"content": "half')
    write(folder / "plan/memories/nan.json", b'{"content": NaN}')
    write(folder / "plan/tasks/empty.json", b"")
    write(folder / "torn/session.json", b"\xff\xfe{")
    write(folder / "plan/conversation/chunk_c6.json", {"content": "a\0b"})
    secret = tmp_path / "private" / "secret"
    secret.parent.mkdir()
    secret.write_text("not yours")
    (folder / "plan/artifacts/link.txt").symlink_to(secret)
    (folder / "plan/elsewhere").symlink_to(secret.parent)
    (folder / "away").symlink_to(tmp_path)
    os.mkfifo(folder / "plan/artifacts/pipe.txt")

    done = migrate(cli, folder, "--archive-to", str(folder / "done"))

    assert {each["path"] for each in done["skipped"]} == {
        "away",
        "torn/session.json",
        *(
            f"plan/{path}"
            for path in (
                "conversation/chunk_c5.json",
                "conversation/chunk_c6.json",
                "memories/nan.json",
                "tasks/empty.json",
                "artifacts/link.txt",
                "artifacts/pipe.txt",
                "elsewhere",
            )
        ),
    }
    assert done["archived"] == 1
    assert (folder / "plan").exists(), "an original of which something was skipped stays"
    assert "not yours" not in json.dumps(everything(cli))
    shown = cli("migrate", "json-to-postgres", str(folder))
    assert shown.code == 1
    assert "is a symbolic link" in shown.out


def test_names_that_lead_out_of_the_folder_are_only_names(cli: CommandLine, folder: Path) -> None:
    write(folder / "plan/session.json", {"session_id": "../../etc", "title": "PLAN"})
    write(folder / "plan/conversation/chunk_c1.json", {"chunk_id": "../x", "content": "Words"})

    done = migrate(cli, folder, "--archive-to", str(folder / "done"))

    assert done["skipped"] == []
    assert sorted(path.name for path in (folder / "done").iterdir()) == ["plan", "side"]
    assert migrate(cli, folder / "done")["written"] == 0


def test_another_session_of_the_same_id_is_left_alone(cli: CommandLine, folder: Path) -> None:
    cli.driver.post("/v1/sessions", {"session_id": "plan", "title": "Another"})
    before = without_age(everything(cli))["plan"]

    done = migrate(cli, folder)

    assert [each["path"] for each in done["skipped"]] == ["plan"]
    assert without_age(everything(cli))["plan"] == before


def test_what_was_changed_since_is_neither_overwritten_nor_archived(
    cli: CommandLine, folder: Path
) -> None:
    migrate(cli, folder)
    write(folder / "plan/memories/metal.json", {"type": "decision", "content": "Iron."})

    done = migrate(cli, folder, "--archive-to", str(folder / "done"))

    assert {each["path"] for each in done["skipped"]} == {"plan/memories/metal.json"}
    assert (folder / "plan").exists()
    kept = everything(cli)["plan"][2]["memories"]
    assert [each["content"] for each in kept if each["key"] == "metal"] == ["Copper."]


def test_a_folder_that_changes_meanwhile_is_not_archived(
    cli: CommandLine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = migration.write_item

    def meanwhile(*arguments: Any) -> None:
        real(*arguments)
        write(folder / "side/memories/late.json", {"type": "note", "content": "Late."})

    monkeypatch.setattr(migration, "write_item", meanwhile)
    done = migrate(cli, folder / "side", "--archive-to", str(folder / "done"))
    assert [each["path"] for each in done["skipped"]] == ["side"]
    assert migrate(cli, folder / "side", "--archive-to", str(folder / "done"))["archived"] == 1


def test_a_path_that_is_not_a_folder_is_reported(cli: CommandLine, nowhere: Path) -> None:
    refused = cli("migrate", "json-to-postgres", str(nowhere / "none"))
    assert refused.code == 2
    assert "is not a folder" in refused.err


@pytest.mark.req("S6", "S7")
def test_a_folder_that_the_json_store_wrote_moves_without_anything_skipped(
    cli: CommandLine, tmp_path: Path
) -> None:
    driver = open_folder(tmp_path / "store")
    driver.send("create_session", "plan", {"title": "Plan", "participants": ["ana"]})
    for words in ("Ana: copper", "Bo: why?"):
        driver.send("append_conversation", "plan", {"content": words})
    driver.send("store_memory", "plan", {"type": "decision", "content": "copper", "key": "roof"})
    driver.send("add_artifact", "plan", {"name": "x.md", "type": "t", "content": "# X"})
    for each in driver.opened:
        each.close()
    done = cli("--json", "migrate", "json-to-postgres", str(tmp_path / "store"))
    assert (done.code, done.json["skipped"], done.json["sessions"]) == (0, [], 1)
    summary = cli("--json", "session", "summary", "plan").json
    assert (summary["title"], summary["stats"]["conversation_chunks"]) == ("Plan", 2)
