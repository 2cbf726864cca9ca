"""Writes a repository without running git: it is a few files (gitrepository-layout(5)).

`git init` and `git config` cost a process each, copy the machine's templates and hooks unless
forbidden, and make twice the folders.
"""

import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER_MODE = 0o755
OBJECT_MODE = 0o444
"""Whatever our umask is: the agent's user reads the objects it borrows."""

BASE = "refs/aiwebhook/base"
"""Where the run started."""
THEIRS = "refs/aiwebhook/theirs"
"""The branch on the host, as an earlier attempt left it."""
RESULT = "refs/aiwebhook/work"
HEAD = "refs/aiwebhook/head"
"""The agent's last commit; RESULT adds what it had not committed."""
OURS = "refs/aiwebhook/"
OWN_REFS = "refs/agent/"
"""Refs under which a line beside HEAD is bundled, and restored where git has no place for it."""

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
FIRST_COMMIT = "e674e4927cba50bbdd79e551e526d5736a698347"
"""The same first commit for every run without a repository, so that a checkpoint of one fits
another. It has no files.
"""
_WHO = b"AI Webhook agent <agent@aiwebhook.invalid> 946684800 +0000"
_START_OBJECTS = {
    EMPTY_TREE: (b"tree", b""),
    FIRST_COMMIT: (
        b"commit",
        b"tree %s\nauthor %s\ncommitter %s\n\nStart\n" % (EMPTY_TREE.encode(), _WHO, _WHO),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The contents of its files. `refs` are full names → commits."""

    config: str
    branch: str
    """HEAD; the branch need not exist."""
    borrowed: Path | None = None
    """Object folders of other repositories."""
    shallow: bytes | None = None
    """Where their history was cut."""
    attributes: str = ""
    refs: Mapping[str, str] = field(default_factory=dict[str, str])
    stashes: tuple[str, ...] = ()
    """Commits of `git stash`, the newest first."""

    def write(self, folder: Path) -> None:
        """Creates the folder if necessary. Raises OSError."""
        newest = {"refs/stash": self.stashes[0]} if self.stashes else {}
        all_refs = sorted({**self.refs, **newest}.items())
        refs = "".join(f"{commit} {name}\n" for name, commit in all_refs)
        borrowed = os.fsencode(self.borrowed) + b"\n" if self.borrowed else b""
        files = {
            "HEAD": f"ref: refs/heads/{self.branch}\n".encode(),
            "config": self.config.encode(),
            "packed-refs": refs.encode(),
            "objects/info/alternates": borrowed,
            "info/attributes": self.attributes.encode(),
            "shallow": self.shallow or b"",
            "logs/refs/stash": _stash_log(self.stashes),
        }
        _make(folder)
        _make(folder / "objects")
        _make(folder / "refs")
        for name, content in files.items():
            if content:
                path = folder / name
                _make(path.parent)
                path.write_bytes(content)


def _stash_log(stashes: tuple[str, ...]) -> bytes:
    """git finds all stashes but the newest only here."""
    entries: list[bytes] = []
    old = "0" * 40
    for new in reversed(stashes):
        entries.append(b"%s %s %s\tRestored\n" % (old.encode(), new.encode(), _WHO))
        old = new
    return b"".join(entries)


def write_start(objects: Path) -> None:
    """Write FIRST_COMMIT and its tree. Raises OSError."""
    for name, (kind, content) in _START_OBJECTS.items():
        path = objects / name[:2] / name[2:]
        _make(path.parent)
        if not path.exists():
            path.write_bytes(zlib.compress(b"%s %d\0%s" % (kind, len(content), content)))
            path.chmod(OBJECT_MODE)


def config_value(value: str) -> str:
    """Quoted as a value of a configuration (git-config(1), Syntax)."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return f'"{value}"'


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(FOLDER_MODE)
