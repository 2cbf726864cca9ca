"""The logs of a stack's parts, each in a file of its own: the last lines, and new ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_SUFFIX = ".log"
_MOST_AT_ONCE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class StackLogLine:
    """One line; `part` is the log's file name without suffix: `front`, `lambda`, `task-…`."""

    part: str
    text: str


@dataclass(slots=True, kw_only=True)
class LogFiles:
    """The logs in `folder` of all parts, or of those whose name begins with one of `parts`."""

    folder: Path
    parts: Sequence[str] = ()
    _read_to: dict[Path, int] = field(default_factory=dict[Path, int])

    def last_lines(self, count: int) -> list[StackLogLine]:
        """At most `count` lines of each part, the part that logged last at the end."""
        found: list[StackLogLine] = []
        for path in sorted(self.kept(), key=lambda path: path.stat().st_mtime):
            self._read_to[path] = max(0, path.stat().st_size - _MOST_AT_ONCE)
            lines = self._unread(path)
            found += lines[-count:] if count else []
        return found

    def new_lines(self) -> list[StackLogLine]:
        """Lines logged since the last look, by new parts too."""
        return [line for path in self.kept() for line in self._unread(path)]

    def kept(self) -> list[Path]:
        """The existing log files of these parts."""
        wanted = tuple(self.parts) or ("",)
        return sorted(p for p in self.folder.glob(f"*{_SUFFIX}") if p.name.startswith(wanted))

    def _unread(self, path: Path) -> list[StackLogLine]:
        """The whole lines since the last look; an incomplete last one is left for the next."""
        begin = self._read_to.get(path, 0)
        if path.stat().st_size < begin:
            begin = 0  # truncated by the next start of the stack
        with path.open("rb") as file:
            file.seek(begin)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._read_to[path] = begin + len(whole) + len(newline)
        texts = whole.decode(errors="replace").split("\n") if newline else []
        return [StackLogLine(part=path.name.removesuffix(_SUFFIX), text=text) for text in texts]
