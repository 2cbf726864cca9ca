"""Whether two memories say the same.

In doubt they differ: a redundant memory is read twice, one merged by mistake is gone. The same are
texts that differ only in case, spaces and punctuation; in English also in words that add nothing
("please", "the"). Every other word may change the meaning: "not" in any language, a number, a name,
"could", "stopped", "yesterday".
"""

import re
import unicodedata
from collections.abc import Mapping

from aiwebhook_agents.agent_io import as_object
from aiwebhook_agents.memories.memory import TEXT_FIELDS, StoredMemory

LINKS = frozenset({"merged_from", "supersedes"})
_FILLERS = frozenset(
    "a an the please ok okay well so then just really actually basically also let's lets".split()
)
_ENGLISH = frozenset(
    "a an the we you they i it he she our their is are was were be to of and for with on in at by "
    "that this as will should use write not from let's".split()
)
_FOREIGN = frozenset(
    "der die das und nicht kein wir ist ein eine mit auf für zu dem den im le la les et pas nous "
    "est un une des el los las y es que nosotros se il lo che non di e het een niet en wij zijn "
    "och inte vi är att det ikke og em os não do da nie jest na".split()
)
_MARKS = r"[\"'“”„«»‘’()\[\],.:;!…*_`]+"
_BETWEEN_WORDS = re.compile(rf"(?<!\w){_MARKS}|{_MARKS}(?!\w)")
"""Not within a word or number: 1.5 is not 15. Signs that carry a meaning stay: ?, +, -, %, €, #."""


def says_the_same(one: StoredMemory, other: StoredMemory) -> bool:
    """Symmetric. Their other fields must agree too: two owners of one task are two tasks."""
    return one.type == other.type and same_words(one.text, other.text) and _fields_agree(one, other)


def same_words(one: str, other: str) -> bool:
    first, second = _plain(one), _plain(other)
    if first == second:
        return bool(first)
    if not (_is_english(first) and _is_english(second)):
        return False
    bare = _without_fillers(first)
    return bool(bare) and bare == _without_fillers(second)


def _plain(text: str) -> tuple[str, ...]:
    text = unicodedata.normalize("NFC", text).lower().replace("’", "'")
    return tuple(_BETWEEN_WORDS.sub(" ", text).split())


def _is_english(words: tuple[str, ...]) -> bool:
    """Whether its small words are English and of no other language."""
    known = set(words)
    return (
        len(known & _ENGLISH) > 0
        and not known & (_FOREIGN - _ENGLISH)
        and all(word.isascii() for word in known)
    )


def _without_fillers(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _FILLERS)


def _fields_agree(one: StoredMemory, other: StoredMemory) -> bool:
    """Whether one of them has everything that the other says besides the text."""
    first, second = _fields(one.content), _fields(other.content)
    return first.items() <= second.items() or second.items() <= first.items()


def _fields(content: object) -> Mapping[str, str]:
    fields = as_object(content)
    named = next((name for name in TEXT_FIELDS if isinstance(fields.get(name), str)), None)
    return {name: repr(value) for name, value in fields.items() if name not in {named, *LINKS}}
