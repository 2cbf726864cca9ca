"""Memories and artifacts on the command line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine

pytestmark = pytest.mark.req("S8")
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


def test_a_memory_is_stored_found_read_changed_and_forgotten(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("session", "create", "plan")
    stored = cli(
        "memory", "store", "plan", "decision", "Copper it is.", "--name", "me/tal", "--tag", "m"
    )
    fields = ("--fields", '{"text": "When?", "n": 1}', "--json")
    question = cli("memory", "store", "plan", "question", *fields).json
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Tin it is.\n")))
    again = cli("memory", "store", "plan", "decision", "-", "--name", "me/tal", "--json").json

    assert "me/tal, version 1" in stored.out
    assert again["version"] == 2
    shown = cli("memory", "show", "plan", "me/tal", "--json").json
    assert shown["content"] == "Tin it is.\n"
    assert "Tin it is." in cli("memory", "show", "plan", "me/tal").out
    found = cli("memory", "list", "plan", "--type", "question", "--jsonl", "--json=key,content")
    assert found.out == f'{{"key": "{question["key"]}", "content": {{"n": 1, "text": "When?"}}}}\n'
    assert "Tin" in cli("memory", "list", "plan", "--text", "tin").out
    assert cli("memory", "list", "plan", "--tag", "m").out == "No memories.\n"
    assert cli("memory", "delete", "plan", "me/tal").code == 2, "nobody is there to be asked"
    assert cli("memory", "delete", "plan", "me/tal", "--yes").code == 0
    gone = cli("memory", "show", "plan", "me/tal")
    assert (gone.code, "me/tal" in gone.err) == (1, True)


def test_a_memory_needs_its_text_or_its_fields(cli: CommandLine) -> None:
    for arguments in ((), ("x", "--fields", "{}")):
        wrong = cli("memory", "store", "plan", "idea", *arguments)
        assert (wrong.code, "--fields" in wrong.err) == (2, True)


@pytest.mark.parametrize("raw", [PNG, "Erz – Kupfer\r\n".encode(), b"\xef\xbb\xbfbom"])
def test_an_artifact_goes_in_from_a_file_and_comes_out_with_the_same_bytes(
    cli: CommandLine, nowhere: Path, raw: bytes
) -> None:
    cli("session", "create", "plan")
    (nowhere / "in.png").write_bytes(raw)
    made = cli("artifact", "create", "plan", "ore.png", "@in.png", "--json").json

    for more in (("out.png",), ()):
        written = cli("artifact", "download", made["artifact_id"][:-4], *more, "--json")
        assert written.json["bytes"] == len(raw)
        assert Path(written.json["file"]).read_bytes() == raw
    assert (nowhere / "ore.png").exists()
    shown = cli("artifact", "show", made["artifact_id"], "--json").json
    assert shown["content_type"] == "image/png"
    assert "ore.png" in cli("artifact", "list", "--type", "document", "--session", "plan").out


def test_a_download_replaces_nothing_unless_it_is_told_to(cli: CommandLine, nowhere: Path) -> None:
    cli("session", "create", "plan")
    made = cli("artifact", "create", "plan", "a.md", "new", "--artifact-id", "a").out
    assert "Artifact a:" in made
    (nowhere / "a.md").write_text("old")
    refused = cli("artifact", "download", "a")
    assert (refused.code, "exists" in refused.err) == (1, True)
    assert (nowhere / "a.md").read_text() == "old"
    assert cli("artifact", "download", "a", "--force").code == 0
    assert (nowhere / "a.md").read_text() == "new"
    assert cli("artifact", "download", "a", "-").out == "new"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\\b\\passwd"])
def test_an_artifact_cannot_choose_another_folder(
    cli: CommandLine, nowhere: Path, name: str
) -> None:
    cli("session", "create", "plan")
    cli("artifact", "create", "plan", name, "x", "--artifact-id", "a")
    assert cli("artifact", "download", "a", "--json").json["file"] == "passwd"


@pytest.mark.parametrize("name", ["..", "a/", "-rf"])
def test_a_name_of_no_file_is_reported(cli: CommandLine, nowhere: Path, name: str) -> None:
    cli("session", "create", "plan")
    cli("artifact", "create", "plan", "--artifact-id", "a", "--", name, "x")
    refused = cli("artifact", "download", "a")
    assert (refused.code, "FILE" in refused.err) == (1, True)
    assert list(nowhere.iterdir()) == []


def test_a_files_name_is_completed_by_what_it_holds_no_longer_than_a_screen(
    cli: CommandLine,
) -> None:
    cli("session", "create", "plan")
    cli("artifact", "create", "plan", "a", "short", "--artifact-id", "a")
    cli("artifact", "create", "plan", "b", "long " * 1_000, "--artifact-id", "b")
    assert "short" in cli("artifact", "show", "a").out
    assert "long long" not in cli("artifact", "show", "b").out
    missing = cli("artifact", "create", "plan", "a", "@none")
    assert (missing.code, "No such file" in missing.err) == (2, True)
