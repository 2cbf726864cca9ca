"""German. Cues of a question what is new."""

from __future__ import annotations

NEWS = (
    (
        5,
        (
            r"{start}wie (?:weit|läuft|läuft's|laufen|lief|steht|steht's|stehen|geht|geht's|kommt"
            r"|kommen|sieht|sieht's|schaut|schaut's|macht|schlägt|ist der"
            r"|ist die lage)\b(?! ich\b)(?!.*\bwetter\b)"
        ),
    ),
    (
        5,
        r"\bwie lang\w*\b(?: \S+){,8} (?:noch|dauert|brauch\w*|dauern|läuft|laufen|dran|schon)\b",
        r"^(?!.*\b(?:haben|hatten|wollten) (?:wir|ich)\b)",
    ),
    (5, r"\bwann\b(?: \S+){,8} (?:fertig|durch|so ?weit|zu ende|abgeschlossen|erledigt|bereit)\b"),
    (4, r"{asks}{verb_first}\b(?! (?:ich|wir|du|ihr|man|das|es)\b)", r"{progress}"),
    (
        4,
        (
            r"{asks}(?:konnte|konnten|ist|sind|wird|wurde"
            r"|wurden)\b(?: \S+){1,8} {participle} (?:werden|worden)(?=$| ,)"
        ),
    ),
    (
        5,
        (
            r"\bwie ?viele?\b(?: \S+){,8} (?:{participle}|fertig|noch|schon|übrig|geschafft|offen"
            r"|fehlen|fehlt)(?=$| ,)"
        ),
        r"^(?!.*\b(?:haben|hatten|habe) (?:ich|wir)\b)(?!.*{kept})",
    ),
    (
        5,
        r"\b(?:aufzählen|auflisten|aufzähl\w*|liste\w*|zähl\w*|nenn\w*|zeig\w*|was|welche\w*)\b",
        (
            r"\b(?:laufende\w*|offene\w*|aktuelle\w*|ausstehende\w*|unerledigte\w*"
            r"|aktive\w*) (?:\w*arbeiten|\w*aufgaben|\w*aufträge|jobs|tasks|agenten|sachen"
            r"|vorgänge)\b"
        ),
    ),
    (4, r"{asks}{verb_first}(?: \S+){,3} (?:@|&)"),
    (
        4,
        r"^(?:ist|sind|wurde|wurden) (?:de[nmr]|die|das|mein\w*|unser\w*|\w+s)\b(?! da\b)",
        r"{participle}(?: worden)?(?=$| ,| oder)",
    ),
    (
        4,
        (
            r"^(?:ist|sind) (?:de[nmr]|die|das|mein\w*|unser\w*) \S+ (?:\S+ ){,2}(?:grün|rot|online"
            r"|live|da|drin|raus|offline)(?=$| ,| oder)"
        ),
    ),
    (
        4,
        r"^(?:hat|haben)(?: \S+){,8} (?:{participle}|geschafft|bekommen|hingekriegt)(?=$| ,| oder)",
        r"@|&|\b(?:schon|inzwischen|mittlerweile|jemand|einer|irgend\w*|endlich|alles)\b",
    ),
    (
        5,
        (
            r"\bwas (?:ist|war|hat sich|hat|haben|gibt|gab|läuft|tut"
            r"|passiert)\b(?: \S+){,6} (?:passiert|getan|los|neues|geschehen|fertig|geworden"
            r"|erreicht|geschafft|gelaufen|bewegt|erledigt|vorangegangen)\b"
        ),
    ),
    (
        5,
        (
            r"\bwas (?:macht|machen|treibt|treiben|tut|tun|hat|haben|sagt|sagen"
            r"|meint)(?: \S+){,3} (?:@|&)"
        ),
    ),
    (5, r"\bwas (?:macht|machen) (?:de[nr]|die|das|mein\w*|unser\w*)\b"),
    (5, r"\bwas (?:ist|wurde|wird) (?:\S+ )?(?:aus|mit) (?:@|de[nmr]|mein\w*|unser\w*)\b"),
    (
        5,
        (
            r"\bwor?(?:an|auf|mit) (?:arbeite[nt]|sitz\w+|wart\w+|häng\w+|schraubt|bastelt"
            r"|beschäftig\w+)\b"
        ),
    ),
    (
        5,
        r"{start}(?:wer|welche\w*)\b",
        r"&|@|\b(?:agent|auftr|aufgab|jobs?\b)",
        (
            r"\b(?:noch|schon|gerade|fertig|frei|läuft|laufen|wart\w+|häng\w+|hinkt|fragt|fragen"
            r"|offen|arbeite[nt])\b"
        ),
    ),
    (
        4,
        (
            r"\b(?:gibt|gibt's|gab|habt|hast)\b(?: \S+){,4} (?:fortschritt\w*|neu(?:es|igkeiten)"
            r"|ergebnis\w*|rückmeldung\w*|zwischenst\w+|zwischenergebnis\w*|lebenszeichen|probleme?"
            r"|nachricht\w*|updates?|rückfrag\w*)\b"
        ),
    ),
    (
        4,
        (
            r"{want}(?: \S+){,6} (?:zwischenstand|zwischenbericht|lagebericht|statusbericht|status"
            r"|stand der dinge|stand|bericht|überblick|lage|update|rückmeldung|neueste"
            r"|fortschritt)(?=$| ,| \w+)"
        ),
        r"^(?!.*\bnotiz)(?!.*(?:@) (?:soll|um))",
    ),
    (
        4,
        (
            r"^(?:bitte )?(?:den|einen) (?:\S+ )?(?:stand|status|zwischenstand|überblick|bericht"
            r"|lagebericht)\b"
        ),
    ),
    (
        4,
        (
            r"^(?:status|stand|lagebericht|zwischenstand|update|neuigkeiten|fortschritt"
            r"|statusbericht)\b(?: (?:bitte|von|vom|zu|zum|zur|bei|beim|der|des|mal|,|über)\b|$)"
        ),
    ),
    (
        4,
        (
            r"{start}(?:sag|sagt|erzähl|erzählt|bericht|berichte|verrat|verrate|lass hören"
            r"|melde?)\b(?: \S+){,3} ,? ?(?:ob|wie|was|wo|wer)\b"
        ),
        r"{progress}|@|&|\b(?:läuft|steht|passiert|ist|macht|los)\b(?=$| ,)",
    ),
    (
        4,
        (
            r"\b(?:schon|noch|endlich)\b(?: \S+){,2} (?:fertig|durch|so ?weit|dran|am (?:werk|ball"
            r"|rechnen|arbeiten))(?=$| oder| ,)"
        ),
        r"^(?!(?:ich|wir)\b)",
    ),
    (
        4,
        r"\bob\b(?: \S+){,8} {progress}",
        r"\b(?:weißt du|wissen|wüsste|interessier\w*|sag|guck|schau)\b",
    ),
    (
        4,
        (
            r"{asks}{verb_first} (?:(?:\S+ ){,2}?(?:der|die|den|mein\w*|unser\w*|jemand|irgend\w*"
            r"|alles|was)|das (?:mit\b|(?-i:[A-ZÄÖÜ])\S+)|(?:es|'s) (?:\S+ )?(?:was|etwas|neue\w*"
            r"|fortschritt\w*)|über nacht|inzwischen|schon)\b"
        ),
        (
            r"^(?!\S+ (?:das|es) (?:da|hier|zu|nicht|ein\w*)\b)(?!.*\b(?:notiz\w*|beschl\w+|je"
            r"|jemals|notiert)\b)(?!\S+ (?:ich|wir|du|ihr)\b)"
        ),
    ),
    (
        5,
        (
            r"\b(?:gibt's|gibt es|gab es|gab's|hört man|weiß man|kam)\b(?: \S+){,3} ?(?:was|etwas"
            r"|neue\w*|irgend\w*|ergebnis\w*|fortschritte?)(?: \S+)? (?:zu|zum|zur|von|vom|über|bei"
            r"|beim|aus|für)\b"
        ),
    ),
    (
        5,
        (
            r"\bwer (?:von \S+ )?(?:macht|ist|arbeitet|sitzt|tut|hat|wartet"
            r"|braucht)(?: \S+){,3} (?:was|dran|frei|fertig|beschäftigt|woran|zu tun|mich"
            r"|hilfe)(?=$| ,)|^(?:bitte )?(?:eine? )?(?:kurze?|schnelle?|kleine?"
            r"|knappe?)?\s?(?:zusammenfassung|übersicht|wasserstandsmeldung|lagemeldung|rapport"
            r"|meldung|zwischenmeldung)\b"
        ),
    ),
    (
        5,
        (
            r"\b(?:woran (?:liegt|hängt|hakt)|(?:warum|wieso|wo|weshalb) (?:hängt|hakt|klemmt"
            r"|stockt|dauert))\b|\bwas (?:hält|dauert|klemmt|hakt)\b|\bbis wann\b(?!.*\b(?:wir"
            r"|ich)\b)"
        ),
    ),
    (
        5,
        (
            r"{start}(?:gib|gebt|sag|sagt)(?: mir| uns| mal| bitte)* bescheid\b ,? ?(?:ob|wie|was"
            r"|wo|wer|wann)\b"
        ),
        r"^(?!.*(?:@|&) .*(?:soll|dass))",
    ),
    (
        5,
        (
            r"(?:^|, )(?:bitte )?(?:den |einen |kurzen? )?(?:zwischenstand|lagebericht"
            r"|statusbericht|status|stand der dinge|stand|überblick|lage|update)(?: bitte)?(?=$| ,)"
        ),
    ),
    (
        5,
        (
            r"^(?:muss|müssen|soll|sollen|kann|darf|brauchst du|braucht) (?:ich|wir|mich|jemand"
            r"|wer)? ?(?:\S+ ){,3}(?:was|etwas|irgend\w*)\b(?: \S+)? ?(?:entscheiden|tun"
            r"|beantworten|freigeben|machen|klären|beitragen|wissen|von mir|helfen)?$"
        ),
    ),
    (
        7,
        (
            r"\bwo bleib\w+\b|^(?:und )?kann (?:ich|man|ich's)\b(?: \S+)* (?:schon|jetzt|bereits)\b"
            r"|\bwann (?:kann|können|darf|krieg\w*|bekomm\w*|hab\w*) (?:ich|man|wir)\b"
            r"|^(?:ist )?alles (?:klar|okay|ok|gut|im lot|im griff|in ordnung|paletti)(?= bei| mit"
            r"|$)|^(?:schon |hast du |hat man )?(?:was|etwas|irgendwas) (?:von|vom) (?:@|&) gehört"
            r"|^(?:schon )?was gehört (?:von|vom)\b|\bwomit (?:ist|sind|beschäftigt)\b"
        ),
    ),
    (
        6,
        (
            r"\bwas (?:tut|bewegt|regt|ergibt) sich\b|\bwer (?:ist"
            r"|arbeitet)(?: \S+){,2} (?:am \w+en|am werk|zugange)(?=$)"
        ),
    ),
)
