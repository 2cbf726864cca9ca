"""What a rule is, and the form of a sentence it is matched against."""

import re
from dataclasses import dataclass

FILLER = re.compile(
    r"^(?:(?:okay|ok|so|well|yeah|then|and|but|or|um|uh|uhm|hm|hmm|oh|ah|also|anyway|plus|"
    r"actually|honestly)"
    r"(?:[,.!?;:…–—-]+\s+|\s+)"
    r"|(?:yes|yep|yup|no|great|cool|good|perfect|right|alright|all right|sure|of course|fine|"
    r"exactly|true|nice|"
    r"wonderful|absolutely|definitely|thanks|thank you|sorry|please|wait|look|listen|you're "
    r"right|good point|"
    r"i guess|i think|in that case|for now|convinced|agreed|done|ha|my bad|"
    r"understood)[,.!?;:…–—-]+\s+)+"
)
"""Words that open a sentence and mean nothing; the second group only with a comma after them,
because "no comparison", "right now" and "fine with me" do.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRule:
    """`reason` goes into the memory's source, so that a reader can see why it was taken."""

    kind: str
    reason: str
    pattern: re.Pattern[str]
    confidence: float
    unless: re.Pattern[str] | None = None
    whole: bool = False
    """Match the sentence with its fillers, and with a short "Agreed." before it."""
    answers: bool = False
    """Holds only in a turn that answers a question."""

    def fits(self, plain: str, whole: str, *, answers: bool) -> bool:
        """Whether the rule matches; `plain` is without fillers."""
        if self.answers and not answers:
            return False
        text = whole if self.whole else plain
        return bool(self.pattern.search(text)) and not (self.unless and self.unless.search(text))


def rule(  # noqa: PLR0913 (a row of a table, not a call)
    kind: str,
    reason: str,
    pattern: str,
    confidence: float,
    unless: str = "",
    *,
    whole: bool = False,
    answers: bool = False,
) -> TextRule:
    """One row of a table of rules."""
    return TextRule(
        whole=whole,
        answers=answers,
        kind=kind,
        reason=reason,
        pattern=re.compile(pattern),
        confidence=confidence,
        unless=re.compile(unless) if unless else None,
    )


def rule_text(text: str) -> str:
    """The sentence as the rules match it."""
    lowered = whole_text(text)
    return FILLER.sub("", lowered) or lowered


def whole_text(text: str) -> str:
    """Lower case, plain apostrophes, single blanks."""
    return " ".join(text.lower().replace("’", "'").split())
