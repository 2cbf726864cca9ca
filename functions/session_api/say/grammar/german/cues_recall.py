"""German. Cues of a question what was kept."""

from __future__ import annotations

RECALL = (
    (4, r"{asking_word}\b", r"{we_past}"),
    (4, r"{asking_word}\b", r"{kept}"),
    (
        3,
        r"{asking_word}\b",
        r"\b(?:noch ?mal|noch gleich|gleich wieder|gleich noch|gleich|doch gleich|noch)\b",
        (
            r"\b(?:war|waren|hieß|hießen|heißt|ging|lautet\w*|kam|lag|stand|wollte\w*|hatten?|ist"
            r"|sind)\b"
        ),
    ),
    (2, r"{asking_word}{then_verb}", r"\b(?:unser\w*|mein\w*|wir|ich|mir|uns)\b"),
    (
        2,
        r"{asking_word}{then_verb}",
        r"\b(?:war|waren|hieß|hießen|lautet\w*|hatte|hatten|sollte|sollten|wollte|wollten)\b",
    ),
    (5, r"{fetch}", r"{store}"),
    (
        5,
        r"{fetch}",
        r"\b(?:ich|wir)\b.*{kept_verb}|{kept_verb}.*\b(?:hatte|habe|hab|hatten|haben)\b",
    ),
    (
        5,
        (
            r"\b(?:durchsuch\w*|durchforst\w*|durchstöber\w*|durchkämm\w*|stöber\w*|wühl\w*"
            r"|kram\w*)\b(?! ich)"
        ),
    ),
    (5, r"\b(?:hilf|helft)(?: \S+){,4} (?:sprünge|gedächtnis)\b"),
    (
        5,
        (
            r"\bich (?:weiß|erinner\w*|komm\w*|krieg\w*|habe?)\b(?: \S+){,5} (?:nicht mehr"
            r"|nicht mehr drauf|vergessen|entfallen)\b"
        ),
        r"\b(?:wie|was|wo|wann|wer|welche\w*|ob|war|hieß)\b",
    ),
    (
        5,
        (
            r"\b(?:steht|stand|gibt|gab|findet|ist|hab|habe|haben)\b(?: \S+){,6} (?:in|unter"
            r"|bei) (?:mein\w*|unser\w*|den) (?:notiz\w*|merk\w*|aufzeichnung\w*|unterlagen"
            r"|erinnerung\w*|listen?)\b"
        ),
        r"^(?!ich\b|wir\b)",
    ),
    (5, r"^(?:hab|habe|haben|hatte|hatten) (?:ich|wir)\b(?! dir schon)", r"{kept_verb}"),
    (
        4,
        (
            r"\b(?:was|alles was|alles)\b(?: \S+){,6} (?:weißt du|du (?:\S+ ){,5}(?:weißt|hast"
            r"|gespeichert)|wissen wir|bekannt)\b"
        ),
    ),
    (
        4,
        (
            r"\b(?:es gab|da war|da gab es|gab es|gab's|hatte ich|hatten wir)\b(?: \S+){,3} (?:doch"
            r"|nicht|mal)\b"
        ),
        (
            r"\b(?:idee\w*|notiz\w*|beschluss|entscheidung\w*|regel\w*|plan|liste|vorschlag"
            r"|gedanke\w*|merk\w*)\b"
        ),
    ),
    (
        3,
        (
            r"\b(?:laut|gemäß|nach) (?:beschluss|absprache|vereinbarung|notiz\w*|protokoll|liste"
            r"|plan|abmachung)\b"
        ),
        r"{asking_word}",
    ),
    (
        5,
        r"\b(?:gab|gibt|gab's|gibt's|existiert|haben wir|hatten wir|hab ich|habe ich)\b",
        (
            r"\b(?:beschl[uü]ss\w*|entscheidung\w*|notiz\w*|idee\w*|vermerk\w*|abmachung\w*"
            r"|vereinbarung\w*|absprache\w*|regel\w*|merk\w*)\b"
        ),
        (
            r"^(?:(?:und|äh|ähm|sag mal|du|noch ?mal) )*(?:gab|gibt|gab's|gibt's|existiert|haben"
            r"|hatten|hab|habe)\b"
        ),
    ),
    (
        2,
        r"{asking_word}\b",
        (
            r"\b(?:damals|seinerzeit|neulich|letztes mal|letzte woche|letzten monat|gestern"
            r"|vorige\w*|eigentlich|seiner zeit|ursprünglich|zuletzt)\b"
        ),
    ),
    (
        4,
        (
            r"{asks}(?:welche[nrms]?|wie ?viele?|wie (?:hieß|heißt|lautet\w*)|wessen|wem"
            r"|wen)(?: \S+)?? ?{then_verb}"
        ),
        r"^(?!.*(?:@|&|\bnoch\b|\bfertig\b|\bagenten\b))",
    ),
    (
        4,
        (
            r"{asks}(?:welche[nrms]?|was für ein\w*) (?:\S+ )?(?:war|waren|war's|sollte|wollte\w*"
            r"|hatte\w*)\b"
        ),
    ),
    (
        4,
        (
            r"{asks}(?:weißt|kennst|wisst|erinnerst) du(?: \S+)?,? (?:noch|mein\w*|unser\w*|die|den"
            r"|das|dich|wie|wo|wann|wer|welche\w*|was)\b"
        ),
        r"^(?!.*(?:@|&))",
    ),
    (
        5,
        (
            r"\b(?:fällt|fallen|will)(?: \S+){,8} (?:nicht|nimmer)(?: mehr)? ein(?:fallen)?\b"
            r"|\bentfallen\b|\bliegt mir auf der zunge\b|\bkomm\w* (?:ich )?(?:\S+ ){,4}nicht"
            r" (?:mehr )?drauf\b|\bnicht mehr auf dem schirm\b"
        ),
    ),
    (2, r"\bwie war (?:das|es|die sache) (?:mit|bei|um|noch)\b", r"{kept_verb}|\bnoch ?mal\b"),
    (
        4,
        (
            r"{asks}wie (?:hieß|heißt|hießen|heißen|lautete?|lauten|groß|hoch|lang|alt|breit|schwer"
            r"|oft|teuer|viel) (?:noch ?mal |noch gleich |gleich |war |ist |sind )*(?:der|die|das"
            r"|mein\w*|unser\w*|\S+s)\b"
        ),
        r"^(?!.*(?:@|&|\beiffelturm\b|\bfertig\b))",
    ),
    (
        5,
        (
            r"\b(?:sag|nenn|gib|lies|zeig|diktier)e?\b(?: mir| uns| bitte"
            r"| mal)* noch ?mal(?: bitte)? (?:die|den|das|der|mein\w*|unser\w*|alle\w*) (?!letzte"
            r"|satz|antwort|teil|ganze|gleiche)"
        ),
        r"^(?!.*(?:@|&))",
    ),
    (
        3,
        (
            r"{asks}wo (?:liegt|liegen|ist|sind|hängt|steht|stehen|steckt) (?:der|die|das|mein\w*"
            r"|unser\w*)\b"
        ),
        r"^(?!.*(?:@|&))",
    ),
    (12, r"\berinner\w* (?:mich|uns)(?: \w+){,2} ,? ?(?:was|wann|wo|wie|wer|welche\w*|wem|wen)\b"),
    (9, r"^(?:steht|stand) (?:da |das |es |schon )?irgendwo\b"),
)
