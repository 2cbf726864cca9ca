"""Reads a written-down meeting (`examples/meeting.txt`) into the chunks that an LLM would post.

Format: `# name: value` lines on top, `== 09:32:00 Heading ==` opens a chunk,
`[09:30:04] Ana: text` is a turn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_HEADER = re.compile(r"# (?P<name>\w+): (?P<value>.+)")
_SECTION = re.compile(r"== (?P<time>\d\d:\d\d:\d\d) (?P<heading>.+) ==")
_TURN = re.compile(r"\[(?P<time>\d\d:\d\d:\d\d)\] (?P<speaker>[^:]+): (?P<text>.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingChunk:
    """One part of the conversation, as `append_conversation` takes it; times are RFC 3339."""

    chunk_id: str
    content: str
    participants: tuple[str, ...]
    start_time: str
    end_time: str
    heading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A whole conversation."""

    title: str
    participants: tuple[str, ...]
    chunks: tuple[MeetingChunk, ...]

    @property
    def words(self) -> int:
        """How many words were said."""
        return sum(len(chunk.content.split()) for chunk in self.chunks)


def read_meeting(path: Path) -> Meeting:
    """Parse the file. Raises ValueError naming a line that is neither header, heading nor turn."""
    header: dict[str, str] = {}
    sections: list[tuple[str, list[tuple[str, str, str]]]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        if found := _HEADER.fullmatch(line):
            header[found["name"]] = found["value"]
        elif found := _SECTION.fullmatch(line):
            sections.append((found["heading"], []))
        elif (found := _TURN.fullmatch(line)) and sections:
            sections[-1][1].append((found["time"], found["speaker"], found["text"]))
        else:
            raise ValueError(
                f"{path}:{number}: neither '# name: value', '== time heading ==' nor a turn"
            )
    return Meeting(
        title=header["title"],
        participants=tuple(name.strip() for name in header["participants"].split(",")),
        chunks=tuple(
            _chunk(number, header["date"], heading, turns)
            for number, (heading, turns) in enumerate(sections, start=1)
            if turns
        ),
    )


def _chunk(number: int, date: str, heading: str, turns: list[tuple[str, str, str]]) -> MeetingChunk:
    return MeetingChunk(
        chunk_id=f"meeting-{number:02}",
        content="\n".join(f"{speaker}: {text}" for _, speaker, text in turns),
        participants=tuple(dict.fromkeys(speaker for _, speaker, _ in turns)),
        start_time=f"{date}T{turns[0][0]}Z",
        end_time=f"{date}T{turns[-1][0]}Z",
        heading=heading,
    )
