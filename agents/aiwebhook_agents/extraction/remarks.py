"""What is neither a decision nor a promise: open questions, ideas, risks and facts."""

from aiwebhook_agents.extraction.conversation import ParsedConversation
from aiwebhook_agents.extraction.items import Finding
from aiwebhook_agents.text.answers import HEDGE, SMALL_QUESTION, UNSURE_ANSWER
from aiwebhook_agents.text.remark_rules import FACT, IDEAS, OPEN_RULES, QUANTITY, RISKS
from aiwebhook_agents.text.words import content_words

NOTHING_SAID = frozenset(content_words("open question stays remains still point issue thing"))
FIRST_PERSON = ("i ", "i'", "my ", "you ")


def find_remarks(talk: ParsedConversation, taken: set[tuple[str, int]]) -> list[Finding]:
    """Sentences whose (chunk, start) is in `taken` are already a decision or an action item."""
    items: list[Finding] = []
    for number, sentence in enumerate(talk.sentences):
        if (sentence.chunk_id, sentence.start) not in taken:
            found = _remark(talk, number)
            if found:
                items.append(found)
    return items


def _remark(talk: ParsedConversation, number: int) -> Finding | None:
    sentence = talk.sentences[number]
    if sentence.label in ("question", "risk", "idea", "fact", "note"):
        return _item(talk, number, sentence.label, "noted under that heading", 0.9)
    if len(set(content_words(sentence.text)) - NOTHING_SAID) < 3:
        return None
    for kind, rules in (("question", OPEN_RULES), ("risk", RISKS), ("idea", IDEAS)):
        if rule := talk.first_fit(rules, number):
            return _item(talk, number, kind, rule.reason, rule.confidence)
    if sentence.is_question:
        return _open_question(talk, number)
    return _fact(talk, number)


def _open_question(talk: ParsedConversation, number: int) -> Finding | None:
    """A question is open when the answer is unsure, or when nobody answers it."""
    if SMALL_QUESTION.search(talk.whole[number]) or not talk.is_last_of_turn(number, within=1):
        return None
    reply = talk.reply_to(number)
    if reply and any(UNSURE_ANSWER.search(talk.lowered(n)) for n in list(reply)[:2]):
        return _item(talk, number, "question", "asked, and the answer is not known", 0.7)
    last = number == len(talk.sentences) - 1
    if last or (reply and all(talk.sentences[n].is_question for n in reply)):
        return _item(talk, number, "question", "asked, and not answered", 0.5)
    return None


def _fact(talk: ParsedConversation, number: int) -> Finding | None:
    plain = talk.plain[number]
    if plain.startswith(FIRST_PERSON) or HEDGE.search(plain):
        return None
    if not (FACT.search(plain) and QUANTITY.search(plain)):
        return None
    if len(content_words(plain)) < 4:
        return None
    return _item(talk, number, "fact", "states a figure without hedging", 0.6)


def _item(
    talk: ParsedConversation, number: int, kind: str, reason: str, confidence: float
) -> Finding:
    sentence = talk.sentences[number]
    return Finding(
        kind=kind, text=sentence.text, at=(sentence,), reason=reason, confidence=confidence
    )
