"""What a brief cites: chunks as [c1], [c2] and so on, memories without a chunk as [m1]."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aiwebhook_agents.agent_io import JsonObject, as_object
from aiwebhook_agents.extraction.items import Finding
from aiwebhook_agents.memories.memory import StoredMemory
from aiwebhook_agents.text.turns import Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Quoted words and their place. `kind` is "sentence" or a type of memory."""

    text: str
    kind: str
    ref: str
    place: JsonObject
    owner: str | None = None
    due: str | None = None

    def as_finding(self, section: str) -> JsonObject:
        """One entry of the output."""
        finding: JsonObject = {"section": section, "text": self.text, "sources": [self.place]}
        optional = {"owner": self.owner, "due": self.due}
        return finding | {name: value for name, value in optional.items() if value}


class Sources:
    """Gives references and remembers which were used."""

    def __init__(self, chunks: tuple[Mapping[str, object], ...]) -> None:
        self._chunks = {str(c.get("chunk_id") or ""): c for c in chunks}
        self._numbers = {chunk_id: number for number, chunk_id in enumerate(self._chunks, start=1)}
        self._memories: dict[str, int] = {}

    def of_sentence(self, sentence: Sentence) -> Quote:
        """A sentence of the conversation."""
        return Quote(
            text=sentence.text,
            kind="sentence",
            ref=self._chunk_ref(sentence.chunk_id),
            place=self._place(
                sentence.chunk_id, sentence.speaker, sentence.time, sentence.start, sentence.end
            ),
        )

    def of_item(self, item: Finding) -> Quote:
        """Something found in the conversation."""
        first = self.of_sentence(item.at[0])
        due = item.due.isoformat() if item.due else item.due_text
        return Quote(
            text=item.text,
            kind=item.kind,
            ref=first.ref,
            place=first.place,
            owner=item.owner,
            due=due,
        )

    def of_memory(self, memory: StoredMemory) -> Quote:
        """A memory: cited by the chunk it came from, else by its key."""
        content = as_object(memory.content)
        source = memory.source
        chunk_id = str(source.get("chunk_id") or "")
        place: JsonObject
        if chunk_id in self._numbers:
            ref = self._chunk_ref(chunk_id)
            place = self._place(
                chunk_id, *(source.get(n) for n in ("speaker", "time", "start", "end"))
            )
        else:
            ref = f"m{self._memories.setdefault(memory.key, len(self._memories) + 1)}"
            place = {"ref": ref}
        return Quote(
            text=memory.text,
            kind=memory.type,
            ref=ref,
            place={**place, "memory": memory.key},
            owner=_text(content.get("owner")),
            due=_text(content.get("due")) or _text(content.get("due_text")),
        )

    def as_said(self, quote: Quote) -> Quote:
        """In the words of the conversation, if it comes from one."""
        place = quote.place
        chunk = self._chunks.get(str(place.get("chunk_id") or ""), {})
        start, end, content = place.get("start"), place.get("end"), chunk.get("content")
        if "memory" in place or not isinstance(content, str):
            return quote
        if not isinstance(start, int) or not isinstance(end, int):
            return quote
        return replace(quote, text=content[start:end])

    def listing(self, used: set[str]) -> list[JsonObject]:
        """The sources that were cited, in the order of their numbers."""
        rows: list[JsonObject] = []
        for chunk_id, number in self._numbers.items():
            if f"c{number}" in used:
                chunk = self._chunks[chunk_id]
                row = {
                    "ref": f"c{number}",
                    "chunk_id": chunk_id,
                    "participants": chunk.get("participants"),
                    "start_time": chunk.get("start_time"),
                }
                rows.append({name: value for name, value in row.items() if value})
        for key, number in self._memories.items():
            if f"m{number}" in used:
                rows.append({"ref": f"m{number}", "memory": key})
        return rows

    def _chunk_ref(self, chunk_id: str) -> str:
        return f"c{self._numbers[chunk_id]}"

    def _place(
        self, chunk_id: str, speaker: object, time: object, start: object, end: object
    ) -> JsonObject:
        place: JsonObject = {
            "ref": self._chunk_ref(chunk_id),
            "chunk_id": chunk_id,
            "speaker": speaker,
            "time": time,
            "start": start,
            "end": end,
        }
        return {name: value for name, value in place.items() if value is not None}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
