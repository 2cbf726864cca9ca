"""Words in the form that rules and rankings compare."""

import re
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

STOP_WORDS = frozenset(
    """
    a about above after again all also am an and any are as at be because been before being but
    by can could did do does doing done down for from further get gets got had has have having
    he her here hers him his how i if in into is it its itself just let like ll me might more
    most much must my no nor not now of off on once only or other our ours out over own please
    really s same shall she should so some such t than that the their theirs them then there
    these they thing things this those though through to too under until up us ve very was we
    well were what when where which while who whom why will with would yeah yes yet you your
    yours okay ok sure maybe think know mean kind sort going gonna want need one oh um uh hm d m
    re don doesn didn isn aren wasn won cant dont im youre thats lets its right good great
    actually basically
    """.split()
)


def words(text: str) -> list[str]:
    """Lower-case words in order; typographic apostrophes made plain."""
    return [match.replace("’", "'") for match in WORD.findall(text.lower())]


def content_words(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order."""
    return [stem(word) for word in _bare(text) if word not in STOP_WORDS and len(word) > 1]


def _bare(text: str) -> list[str]:
    """Words without what follows an apostrophe: "we'll" is "we", "Ana's" is "ana"."""
    return [word.partition("'")[0] for word in words(text)]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A light stem: plural and the commonest verb endings. Equal for forms of one word more often
    than not, which is all that similarity needs."""
    for ending, replacement in (
        ("ies", "y"),
        ("sses", "ss"),
        ("ing", ""),
        ("edly", ""),
        ("ed", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)] + replacement
            break
    else:
        if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
            word = word[:-1]
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard, from 0 to 1; 0 when either is empty."""
    if not one or not other:
        return 0.0
    common = len(one & other)
    return common / (len(one) + len(other) - common)
