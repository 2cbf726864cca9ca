"""When something is due, as said and, where that is unambiguous, as a date."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_UP_TO_20 = {
    word: number
    for number, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ],
        start=1,
    )
}
ORDINALS = {
    **_UP_TO_20,
    **{f"twenty-{word}": 20 + number for word, number in _UP_TO_20.items() if number < 10},
    "thirtieth": 30,
    "thirty-first": 31,
}

_DAY = "|".join(WEEKDAYS)
_MONTH = "|".join(MONTHS)
_ORDINAL = "|".join(sorted(ORDINALS, key=len, reverse=True))

DUE = re.compile(
    rf"\b(?:(?:by|until|till|before|on|in|for|from|at|not later than|due|after)\s+)?(?:the\s+)?(?:"
    rf"(?P<today>today|tonight|this (?:morning|afternoon|evening)|(?:right )?after (?:this|the) "
    rf"(?:call|meeting)|lunch(?=\W|$))|"
    rf"(?P<tomorrow>tomorrow(?: (?:morning|afternoon|evening|noon|night))?)|"
    rf"(?P<weekday>(?:next |this |coming )?(?:{_DAY})(?: (?:morning|afternoon|evening|noon))?)\b|"
    rf"(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})|"
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?|(?P<ordinal>{_ORDINAL}))(?: of)? "
    rf"(?P<month>{_MONTH})\b|"
    rf"(?P<month2>{_MONTH}) (?:the )?(?:(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?|"
    rf"(?P<ordinal2>{_ORDINAL}))\b|"
    rf"(?P<vague>(?:next|this) (?:week|month|sprint|quarter|year)|end of (?:the )?(?:day|week|"
    rf"month|quarter|year)|"
    rf"(?:mid |early |late )?(?:{_MONTH})(?! i\b)|(?:in )?(?:a|two|three|four|\d+) (?:days|weeks|"
    rf"week|months)|"
    rf"(?:second|first|third|last) week of (?:{_MONTH}))"
    rf")",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """`text` as it was said; `day` is None where the words leave more than one."""

    text: str
    day: date | None


def find_due(text: str, said_on: date | None) -> Due | None:
    """The last date of the sentence: deadlines come last ("tomorrow I write it, by Friday")."""
    found: re.Match[str] | None = None
    for match in DUE.finditer(text):
        if match["vague"] is None or match["vague"].lower() != "may":
            found = match
    if found is None:
        return None
    return Due(text=" ".join(found.group().split()), day=said_on and _day_of(found, said_on))


def parse_day(time: str | None) -> date | None:
    """The date of an ISO 8601 time; None when it is none."""
    try:
        return date.fromisoformat(time[:10]) if time else None
    except ValueError:
        return None


def _day_of(match: re.Match[str], said_on: date) -> date | None:
    if match["today"]:
        return said_on
    if match["tomorrow"]:
        return said_on + timedelta(days=1)
    if match["weekday"]:
        words = match["weekday"].lower().split()
        wanted = next(index for index, name in enumerate(WEEKDAYS) if name in words)
        return said_on + timedelta(days=(wanted - said_on.weekday() - 1) % 7 + 1)
    if match["iso"]:
        return parse_day(match["iso"])
    return _calendar_day(match, said_on)


def _calendar_day(match: re.Match[str], said_on: date) -> date | None:
    month = match["month"] or match["month2"]
    if month is None:
        return None
    number = match["day"] or match["day2"]
    word = match["ordinal"] or match["ordinal2"]
    day = int(number) if number else ORDINALS[word.lower()]
    try:
        coming = date(said_on.year, MONTHS.index(month.lower()) + 1, day)
        return coming if coming >= said_on else coming.replace(year=said_on.year + 1)
    except ValueError:
        return None
