"""Who is to do what until when: promises, accepted requests, accepted offers, assignments."""

import re
from dataclasses import replace

from aiwebhook_agents.extraction.conversation import ParsedConversation
from aiwebhook_agents.extraction.items import Finding
from aiwebhook_agents.text.action_rules import ACTIONS, ANAPHORIC, OFFER, OFFER_NOT, REQUESTS
from aiwebhook_agents.text.answers import ACCEPT_STRONG, ACCEPT_WEAK, DECLINE, DONE_ANSWER, TAKES_ON
from aiwebhook_agents.text.dates import find_due, parse_day
from aiwebhook_agents.text.rules import TextRule
from aiwebhook_agents.text.words import content_words

TURNS_BACK = 5
"""Sentences. What "I'll do it" refers to was said just before."""
REPLY_SENTENCES = 3
SELF_CONTAINED = 7
"""Words. "I'll take it out of the mock-ups" says enough by itself."""
WELCOME = re.compile(
    r"^(?:\W*)(?:please|thanks|thank you|great|good|perfect|wonderful|lovely|super|that would be|"
    r"awesome|nice)\b"
)
ADDRESSED = re.compile(
    r"^(?:[a-z ]+, )?([A-ZÀ-Þ][\w-]+)(?:, | (?:will|is going to|takes|has to|to)\b|'ll\b)"
)
CALLED = re.compile(
    r"(?:^|[,.!] )([A-ZÀ-Þ][\w-]+), (?:can|could|would|will|please|you|\w+)|, ([A-ZÀ-Þ][\w-]+)\?$"
)
OPEN_WORK = re.compile(
    r"^who\b|\b(?:some(?:body|one)|any(?:body|one)) (?:should|has to|needs to|must|could|to)\b|"
    r"\bneeds? to be \w+ed\b|"
    r"\bwe (?:still |also )?need (?:a|an|the|to (?!be\b)\w+)\b|\b(?:is|are) still to be\b"
)


