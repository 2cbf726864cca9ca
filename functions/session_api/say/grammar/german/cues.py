"""German. Cues: what tells the meaning of a sentence that no rule reads from end to end.

A row: points, and the patterns that must all be found for them. `@` is an agent that is named, `&`
agents that are not.
"""

from __future__ import annotations

from session_api.say.grammar.german import (
    cues_delegating,
    cues_keeping,
    cues_news,
    cues_recall,
    cues_refusing,
    cues_working,
)
from session_api.say.grammar.german.cue_words import CUE_PARTS
from session_api.say.grammar.intent import IntentKind
from session_api.say.grammar.language_rules import Cues

_AGAIN = (
    (
        4,
        (
            r"\b(?:nicht|nix|kein wort|nur die hälfte|kaum was) (?:richtig |ganz |so ganz |genau "
            r"|gut |akustisch )?(?:verstanden|gehört|mitbekommen|mitgekriegt|kapiert|aufgepasst"
            r"|hingehört|mitgekommen)\b"
        ),
        r"^(?!.*@)(?!.*\b(?:sie|er|kunde\w*|wir) (?:hat|haben)\b)",
    ),
    (
        4,
        (
            r"\b(?:noch ?mal|noch ein\w*|erneut)\b(?! (?:bitte )?(?:die|den|das|der|mein\w*"
            r"|unser\w*) (?!letzte|satz|antwort|teil|ganze))"
        ),
        (
            r"\b(?:sag\w*|von vorne?|langsam\w*|wiederhol\w*|hören|vorlesen|lies|sprich|das letzte"
            r"|laut\w*|deutlich\w*)\b"
        ),
        r"^(?:\S+ ){,7}\S+$",
    ),
    (
        4,
        r"\bwiederhol\w*\b",
        r"^(?:\S+ ){,8}\S+$",
        r"^(?!.*\b(?:test|prüfung|klasse|film|mich|sich)\b)",
    ),
    (
        4,
        (
            r"\bwas (?:hast|hattest|war|meintest|sagtest) (?:du|das)\b(?: \S+){,3}(?: (?:gesagt"
            r"|eben|gerade|noch ?mal))?$"
        ),
    ),
    (4, r"^(?:\S+ ){,2}(?:lauter|langsamer|deutlicher)(?: bitte)?$"),
)
_MORE = (
    (
        4,
        (
            r"\b(?:mehr|weiter|ausführlich\w*|genauer|näher\w*|details?|einzelheiten|rest"
            r"|restliche\w*|fortsetzung|noch|hintergründe)\b"
        ),
        (
            r"\b(?:erzähl\w*|bitte|lies|vor|sag\w*|hören|wissen|red\w*|sprich|text|was|und|gib"
            r"|davon|dazu|darüber|gern\w*|ins detail|geh|führ|hol)\b"
        ),
        r"^(?:\S+ ){,6}\S+$",
        r"^(?!.*(?:@|&|\bnicht\b|\bich\b|\bnoch ?mal\b|\bmach\w*\b|\b(?:fertig|neu\w*|offen)\b))",
    ),
    (
        4,
        (
            r"\b(?:geh|gehe)\b.*\bins detail\b|\bhol\b.*\bweiter aus\b|\bund (?:dann|danach|sonst"
            r"|weiter)(?=$)"
        ),
    ),
    (
        4,
        r"\b(?:fahr|fahre|mach|red|rede|sprich|lies) (?:\S+ ){,2}(?:fort|weiter)\b",
        r"^(?:\S+ ){,8}\S+$",
        r"^(?!.*\b(?:mit|in|bei|im|an|wo|@|&)\b)",
    ),
    (
        4,
        (
            r"^(?:und )?was (?:gibt(?:'s| es)|war|kam|hast du|ist|steht da)?(?: denn"
            r"| da)? ?(?:sonst |noch |alles |dazu |außerdem )+$|\b(?:ausführen|ausholen|vertiefen"
            r"|näher erläutern|genauer erklären|weitererzählen|weiterlesen|weiterreden|fortfahren)$"
        ),
        r"^(?:\S+ ){,6}\S+$",
        r"^(?!.*(?:@|&))(?!.*\b(?:in|mit|bei) )",
    ),
    (
        9,
        (
            r"^(?:und )?was (?:hat|haben) (?:er|sie|es|\w+) (?:denn )?(?:sonst )?noch (?:gesagt"
            r"|geschrieben|gemeint|berichtet)$"
        ),
    ),
)
CUES = Cues(
    parts=CUE_PARTS,
    articles=r"der|dem|den|des|die|das",
    agents=(
        r"\b(?:(?:einen|einem|einer|ein|eine|die|den|alle|meine[rn]?|deine[rn]?"
        r"|irgend ?eine?[nmr]?)(?: (?:der|von den|deiner|meiner|freien?))?) agent(?:en)?\b"
        r"|\bagenten\b|\bwer (?:auch immer )?(?:gerade |eben |grad )?(?:frei ist|zeit hat|luft hat"
        r"|nichts zu tun hat)\b"
    ),
    corrections=(
        r"\b(?:nein warte|nein halt|quatsch|ich meine?|beziehungsweise|ach nein|nee warte"
        r"|nein doch nicht|moment nein|korrektur)\b"
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
