"""Reads a conversation file of this folder and cuts it into chunks that can be posted.

# title: …                        three lines of head: title, date (ISO 8601), participants
== 09:30:00 Heading ==            a new chunk begins
[09:30:04] Ana: Good morning.     who, when, what

python examples/conversation_file.py examples/meeting.txt    prints the chunks as JSON lines
"""

import json
import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

HEAD = re.compile(r"^# (title|date|participants): (.+)$", re.MULTILINE)
SECTION = re.compile(r"^== (\d\d:\d\d:\d\d) (.+) ==\n", re.MULTILINE)
TURN = re.compile(r"^\[(\d\d:\d\d:\d\d)\] ([^:\n]+): ", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The data of one `append_conversation` command; times are UTC."""

    chunk_id: str
    content: str
    format: str
    participants: list[str]
    start_time: str
    end_time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationFile:
    """One conversation, oldest chunk first."""

    title: str
    participants: list[str]
    chunks: list[Chunk]


def read_conversation(path: Path) -> ConversationFile:
    """Raises KeyError naming the line of the head that is missing."""
    text = path.read_text(encoding="utf-8")
    head = dict(HEAD.findall(text))
    date = head["date"]
    _, *parts = SECTION.split(text)
    chunks: list[Chunk] = []
    for number, (start, content) in enumerate(zip(parts[::3], parts[2::3], strict=True), start=1):
        turns = TURN.findall(content)
        chunks.append(
            Chunk(
                chunk_id=f"{path.stem}-{number:02}",
                content=content.strip(),
                format="transcript",
                participants=sorted({name for _, name in turns}),
                start_time=f"{date}T{start}Z",
                end_time=f"{date}T{turns[-1][0] if turns else start}Z",
            )
        )
    people = [name.strip() for name in head["participants"].split(",")]
    return ConversationFile(title=head["title"], participants=people, chunks=chunks)


if __name__ == "__main__":
    for chunk in read_conversation(Path(sys.argv[1])).chunks:
        print(json.dumps(asdict(chunk), ensure_ascii=False))
