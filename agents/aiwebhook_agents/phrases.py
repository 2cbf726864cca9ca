"""Sentences fit to be spoken: no markup, no long lists."""

LONGEST_QUOTE = 160
_NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()


def count_in_words(number: int, one: str, many: str) -> str:
    """For example "one idea" or "40 ideas"."""
    word = _NUMBERS[number] if 0 <= number < len(_NUMBERS) else number
    return f"{word} {one if number == 1 else many}"


def listed(parts: list[str]) -> str:
    """For example "a", "a and b" or "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def quoted(text: str) -> str:
    """One line, cut at a word, without the full stop that the spoken sentence adds."""
    line = " ".join(text.split()).rstrip(".!")
    if len(line) <= LONGEST_QUOTE:
        return line
    return line[:LONGEST_QUOTE].rpartition(" ")[0] + " …"
