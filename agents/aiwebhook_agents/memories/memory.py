"""A stored memory as the agents read it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiwebhook_agents.agent_io import as_list, as_object
from aiwebhook_agents.text.words import content_words, words

NEGATIONS = frozenset(
    {"not", "no", "never", "without", "won't", "don't", "isn't", "aren't", "can't", "cannot"}
)
TEXT_FIELDS = ("text", "content", "title", "summary", "description")
"""Fields of an object that may have its text, the likeliest first."""
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMemory:
    """`position` is the place in the session's order; with equal times the later one is newer."""

    key: str
    type: str
    content: object
    text: str
    tags: tuple[str, ...] = ()
    source: Mapping[str, object] = field(default_factory=dict[str, object])
    position: int = 0

    @classmethod
    def read(cls, data: Mapping[str, object], position: int) -> "StoredMemory":
        """From the run's context."""
        content = data.get("content")
        return cls(
            key=str(data.get("key") or ""),
            type=str(data.get("type") or ""),
            content=content,
            text=text_of(content),
            tags=tuple(str(tag) for tag in as_list(data.get("tags"))),
            source=as_object(data.get("source")),
            position=position,
        )

    @property
    def stems(self) -> frozenset[str]:
        """Stems of its content words."""
        return frozenset(content_words(self.text))

    @property
    def fingerprint(self) -> tuple[frozenset[str], bool]:
        """Numbers and negation: where these differ, equal words do not mean the same."""
        negated = (
            sum(word in NEGATIONS or word.endswith("n't") for word in words(self.text)) % 2 == 1
        )
        return frozenset(NUMBER.findall(self.text)), negated

    @property
    def age(self) -> tuple[str, int]:
        """Sorts older before newer."""
        time = self.source.get("time")
        return (time if isinstance(time, str) else "", self.position)


def text_of(content: object) -> str:
    """The text of a memory's content, whatever form the client gave it."""
    if isinstance(content, str):
        return content
    fields = as_object(content)
    for name in TEXT_FIELDS:
        value = fields.get(name)
        if isinstance(value, str) and value:
            return value
    return json.dumps(content, ensure_ascii=False, sort_keys=True)
