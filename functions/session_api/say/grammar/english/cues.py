"""English. Cues: what tells the meaning of a sentence that no rule reads from end to end.

A row: points, and the patterns that must all be found for them. `@` is an agent that is named, `&`
agents that are not.
"""

from __future__ import annotations

from session_api.say.grammar.english import (
    cues_delegating,
    cues_keeping,
    cues_news,
    cues_recall,
    cues_refusing,
    cues_working,
)
from session_api.say.grammar.english.cue_words import CUE_PARTS
from session_api.say.grammar.intent import IntentKind
from session_api.say.grammar.language_rules import Cues

_AGAIN = (
    (
        4,
        r"\b(?:again|once more|one more time|repeat|come again|run that by me|what was that)\b",
        (
            r"\b(?:say|repeat|hear|read|tell|slower|louder|slowly|sorry|what|more|time|please|run"
            r"|come|pardon|and)\b"
        ),
        r"^(?:\S+ ){,8}\S+$",
        (
            r"^(?!.*(?:@|&|\b(?:called|named|name|who|where|when|tests?|we|my|our|keep|start"
            r"|run (?:the|it)|try|build|go (?:to|back))\b))"
        ),
    ),
    (
        4,
        (
            r"\b(?:didn't|did not|couldn't|can't|could not|don't)(?: \S+){,2} (?:catch|hear|get"
            r"|understand|follow|make (?:that |it |you )?out)\b(?: \S+){,3}(?:$| ,| the| over"
            r"| with)"
        ),
        r"^(?!.*@)(?!.*\b(?:they|he|she|we)\b)",
    ),
    (4, r"\b(?:missed|lost) (?:that|you|what you said|the (?:first|last|end|beginning))\b"),
    (
        4,
        (
            r"^(?:(?:sorry|pardon|excuse me|hm|what) )*(?:but )?i (?:didn't|couldn't|did not"
            r"|could not|can't)(?: quite| really)? (?:catch|hear|get|understand|follow) (?:that|you"
            r"|it|any|a word|what|a thing|anything)\b"
        ),
    ),
    (
        4,
        (
            r"^(?:(?:say|speak|talk|read|repeat|once|again|a|bit|little|it|that|please|can you"
            r"|could you|and) )*(?:more )?(?:slower|louder|slowly|loudly|clearly)(?: please)?$"
        ),
    ),
)
_MORE = (
    (
        4,
        (
            r"\b(?:more|details?|the rest|further|elaborate|expand|continue|go on|in depth"
            r"|longer version|full (?:story|version|thing)|else|deeper|keep (?:going|talking"
            r"|reading)|carry on|read on)\b"
        ),
        (
            r"\b(?:tell|give|hear|read|go|what|and|please|say|me|on|like|want|into|the|keep|carry"
            r"|elaborate|expand)\b"
        ),
        r"^(?:\S+ ){,7}\S+$",
        (
            r"^(?!.*(?:@|&|\b(?:once more|one more|more time|any more|anymore|longer|no more|start"
            r"|list|note|with the|back|add|i need|we|my|is|are|done)\b))"
        ),
    ),
)
CUES = Cues(
    parts=CUE_PARTS,
    articles=r"the",
    agents=(
        r"\b(?:one of (?:the|my|our|your) agents?|(?:an|any|some|another|the|my|all|all the|all my"
        r"|every|a free|a spare|an idle|any free|whichever) agents?(?: (?:is|that's|who's) (?:free"
        r"|idle|available))?|agents|who(?:ever|mever)(?:'s| is)? (?:free|available|idle|around"
        r"|not busy|got time|has (?:time|capacity))|any(?:one|body) (?:free|available|who's free"
        r"|who is free))\b"
    ),
    corrections=(
        r"\b(?:no wait|wait no|scratch that|i mean|or rather|no sorry|sorry no|no no|hang on(?! to)"
        r"|actually no|correction|no actually|let me rephrase)\b"
    ),
    # Of two kinds with as many points the first is meant: the orders come last.
    points={
        IntentKind.NEWS: cues_news.NEWS,
        IntentKind.RECALL: cues_recall.RECALL,
        IntentKind.REMEMBER: cues_keeping.REMEMBER,
        IntentKind.REPLY: cues_working.REPLY,
        IntentKind.OPEN: cues_keeping.OPEN,
        IntentKind.SWITCH: cues_keeping.SWITCH,
        IntentKind.AGAIN: _AGAIN,
        IntentKind.MORE: _MORE,
        IntentKind.STOP: cues_working.STOP,
        IntentKind.DELEGATE: cues_delegating.DELEGATE,
    },
    gives_up=cues_refusing.GIVES_UP,
    never=cues_refusing.NEVER,
    no_order=cues_refusing.NO_ORDER,
)
