"""Words for `say`: numbers as people speak them, names without markup."""

from __future__ import annotations

_NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()
_SCALES = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def count(number: int, one: str, many: str | None = None) -> str:
    """`three memories`, `one task`, `no artifacts`, `40 tasks`."""
    noun = one if number == 1 else (many or f"{one}s")
    return f"{_NUMBERS[number] if 0 <= number < len(_NUMBERS) else number} {noun}"


def words(name: str) -> str:
    """`conversation_processor` → `conversation processor`."""
    return name.replace("_", " ")


def duration(seconds: float) -> str:
    """About how long: `a few seconds`, `two minutes`, `three hours`."""
    if seconds < 20:
        return "a few seconds"
    if seconds < 60:
        return "less than a minute"
    size, unit = next((size, unit) for size, unit in _SCALES if seconds >= size)
    return "about " + count(round(seconds / size), unit)


def a(noun: str) -> str:
    """`a decision`, `an idea`."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"
