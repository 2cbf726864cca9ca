"""The archive from which the next attempt continues: the work as bundles, and
the CLI's conversation.

Members: checkpoint.json, work.bundle, others.bundle, home/<paths below HOME>. Regular files only.
The agent's HOME is read with the agent's rights, so a link there leads nowhere it could not go
itself; unpacking makes no links, so none can lead outside.
"""

# ruff: noqa: PLC0415 - reason: short runs save none, and the agent waits for what is imported here
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aiwebhook_runner.jsons import JsonObject, decode_object, encode
from aiwebhook_runner.process.isolation import AgentUser, acting_as

if TYPE_CHECKING:
    import tarfile

DATA = "checkpoint.json"
BUNDLE = "work.bundle"
OTHERS = "others.bundle"
"""Work beside HEAD."""
HOME = "home"
UNPACKED = 4
"""How large an archive may unpack, as a multiple of its size limit."""
_BLOCK = 1024 * 1024
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class CheckpointTooLarge(ValueError):
    """The archive would be over its limit."""


class Unreadable(ValueError):
    """The archive is not one of ours, or broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A checkpoint to store. `archive` is None if it would have been too large. Then, and when the
    conversation did not fit, `data` has no cli_session_id.
    """

    data: JsonObject
    archive: Path | None = None
    sha256: str | None = None
    size: int = 0


def pack(
    archive: Path,
    data: JsonObject,
    *,
    bundles: Iterable[Path],
    state: "CliState",
    user: AgentUser | None,
) -> None:
    """Write the archive, replacing an earlier one atomically. Raises CheckpointTooLarge, leaving
    no new file.
    """
    import tarfile

    part = archive.with_suffix(".part")
    try:
        with (
            part.open("wb") as file,
            tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as tar,
        ):
            _add(tar, DATA, encode(data))
            for bundle in bundles:
                tar.add(bundle, bundle.name, recursive=False, filter=_anonymous)
            with acting_as(user):
                for name, content in state.files():
                    _add(tar, f"{HOME}/{name}", content)
                    if file.tell() > state.limit:
                        raise CheckpointTooLarge(f"more than {state.limit} bytes")
        if part.stat().st_size > state.limit:
            raise CheckpointTooLarge(f"more than {state.limit} bytes")
        part.replace(archive)
    finally:
        part.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class CliState:
    """The CLI's own files, read with the agent's rights."""

    home: Path
    paths: tuple[str, ...]
    limit: int
    """Bytes, of the archive and of each file."""

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Name below HOME, and content. Raises CheckpointTooLarge for a file that can never fit."""
        for path in self.paths:
            start = self.home / path
            yield from self._read([start])
            for parent, folders, names in os.walk(start):
                folders.sort()
                yield from self._read(Path(parent, name) for name in sorted(names))

    def _read(self, files: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
        most = UNPACKED * self.limit
        for file in files:
            content = _content(file, most)
            if content is None:
                continue
            if len(content) > most:
                raise CheckpointTooLarge(f"{file.name} is too large")
            yield str(file.relative_to(self.home)), content


def _content(file: Path, most: int) -> bytes | None:
    """At most `most` + 1 bytes. None if it is not a regular file, or not the agent's."""
    try:
        descriptor = os.open(file, _OPEN)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with open(descriptor, "rb", closefd=False) as opened:
            return opened.read(most + 1)
    finally:
        os.close(descriptor)


def unpack(archive: Path, folder: Path, *, limit: int) -> JsonObject:
    """The data; afterwards `folder` has work.bundle and home, if the archive
    has. Raises Unreadable.
    """
    import gzip
    import tarfile

    try:
        with gzip.open(archive) as whole:  # to its end, where the checksum is
            left = UNPACKED * limit
            while block := whole.read(_BLOCK):
                left -= len(block)
                if left < 0:
                    raise Unreadable("the archive unpacks to more than a checkpoint may hold")
            whole.seek(0)
            with tarfile.open(fileobj=whole) as tar:
                tar.extractall(folder, filter=_plain_files)  # noqa: S202 - with a filter
        return decode_object((folder / DATA).read_bytes())
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError) as exc:
        raise Unreadable(f"{type(exc).__name__}: {exc}") from exc


def digest_of(file: Path) -> str:
    """SHA-256 in hex."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _add(tar: "tarfile.TarFile", name: str, content: bytes) -> None:
    import tarfile

    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o600
    tar.addfile(member, io.BytesIO(content))


def _anonymous(member: "tarfile.TarInfo") -> "tarfile.TarInfo":
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = 0
    return member


def _plain_files(member: "tarfile.TarInfo", path: str) -> "tarfile.TarInfo | None":
    """The standard filter, preceded by checks for its known holes."""
    import tarfile

    return tarfile.data_filter(member, path) if member.isreg() else None
