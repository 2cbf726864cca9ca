"""Decisions: stated outright, or proposed by one and agreed to by another."""

from dataclasses import replace

from aiwebhook_agents.extraction.conversation import ParsedConversation
from aiwebhook_agents.extraction.items import Finding
from aiwebhook_agents.text.action_rules import REQUESTS
from aiwebhook_agents.text.answers import ACCEPT_STRONG, ACCEPT_WEAK, CHOICE, DECLINE, HEDGE
from aiwebhook_agents.text.decision_rules import DECISIONS, PROPOSALS
from aiwebhook_agents.text.words import content_words

FIRM = (
    "let's",
    "shall we",
    "i'd suggest",
    "i would suggest",
    "i suggest",
    "i propose",
    "i'd propose",
    "so we agree",
    "why don't we",
)
"""Openings of a proposal for which a plain "yes" is enough; "we could …" needs more than that."""
VERDICTS = frozenset(
    content_words("final decided settled agreed deal done called out changed minds")
)
"""Words that say that something was decided, but not what."""
LONGEST_CHOICE = 4
"""Content words. A longer answer argues instead of choosing."""
NEAR = 3
"""Turns. A decision stated this soon after a proposal is the proposal's outcome."""


class DecisionFinder:
    """Finds stated decisions first, because they make the proposals before them redundant."""

    def __init__(self, talk: ParsedConversation) -> None:
        self._talk = talk

    def find(self) -> list[Finding]:
        """In the order of the conversation."""
        outright = {
            n: item for n in range(len(self._talk.sentences)) if (item := self._outright(n))
        }
        turns = {self._talk.sentences[n].turn for n in outright}
        agreed = {
            n: item
            for n in range(len(self._talk.sentences))
            if n not in outright and (item := self._agreed(n, turns))
        }
        found = outright | agreed
        return [found[n] for n in sorted(found)]

    def _outright(self, number: int) -> Finding | None:
        sentence = self._talk.sentences[number]
        if sentence.label == "decision":
            return _item((number,), self._talk, "noted as a decision", 0.9)
        rule = self._talk.first_fit(DECISIONS, number)
        if rule is None:
            return None
        if not set(content_words(sentence.text)) - VERDICTS:
            return self._verdict(number)
        reply = self._talk.reply_to(number)
        if reply and rule.confidence < 0.85 and self._is_contradicted(reply[0]):
            return None
        return _item((number,), self._talk, rule.reason, rule.confidence)

    def _verdict(self, number: int) -> Finding | None:
        """For example "I've decided that": the decision is in the sentence before, if by
        the same speaker.
        """
        own_turn = self._talk.turns[self._talk.sentences[number].turn]
        before = number - 1
        if before not in own_turn or self._talk.sentences[before].is_question:
            return None
        if self._talk.first_fit(DECISIONS, before) or "changed" in self._talk.plain[number]:
            return None
        at = (before, number)
        return _item(at, self._talk, "says that what was just said is decided", 0.8)

    def _agreed(self, number: int, decided_turns: set[int]) -> Finding | None:
        """Proposed or offered here, and accepted in the next turn."""
        turn = self._talk.sentences[number].turn
        reply = self._talk.reply_to(number)
        if not reply or not self._talk.is_last_of_turn(number, within=3):
            return None
        if decided_turns.intersection(range(turn, turn + NEAR)):
            return None
        if self._talk.first_fit(REQUESTS, number):
            return None
        if CHOICE.search(self._talk.plain[number]):
            return self._chosen(number, reply[0])
        if not self._talk.first_fit(PROPOSALS, number):
            return None
        return self._accepted(number, reply)

    def _accepted(self, number: int, reply: range) -> Finding | None:
        if len(content_words(self._talk.sentences[number].text)) < 2:
            return None
        answer = self._talk.lowered(reply[0])
        if DECLINE.search(answer) and not ACCEPT_STRONG.search(answer):
            return None
        at = (number, reply[0])
        if any(ACCEPT_STRONG.search(self._talk.lowered(n)) for n in list(reply)[:2]):
            return _item(at, self._talk, "proposed, and agreed to", 0.7)
        firm = self._talk.plain[number].startswith(FIRM)
        weak = ACCEPT_WEAK.search(answer) and not self._talk.sentences[reply[0]].is_question
        return _item(at, self._talk, "proposed, and agreed to", 0.6) if firm and weak else None

    def _chosen(self, number: int, reply: int) -> Finding | None:
        """For example "Excel or CSV?" and the answer "Excel, please"."""
        if HEDGE.search(self._talk.plain[reply]):
            return None
        answer = content_words(self._talk.plain[reply])
        offered = set(content_words(self._talk.plain[number]))
        if not answer or len(answer) > LONGEST_CHOICE or not set(answer) & offered:
            return None
        if self._talk.sentences[reply].is_question:
            return None
        item = _item((number, reply), self._talk, "chooses what was offered", 0.6)
        sentences = self._talk.sentences
        return replace(item, text=f"{sentences[number].text} — {sentences[reply].text}")

    def _is_contradicted(self, reply: int) -> bool:
        answer = self._talk.lowered(reply)
        return (
            bool(DECLINE.search(answer))
            and not ACCEPT_STRONG.search(answer)
            and "problem" not in answer
        )


def _item(at: tuple[int, ...], talk: ParsedConversation, reason: str, confidence: float) -> Finding:
    sentences = tuple(talk.sentences[n] for n in at)
    return Finding(
        kind="decision",
        text=sentences[0].text,
        at=sentences,
        reason=reason,
        confidence=confidence,
    )
