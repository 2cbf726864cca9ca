"""German. Cues of what is to be kept, and in which session."""

from __future__ import annotations

REMEMBER = (
    (
        5,
        (
            r"(?:{start}|\b(?:kannst|könntest|würdest|magst) du (?:\S+ ){,3})(?:{keep}"
            r"|{keep_inf})(?=$| )(?! (?:war|ist|kann|macht|ich|wir)\b)(?:(?= \S+)|$)"
        ),
    ),
    (4, r"\b(?:bitte|soll|sollte|muss|gehört|mal|du)\b(?: \S+){,8} {keep_inf}(?=$| ,)"),
    (
        4,
        (
            r"(?:, |\bbitte |\bdas |\bes |\bdir )(?:bitte |mal |so |gut "
            r"|unbedingt )*{keep_inf}(?: bitte)?(?=$| ,)"
        ),
        r"^(?!(?:wie|was|warum|wo)\b)(?!.*\b(?:kann|konnte|will|wollte) (?:ich|man|er)\b)",
    ),
    (
        5,
        (
            r"{start}(?:leg|legt|heb|schreib|schreibt|trag|tragt|halt|haltet|nimm|pack|packt|setz"
            r"|setzt|notier|speicher|hinterleg|sicher|merk|tu|heft|häng|führ)e?\b(?! ich| wir)"
        ),
        (
            r"\b(?:ab|auf|ein|fest|dazu|hinzu|rein|drauf|zu (?:den|meinen) \w*(?:notiz|akten"
            r"|liste)\w*)(?=$| ,)|\b(?:auf|in|zu) (?:die|meine|unsere|den|meinen|der|das"
            r"|mein)(?: \w+)? ?[\w-]*(?:liste|notiz|notizen|zettel|protokoll|gedächtnis|kalender"
            r"|merkliste|akten|buch)\b|{start}(?:leg|trag|heb|halt|schreib|nimm)e? (?:bitte |mal "
            r"|das |dir |es |noch )*(?:ab|ein|auf|fest)\b"
        ),
    ),
    (
        5,
        (
            r"^(?:\w*(?:gedächtnisstütze|merkzettel|notiz|merkposten|memo|merksatz|aktennotiz"
            r"|erinnerung|info|hinweis)|randnotiz|(?:neuer |neue |ein |eine )?(?:beschluss"
            r"|entscheidung|idee|regel|vorsatz|aufgabe für mich|todo|to-do)|zu protokoll"
            r"|fürs protokoll|für die akten|zum merken|zur erinnerung|für später|für (?:meine"
            r"|unsere) (?:notizen|akten|unterlagen|liste)|nicht vergessen|merke)\b(?!\?)"
        ),
        r"^(?!\S+(?: \S+)? (?:ist|war|hat|wird|haben) (?:schwer|schwierig|allen|jedem|ein))",
    ),
    (
        5,
        (
            r"\b(?:erinner|erinnere|erinnert|erinnern sie)\b (?:\S+ )?(?:mich|uns)\b(?!.*^(?:der"
            r"|die|das)\b)"
        ),
        r"^(?!(?:de[rs]|die|das|sie|er|es) \S+ erinnert)",
    ),
    (
        5,
        (
            r"\b(?:mich|uns)\b(?: \S+){,6} (?:erinnern|nicht vergessen lassen"
            r"|daran denken lassen)(?=$| ,)"
        ),
        r"^(?!.*\b(?:kann|konnte|muss) (?:ich|mich))",
    ),
    (
        5,
        (
            r"\b(?:vergiss|vergesst) (?:\S+ ){,2}?nicht\b|\bnicht (?:zu )?vergessen\b"
            r"|\bdass ich (?:\S+ ){,8}nicht (?:vergesse|verpasse)\b|\b(?:darf|dürfen) (?:ich"
            r"|wir) (?:\S+ ){,6}nicht vergessen\b"
        ),
    ),
    (
        5,
        (
            r"{start}(?:wir|ich) (?:haben|habe|hab|sind)(?: (?!nie\b|nicht\b"
            r"|noch\b)\S+){,8} (?:beschlossen|entschieden|geeinigt|vereinbart|festgelegt|abgemacht"
            r"|ausgemacht|verständigt|abgestimmt|einig(?: geworden)?|übereingekommen"
            r"|durchgerungen)\b"
        ),
        r"^(?!.*\b(?:nie|lange|fast)\b)",
    ),
    (
        5,
        (
            r"\b(?:haben|habe|hab|sind) (?:wir|ich)(?: (?!nie\b|nicht\b"
            r"|noch\b)\S+){,8} (?:beschlossen|entschieden|geeinigt|vereinbart|festgelegt|abgemacht"
            r"|ausgemacht|einig(?: geworden)?)\b"
        ),
        (
            r"^(?!(?:haben|habe|hab|sind|was|wann|wo|wie|warum|wer|welche\w*|worauf|wofür|wieso"
            r"|weshalb|für|auf|wozu)\b)(?!.*\b(?:nie|fast)\b)"
        ),
    ),
    (
        5,
        (
            r"\b(?:es|das|hiermit|ab jetzt|ab sofort) (?:ist|wurde|gilt"
            r"|wird)\b(?: \S+){,2} (?:beschlossen|entschieden|vereinbart|beschlossene sache"
            r"|abgemacht|regel)\b|^(?:ab sofort|ab jetzt|künftig|in zukunft|von nun an"
            r"|ab heute) (?:gilt|ist|wird|gibt|machen wir|nehmen wir)\b"
        ),
    ),
    (
        5,
        (
            r"\b(?:auf|in) (?:die|meine|unsere|der|den|meiner) [\w-]*(?:liste|einkaufszettel"
            r"|merkzettel)\b"
        ),
        r"\b(?:muss|müssen|soll|sollen|gehör\w+|kommt|kommen|bitte|fehlt|fehlen|noch)\b",
        r"^(?!.*\b(?:was|lies|zeig)\b)",
    ),
    (
        4,
        (
            r"\b(?:damit|dass) (?:es|das|wir's|ich's|wir es|ich es|du's"
            r"|ihr's) (?:\S+ ){,3}(?:nicht (?:vergesse\w*|verloren\w*|untergeht)|haben|habe|weiß\w*"
            r"|wisst|festhalten)\b"
        ),
    ),
    (5, r"\bbehalt\w*(?: \S+){,3} (?:kopf|hinterkopf|auge|gedächtnis|schirm)\b"),
    (
        4,
        (
            r"\bich (?:mag|bevorzuge|ziehe|möchte|will|hätte)\b(?: \S+){,6} (?:am liebsten|lieber"
            r"|grundsätzlich|immer|generell|vor)\b"
        ),
    ),
    (
        7,
        r"\b(?:erinnert werden|eine erinnerung|ein reminder)\b",
        r"\b(?:will|möchte|muss|brauche|bräuchte|würde|stell|setz|mach|gib|leg)\b",
    ),
    (
        5,
        r"\b(?:sag|sagt|gib|melde|weck|stups|gebt)\b(?: \S+){,8} (?:bescheid|dich|laut)\b",
        (
            r"\b(?:in (?:einer|zwei|drei|fünf|zehn|einem|\w+) (?:\S+ )?(?:minuten?|stunden?|tag\w*"
            r"|woche\w*|monat\w*)|morgen|übermorgen|heute abend|am \w+|um \w+|nächste\w*|später)\b"
        ),
        r"\bdass\b|\b(?:muss|soll|zu \w+en)\b",
    ),
    (
        6,
        (
            r"{start}(?:nimm|trag|schreib|setz|pack|notier)e?\b(?! ich"
            r"| wir)(?: \S+){,7} [\w-]*(?:liste|zettel|notizen|protokoll)(?: \S+){,2} (?:auf|ein"
            r"|drauf|dazu|hinzu)\b"
        ),
    ),
    (
        4,
        (
            r"(?<!-)\b(?:merk\w*|notier\w*|vermerk\w*|festh[aä]lt\w*|festgehalten|dokumentier\w*"
            r"|protokollier\w*|aufschreib\w*|mitschreib\w*|notiz|abspeicher\w*|speichern|eintragen"
            r"|hinterleg\w*|einprägen|behalten)\b(?!-)"
        ),
        (
            r"\b(?:du|dir|dir's|bitte|müssen wir|muss ich|soll|sollst|solltest|kannst|machst|mach"
            r"|wollen wir|gehört|sollten wir|wär|wäre|würde)\b"
        ),
        (
            r"^(?!.*\b(?:hat|habe|hab|hatte|haben|war|waren|wurde|stärke|verrückt|schwer|nie"
            r"|nicht verzichten)\b)(?!.*(?:@|&) (?:soll|kann|muss|könnte))(?!(?:was|wie|wo|wann|wer"
            r"|welche\w*|warum|such|find|lies|zeig|hol|kram|durchsuch)\b)"
        ),
    ),
    (
        5,
        (
            r"{start}(?:merk|schreib|notier|speicher|behalt)e?(?:'s| es| dir's| das) ?(?:dir|auf"
            r"|bitte|mal)?(?=$| |,)"
        ),
    ),
    (
        5,
        (
            r"^(?:zur|nur zur|als) (?:kenntnis\w*|info\w*|erinnerung|notiz|merkhilfe"
            r"|gedächtnisstütze|eintrag)\b|\b(?:ist|gilt|steht) (?:jetzt |damit |hiermit |somit "
            r"|nun )*(?:fix|beschlossen|beschlossene sache|abgemacht|festgelegt|entschieden"
            r"|fest)(?=$| ,)"
        ),
        r"^(?!(?:ist|steht|gilt|wann|wer|was|wie|wo)\b)",
    ),
    (
        5,
        (
            r"{start}(?:leg|mach|erstell|schreib|verfass|setz|nimm"
            r"|häng)e?\b(?: \S+){,3} (?:\w*notiz|vermerk|eintrag|erinnerung|memo|merkzettel"
            r"|aktennotiz)\b"
        ),
        r"^(?!.*(?:@|&))",
    ),
    (
        5,
        r"^(?:ab sofort|ab jetzt|ab heute|von nun an|künftig|in zukunft|ab morgen|ab \w+tag)\b",
        r"^(?!.*(?:@|&))",
    ),
    (
        5,
        (
            r"^für (?:die nachwelt|das archiv|die ablage|unsere unterlagen|den hinterkopf"
            r"|die chronik|das protokoll|die liste)\b|^(?:neue|unsere|unsere neue|noch eine"
            r"|weitere) (?:abmachung|absprache|vereinbarung|regelung|vorgabe|erkenntnis"
            r"|entscheidung|regel|vorliebe|hausregel)\b|\bdamit (?:du|ihr|wir|ich) (?:es"
            r"|das) (?:\S+ ){,2}(?:weißt|wisst|wissen|weiß|hast|habt|haben)\b"
        ),
    ),
)
OPEN = (
    (
        4,
        r"{session_noun}",
        (
            r"\b(?:neu\w*|frisch\w*|eigen\w*|separat\w*|weiter\w+|extra|leer\w*|zusätzlich\w*"
            r"|andere\w*)\b"
        ),
        (
            r"\b(?:mach|macht|machen|öffne|öffnen|eröffn\w*|start\w*|beginn\w*|anleg\w*|leg"
            r"|anfang\w*|fang|aufmach\w*|brauch\w*|bräuchte\w*|hätte|will|möchte|bitte|erstell\w*"
            r"|aufsetz\w*|richt\w*|einricht\w*|gib|her|für|zum|namens|heißt|nenn\w*)\b"
        ),
    ),
    (4, r"^(?:bitte )?(?:eine? )?(?:neu\w*|frisch\w*) {session_noun}"),
    (
        4,
        r"{start}(?:öffne|eröffne|starte?|beginne?|leg|mach|erstelle?|richte?|setz)\b",
        r"\beine? (?:\S+ )?{session_noun}",
    ),
)
SWITCH = (
    (
        4,
        r"{session_noun}",
        (
            r"\b(?:wechsel\w*|wechsle|zurück\w*|weiter|weitermach\w*|fortfahr\w*|fortsetz\w*|fort"
            r"|wieder|rüber|umschalt\w*|umsteig\w*|spring\w*|aufnehm\w*|wiederaufn\w*|hinüber"
            r"|kehr\w*|anknüpf\w*|knüpf\w*|geh|gehe|gehen)\b"
        ),
    ),
    (
        4,
        (
            r"{start}(?:wechsle?|wechsel|spring|kehr|geh|schalt|zurück|weiter|rüber|bring mich|setz"
            r"|knüpf|machen wir|mach|fahr|nimm|lass uns)\w*\b"
        ),
        r"\b(?:zu|zum|zur|in|ins|auf|mit|bei|beim|an|am)\b(?: \S+){1,4}",
        (
            r"\b(?:weiter|zurück|fort|wieder|rüber|hinüber|wechsel\w*|weitermachen|weiterreden"
            r"|weitergehen)\b"
        ),
    ),
    (
        4,
        (
            r"\b(?:ich (?:will|möchte|würde|mag)|lass uns|können wir|könnten wir|wollen wir"
            r"|kannst du|wir (?:machen|gehen|kehren|wechseln)|bitte|jetzt)\b(?: \S+)*? (?:mit|zu"
            r"|zum|zur|in|ins|bei|beim|an)\b(?: \S+){1,5} (?:weitermachen|weiter|zurück\w*|wechseln"
            r"|fortfahren|weiterreden|weiterarbeiten|anknüpfen|rüber\w*)(?=$| ,| bitte)"
        ),
        r"^(?!.*(?:@|&))(?!.*\b(?:nach hause|heim)\b)",
    ),
    (
        4,
        (
            r"\blasst? uns\b(?: \S+)*? (?:wieder|weiter|zurück|noch mal)\b(?: \S+)*? (?:über|zu|zum"
            r"|zur)\b|\b(?:in|zu[rm]?) (?:die |der )?\w+(?:sitzung|session)(?: bitte)?$"
        ),
    ),
    (9, r"\bwo waren wir\b.*\b(?:weiter\w*|zurück)\b"),
)