class ActionFinder:
    """One pass over the conversation. A sentence belongs to at most one action item."""

    def __init__(self, talk: ParsedConversation) -> None:
        self._talk = talk
        self._names = {s.speaker.split()[0].lower() for s in talk.sentences if s.speaker}
        self._used: set[int] = set()
        self._pending: list[int] = []
        """Requests, offers and open work that nobody has taken on yet."""

    def find(self) -> list[Finding]:
        """In the order in which the work was taken on."""
        items: list[Finding] = []
        for number in range(len(self._talk.sentences)):
            if number in self._used or not (item := self._at(number)):
                continue
            before = items[-1].at[-1] if items else None
            if ANAPHORIC.search(self._talk.plain[number]) and before and item.at[0] == before:
                items[-1] = self._joined(items[-1], item)
            else:
                items.append(item)
        return items

    def _at(self, number: int) -> Finding | None:
        if self._talk.sentences[number].label == "action_item":
            return self._item((number,), None, "noted as an action item", 0.9)
        if request := self._talk.first_fit(REQUESTS, number):
            return self._request(number, request.reason, request.confidence)
        plain = self._talk.plain[number]
        if ANAPHORIC.search(plain) and not plain.endswith("?"):
            return self._anaphoric(number)
        if rule := self._talk.first_fit(ACTIONS, number):
            return self._promise(number, rule)
        if OFFER.search(plain) and not OFFER_NOT.search(plain):
            return self._offer(number)
        if OPEN_WORK.search(plain):
            self._pending.append(number)
        return None

    def _promise(self, number: int, rule: TextRule) -> Finding | None:
        if self._says_too_little(number):
            return None
        names_owner = "owner" in rule.pattern.groupindex
        owner = self._owner_named(number) if names_owner else self._speaker(number)
        return self._item((number,), owner, rule.reason, rule.confidence)

    def _request(self, number: int, reason: str, confidence: float) -> Finding | None:
        reply = list(self._talk.reply_to(number))[:REPLY_SENTENCES]
        named_owner = self._owner_named(number)
        if not reply:
            return self._item((number,), named_owner, reason, confidence - 0.1)
        answer = self._talk.lowered(reply[0])
        if DONE_ANSWER.search(answer):
            return None
        if DECLINE.search(answer) and not any(self._promises(n) for n in reply):
            return None
        owner = named_owner or self._speaker(reply[0])
        promises = tuple(
            n for n in reply if self._promises(n) or TAKES_ON.search(self._talk.lowered(n))
        )
        if promises:
            replier = self._speaker(reply[0])
            return self._item(
                (number, *promises[:2]), replier or owner, f"{reason}, and it is taken on", 0.85
            )
        return self._item((number,), owner, reason, confidence - 0.05)

    def _anaphoric(self, number: int) -> Finding | None:
        """A promise such as "I'll do it", together with what "it" refers to, if that
        was said before.
        """
        sentence = self._talk.sentences[number]
        own_turn = self._talk.turns[sentence.turn]
        about = next((n for n in reversed(self._pending) if number - n <= TURNS_BACK), None)
        if about in self._used:
            about = None
        if about is None and number - 1 in own_turn:
            about = number - 1
        short = len(self._talk.plain[number].split()) < SELF_CONTAINED
        if about is None and short:
            about = number - 1 if number else None
            if about is None or about in self._used:
                return None
        at = (number,) if about is None else (about, number)
        return self._item(at, sentence.speaker, "takes it on", 0.75)

    @staticmethod
    def _joined(first: Finding, more: Finding) -> Finding:
        """A promise and its confirmation are one piece of work."""
        new = more.at[1:]
        return replace(
            first,
            text=" — ".join([first.text, *(s.text for s in new)]),
            at=(*first.at, *new),
            due=more.due or first.due,
            due_text=more.due_text or first.due_text,
            confidence=max(first.confidence, more.confidence),
        )

    def _offer(self, number: int) -> Finding | None:
        reply = self._talk.reply_to(number)
        answer = self._talk.lowered(reply[0]) if reply else ""
        welcome = (
            WELCOME.search(answer) or ACCEPT_STRONG.search(answer) or ACCEPT_WEAK.search(answer)
        )
        own_turn = self._talk.turns[self._talk.sentences[number].turn]
        confirmed = any(self._promises(n) for n in own_turn if n > number)
        if welcome and not confirmed and self._talk.is_last_of_turn(number):
            return self._item((number,), self._speaker(number), "offers, and it is welcome", 0.65)
        if not any(self._talk.first_fit(ACTIONS, n) for n in own_turn if n > number):
            self._pending.append(number)
        return None

    def _promises(self, number: int) -> bool:
        return self._talk.first_fit(ACTIONS[:4], number) is not None or bool(
            ANAPHORIC.search(self._talk.plain[number])
        )

    def _says_too_little(self, number: int) -> bool:
        """A promise such as "I'll write." names no piece of work; with a day it would."""
        sentence = self._talk.sentences[number]
        return (
            len(content_words(self._talk.plain[number])) < 2
            and find_due(sentence.text, None) is None
        )

    def _item(
        self, at: tuple[int, ...], owner: str | None, reason: str, confidence: float
    ) -> Finding:
        self._used.update(at)
        sentences = tuple(self._talk.sentences[n] for n in at)
        dues = [find_due(s.text, parse_day(s.time)) for s in sentences]
        due = next((d for d in reversed(dues) if d), None)
        return Finding(
            kind="action_item",
            text=" — ".join(s.text for s in sentences),
            at=sentences,
            reason=reason,
            confidence=confidence,
            owner=owner,
            due=due.day if due else None,
            due_text=due.text if due else None,
        )

    def _speaker(self, number: int) -> str | None:
        return self._talk.sentences[number].speaker

    def _owner_named(self, number: int) -> str | None:
        """The person addressed or named, if a participant, or if it looks like a name."""
        text = self._talk.sentences[number].text
        for match in (CALLED.search(text), ADDRESSED.search(text)):
            name = next((group for group in match.groups() if group), None) if match else None
            if name and name.lower() in self._names:
                return name
        match = ADDRESSED.search(text)
        return match.group(1) if match and not self._names else None
