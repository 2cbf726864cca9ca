"""A conversation as the finders need it: sentences, their normalised forms, who answers whom."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiwebhook_agents.text.rules import TextRule, rule_text, whole_text
from aiwebhook_agents.text.turns import Sentence, read_sentences

SHORT_ACKNOWLEDGEMENT = 4
"""Words. "Agreed." or "Okay for all?" belongs to the sentence after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedConversation:
    """Lists run in parallel: `plain[i]` and `whole[i]` are what the rules read of `sentences[i]`.
    `turns[t]` is the range of sentence numbers of turn t."""

    sentences: list[Sentence]
    plain: list[str]
    whole: list[str]
    turns: list[range]

    @classmethod
    def read(cls, chunks: tuple[Mapping[str, object], ...]) -> "ParsedConversation":
        """From the chunks of a session, oldest first."""
        sentences = read_sentences(chunks)
        lowered = [whole_text(sentence.text) for sentence in sentences]
        whole: list[str] = []
        for number, sentence in enumerate(sentences):
            before = sentences[number - 1] if number else None
            short = before is not None and before.turn == sentence.turn
            short = short and len(lowered[number - 1].split()) <= SHORT_ACKNOWLEDGEMENT
            whole.append(f"{lowered[number - 1]} {lowered[number]}" if short else lowered[number])
        return cls(
            sentences=sentences,
            plain=[rule_text(sentence.text) for sentence in sentences],
            whole=whole,
            turns=_ranges(sentences),
        )

    def first_fit(self, rules: tuple[TextRule, ...], number: int) -> TextRule | None:
        """The first rule that matches the sentence."""
        plain, whole = self.plain[number], self.whole[number]
        answers = self._answers(number)
        return next((rule for rule in rules if rule.fits(plain, whole, answers=answers)), None)

    def _answers(self, number: int) -> bool:
        """Whether the turn before ended with a question."""
        turn = self.sentences[number].turn
        return turn > 0 and self.sentences[self.turns[turn - 1].stop - 1].is_question

    def reply_to(self, number: int) -> range:
        """The sentences of the next turn, if somebody else speaks; otherwise an empty range."""
        sentence = self.sentences[number]
        if sentence.turn + 1 >= len(self.turns):
            return range(0)
        reply = self.turns[sentence.turn + 1]
        same = self.sentences[reply.start].speaker == sentence.speaker
        other_chunk = self.sentences[reply.start].chunk_id != sentence.chunk_id
        unknown = sentence.speaker is None and other_chunk
        return range(0) if (same and sentence.speaker is not None) or unknown else reply

    def lowered(self, number: int) -> str:
        """The sentence alone with its fillers, which show how an answer begins."""
        return whole_text(self.sentences[number].text)

    def is_last_of_turn(self, number: int, *, within: int = 2) -> bool:
        """An answer refers to the end of what it answers."""
        return number >= self.turns[self.sentences[number].turn].stop - within


def _ranges(sentences: list[Sentence]) -> list[range]:
    ranges: list[range] = []
    start = 0
    for number, sentence in enumerate(sentences):
        following = sentences[number + 1].turn if number + 1 < len(sentences) else None
        if following != sentence.turn:
            ranges.append(range(start, number + 1))
            start = number + 1
    return ranges
