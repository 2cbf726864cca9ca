"""Sessions as folders of files, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aiwebhook_cli.folder import exported_session, whole_folder
from tests.cli.conftest import CommandLine
from tests.cli.test_migrate import PNG, folder, migrate, write

__all__ = ["folder"]
pytestmark = pytest.mark.req("S7", "S8")


def files_of(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def export(cli: CommandLine, session_id: str, into: Path) -> dict[str, bytes]:
    outcome = cli("session", "export", session_id, str(into), "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found = files_of(into / session_id)
    assert set(outcome.json["files"]) == set(found)
    return found


def elsewhere(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, another project."""
    monkeypatch.setenv("AIWEBHOOK_API_KEY", cli.driver.other_project().key)


def test_what_was_migrated_is_exported_byte_for_byte(
    cli: CommandLine, folder: Path, nowhere: Path
) -> None:
    migrate(cli, folder)

    for session_id in ("plan", "side"):
        expected = files_of(folder / session_id)
        assert export(cli, session_id, nowhere / "back") == expected


def test_a_session_of_ours_goes_out_in_and_out_again(
    cli: CommandLine, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = cli.driver.post
    post(
        "/v1/sessions", {"session_id": "plan", "title": "T", "context": "C", "participants": ["a"]}
    )
    post("/v1/sessions/plan/conversation", {"content": "Zuerst – “so”.\r\n", "format": "summary"})
    post(
        "/v1/sessions/plan/conversation",
        {"content": "x" * 300_000, "extracted_items": [{"n": 1.0}]},
    )
    post("/v1/sessions/plan/memories", {"type": "idea", "content": {"a": [1]}, "key": "a/../key"})
    post("/v1/sessions/plan/artifacts", {"name": "a.md", "type": "doc", "content": "# A"})
    post(
        "/v1/sessions/plan/artifacts",
        {"name": "shot", "type": "image", "content_base64": "iVBORw0KGgoA/w==", "artifact_id": "s"},
    )
    cli.driver.task("plan", task_id="t1")

    first = export(cli, "plan", nowhere / "one")
    elsewhere(cli, monkeypatch)
    arrived = migrate(cli, nowhere / "one")

    assert arrived["skipped"] == []
    assert first["artifacts/s.bin"] == PNG
    assert "tasks/t1.json" in first
    assert export(cli, "plan", nowhere / "two") == first


def test_what_changed_since_the_migration_is_in_the_export(
    cli: CommandLine, folder: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(cli, folder)
    cli("session", "resume", "plan")
    post = cli.driver.post
    post("/v1/sessions/plan/memories", {"type": "risk", "content": "Price.", "key": "metal"})
    post("/v1/sessions/plan/conversation", {"content": "Later.", "chunk_id": "c9"})

    found = export(cli, "plan", nowhere / "back")

    assert b"Price." in found["memories/metal.json"]
    assert b"Later." in found["conversation/chunk_c9.json"]
    assert b'"active"' in found["session.json"]
    assert found.keys() - {"conversation/chunk_c9.json"} == files_of(folder / "plan").keys()
    elsewhere(cli, monkeypatch)
    assert migrate(cli, nowhere / "back")["skipped"] == []


def test_an_artifact_cannot_name_a_place_outside_the_folder(
    cli: CommandLine, nowhere: Path
) -> None:
    cli.driver.post("/v1/sessions", {"session_id": "plan"})
    for path in ("../../x", "/etc/x", "a//b", ""):
        body = {"name": "x", "type": "original", "content": "x", "metadata": {"earlier": path}}
        cli.driver.post("/v1/sessions/plan/artifacts", body)
    found = export(cli, "plan", nowhere / "out" / "deep")
    assert len(found) == 5
    assert sorted(each.name for each in (nowhere / "out").iterdir()) == ["deep"]


def test_a_session_that_changes_while_it_is_read_is_read_again(
    cli: CommandLine, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.driver.post("/v1/sessions", {"session_id": "plan"})
    real, changes = exported_session._files, 2  # pyright: ignore[reportPrivateUsage] between two reads

    def meanwhile(*arguments: Any) -> dict[str, bytes]:
        nonlocal changes
        found = real(*arguments)
        if changes:
            changes -= 1
            cli.driver.post("/v1/sessions/plan/conversation", {"content": "News."})
        return found

    monkeypatch.setattr(exported_session, "_files", meanwhile)
    found = export(cli, "plan", nowhere / "out")
    assert len(found) == len(["session.json", "news", "news"])
    changes = 3
    refused = cli("session", "export", "plan", str(nowhere / "other"))
    assert (refused.code, "changed each time" in refused.err) == (1, True)
    assert not (nowhere / "other").exists()


@pytest.mark.parametrize("name", ["_write_file", "_sync_folder"])
def test_a_write_that_is_cut_off_leaves_no_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    files = {"session.json": b"{}", "memories/a.json": b"{}"}

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device", "x")

    with monkeypatch.context() as patched:
        patched.setattr(whole_folder, name, full)
        with pytest.raises(OSError, match="No space"):
            whole_folder.write_whole_folder(tmp_path / "plan", files)
    assert list(tmp_path.iterdir()) == []
    whole_folder.write_whole_folder(tmp_path / "plan", files)
    assert files_of(tmp_path / "plan") == files


def test_a_folder_that_is_there_is_left_alone(cli: CommandLine, nowhere: Path) -> None:
    cli.driver.post("/v1/sessions", {"session_id": "plan"})
    write(nowhere / "out/plan/mine.txt", b"mine")
    refused = cli("session", "export", "plan", str(nowhere / "out"))
    assert refused.code == 1
    assert "is there already" in refused.err
    assert files_of(nowhere / "out") == {"plan/mine.txt": b"mine"}
