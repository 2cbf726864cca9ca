"""German. Words, and the parts of which patterns are made."""

from __future__ import annotations

BEFORE = (
    r"^(?:(?:wenn(?:'s| es) (?:geht|passt|möglich ist)|wenn (?:möglich|du kannst)"
    r"|(?:hey|hi|hallo)(?: (?:siri|google))?|ok|okay|also|so|nun|na|ähm?|äh|hm+|und|dann"
    r"|jetzt|bitte|gut|mal"
    r"|nochmal(?= bitte)|(?:ich wüsste gern(?:e)?|mich (?:würde )?interessier(?:t|en)|ich "
    r"(?:will|möchte) wissen|weißt du),?(?= (?:was|wie|ob|wo|wann|wer)\b)|eben|ach|du|sag mal"
    r"|lass(?:t)? uns(?: mal| doch)?|hör mal|vielleicht|warte|moment|zuerst|wart|sag"
    r" mir(?: bitte)?(?= (?:zuerst|was|wie|wo"
    r"|wer|ob)\b)|bevor ich(?:'s| es) vergesse)\b|(?:kannst|könntest|würdest|magst|willst) du"
    r"(?: bitte| mal| mir| dir(?= bitte| merken)| noch)*\b|(?:können|könnten|würden|wollen) "
    r"(?:sie|wir)(?: bitte| mal| mir| wieder)*\b|(?:mir )?sagen(?= wie\b)|ich (?:will|möchte"
    r"|würde gern(?:e)?|hätte gern(?:e)?)(?=,? dass?\b)|ich (?:will|möchte),? dass du\b|ich "
    r"(?:will|möchte)(?= (?:zurück|wieder)\b)|ich (?:will|möchte)(?= (?:in|mit|zu|zur|zum)"
    r" .*en$))[,:]? +"
)
AFTER = r"[,]? +(?:bitte|danke|danke schön|für mich|ja|okay|ok|kannst du das machen)$"
COMMON = frozenset(
    "der die das den dem ein eine einen und ist sind war waren zu von in im mit für auf bei was"
    " wer wie wo wann haben hat wir ich du es nicht soll sollen kann noch bitte mal"
    " gib sag frag"
    " lass über aus nach auch wird werden unser unsere mein meine".split()
)
PARTS = {
    "we": r"(?:wir|ich|du|ihr|sie|er|man)",
    "about": (
        r"(?:über|zum|zur|zu|wegen|für|beim|bei|vom|von|mit|am|an)\b(?: (?:den|die|das|der"
        r"|dem)\b)?"
    ),
    "things": (
        r"entscheidung(?:en)?|beschl(?:uss|üsse|uß)|idee(?:n)?|frage(?:n)?|aufgabe(?:n)?"
        r" für mich|to-?do(?:s)?|fakt(?:en)?|tatsache(?:n)?|notiz(?:en)?|vorliebe(?:n)?"
        r"|risik(?:o|en)|erinnerung(?:en)?"
    ),
    "decided": (
        r"(?:beschlossen|entschieden|gesagt|vereinbart|notiert|aufgeschrieben|besprochen"
        r"|festgehalten|festgelegt|ausgemacht|abgemacht|geplant|gespeichert|gewählt"
        r"|überlegt|geeinigt|gedacht|diskutiert|verabredet|erwähnt|geredet"
        r"|gesprochen)"
    ),
    "it": (
        r"(?:es|das|ihn|sie|dies|alles|die (?:aufgabe|arbeit)"
        r"|den (?:auftrag|job|lauf|agenten))"
    ),
    "the": r"(?:(?:den|dem|der|die|das) )?",
    "det": (
        r"(?:(?:de[nmrs]|die|das|diese[nmrs]?|alle[ns]?|meine[nmrs]?|mein|unsere?[nmrs]?|eure"
        r"[nr]?|beide) )"
    ),
    "few": r"[\w'-]+(?: [\w'-]+){,3}",
    "polite": (
        r"(?: (?:bitte|mal|doch|noch|eben|gleich|kurz|sie|du|vielleicht|gern|gerne|jetzt"
        r"|einfach|sofort|auch|wir))*"
    ),
    "session": r"(?:sitzung|session|gespräch|unterhaltung)",
    "somebody": (
        r"(?:(?:irgend ?)?jemanden|irgend ?wen|einen(?: der| deiner| meiner)? agenten|wen)"
    ),
    "halt": (r"(?:stopp?e?n?|brich|brechen|beenden?|halte?n?|storniere?n?)"),
    # At the end of the main clause; not a word like "Abbrechen-Knopf".
    "stopping": (
        r"(?:aufhören|abbrechen|stoppen|anhalten|beenden|stornieren|pausieren|aufgeben"
        r"|abzubrechen|aufzuhören|(?:bleiben|sein|in ruhe) lassen)(?![\w-])(?:,? (?:.+ )?zu \w+en)?"
    ),
    # Up to the next clause: what stands there is not ordered.
    "main": (
        r"(?:(?! (?:warum|wieso|weshalb|ob|wenn|wie|falls|sobald|damit|wo|wann|welche\w*)\b)"
        r".)*"
    ),
    # What is said first; no report, no condition.
    "aside": (
        r"(?:(?!\b(?:sagt?e?|meinte?|glaubt?e?|finde?|denke?|dass|weil|wenn|ob|wie|warum|wieso"
        r"|angeblich|hört|heißt|weiß|was|wo|wer)\b).)+"
    ),
    "finite": (
        r"\b(?:muss|musste|mussten|müssen|wollte|wollten|wollen|sollte|sollten|kann|können"
        r"|konnte|konnten|würde|würden|haben|hat|habe|ist|sind|war|waren|wird|werden|will"
        r"|möchte|wir|ich|er|sie|man|nicht|nie|darf|durfte|durften)\b"
    ),
    # What comes before an answer and means nothing.
    "well": (
        r"(?:(?:ähm?|äh|hm+|oh|ach|also|na|ja|nun|gut|ok|okay|bitte|eigentlich|ich glaube|ich denke"
        r"|wohl"
        r"|um (?:himmels|gottes) willen|du liebe zeit|oh gott|dann|nee|nein|aber)[,]? )"
    ),
    "choosing": (
        r"(?:ich (?:meine?|meinte|nehme?|nähme|will|wollte|möchte|hätte gern(?:e)?|wähle)|nimm"
        r"|nehmen wir"
        r"|lieber|wir nehmen|ich würde sagen|sagen wir|gemeint (?:ist|war)|es (?:ist|war)|mach)"
    ),
    "yes": (
        r"(?:jawoll|jo passt|von mir aus(?: gern(?:e)?)?|meinetwegen|soll mir recht sein|nur zu"
        r"|aber (?:klar"
        r"|gern(?:e)?"
        r"|sicher|natürlich|ja)|gebongt|abgemacht|logo|jap|jup|joa|selbstverständlich|selbstredend"
        r"|gute idee"
        r"|(?:klingt|hört sich) (?:gut|super|prima|vernünftig)(?: an)?|perfekt|super|prima|bestens"
        r"|immer her"
        r" damit|tu(?:'s| es)|mach (?:ruhig|nur|bitte|mal ruhig|das bitte)|bitte (?:gern(?:e)?|ja"
        r"|machen|sehr)"
        r"|ich bitte darum|sehr gern(?:e)?|ja gern(?:e)?|genau so(?: (?:war'?s|war es"
        r"|ist es) gemeint)?"
        r"|das wäre (?:gut|schön|super|nett|prima)|alles klar|geht klar|geht in ordnung|ist (?:gut"
        r"|recht|okay"
        r"|ok|in ordnung)|ganz genau|korrekt|absolut|definitiv|auf alle fälle|allerdings"
        r"|so machen wir(?:'s"
        r"| es| das)?|einverstanden|kannst du machen|darfst du|ruhig|gut so|j|ja|jo|jep|jawohl|doch"
        r"|klar|na klar|sicher|gern(?:e)?|ok(?:ay)?|genau|richtig"
        r"|stimmt|natürlich|passt(?: so)?|einverstanden|auf jeden fall|unbedingt|in ordnung"
        r"|mach(?: das| es| mal)?|tu das|los|leg los|bestätigt|bestätige|bitte|das (?:ist"
        r" richtig|stimmt|passt)|so ist es|freilich|warum nicht|(?:das )?(?:habe?|hab) ich"
        r" gemeint|(?:genau )?das (?:habe?|hab) ich gemeint|danke)"
    ),
    "no": (
        r"(?:lieber doch nicht|ach nee|ach nein|(?:bloß|bitte|lieber|besser|ganz sicher|sicher"
        r"|natürlich|auch|mal lieber) nicht"
        r"|kommt nicht in"
        r" (?:frage|die tüte)|keinesfalls|keineswegs|bewahre|untersteh dich|lass (?:mal|gut sein"
        r"|es gut sein"
        r"|stecken|lieber|ihn|sie|es laufen|laufen|das mal)|doch nicht|eher nicht|noch nicht"
        r"|gar nicht"
        r"|nicht nötig|nicht doch|auf keinsten|negativ|ich (?:hab"
        r"|habe) (?:es )?mir(?: es)? anders überlegt"
        r"|keine(?:r|s|n)?(?: von (?:beiden|denen))?|weder noch|nicht das|nicht (?:der|die|den)"
        r"|nie im leben"
        r"|ach was|schon gut|brauchst du nicht|muss nicht sein|nix da|nichts da|n|nein|nee|ne|nö"
        r"|nicht|(?:lieber|besser|jetzt|doch|bitte) nicht|nicht jetzt"
        r"|auf (?:gar )?keinen fall|niemals|lass(?: es| das)?(?: sein| bleiben)?|vergiss es"
        r"|falsch|mach das nicht|tu das nicht|das (?:ist falsch|nicht|stimmt nicht|will ich"
        r" nicht|meine? ich nicht)|danke)"
    ),
    "verb": (
        r"(?:(?!(?:nicht|gut|laut|oft|fast|selbst|jetzt|erst|zuerst|weit|halt|seit|sonst|meist"
        r"|bestimmt|mit|überhaupt|sagst)\b)\w+t|hatten?|waren?|war|sind|haben?|wollten?|will"
        r"|konnten?|kann|sollten?|soll|mussten?|muss|wurden?|wird|liegen|stehen|kommen"
        r"|gehören|beginnen|lief|kam|lag|stand|gab)"
    ),
    "wish": (
        r"(?:wie wäre(?: es|'s)|ich wäre (?:froh|dankbar|glücklich)"
        r"|ich (?:will|möchte|wünsche mir|würde mir wünschen|würde mich freuen"
        r"|hätte (?:es )?gern(?:e)?|bräuchte|fände es (?:gut|schön|super|toll|fein|besser))"
        r"|es wäre (?:schön|gut|nett|super|toll|fein|hilfreich|prima)"
        r"|mir wäre (?:es )?(?:recht|lieb|geholfen)|sorg dafür|sorgen sie dafür)"
    ),
    # Verbs that order nothing: what somebody should be, have or be called.
    "work": (
        r"(?!(?:.+ )?(?:sein|heißen|kosten|bekommen|kriegen|verdienen|wissen|nicht|nie|können)"
        r"$)(?!nicht\b|nie\b)"
    ),
    "do": (
        r"(?:prüfe?|überprüfe?|schreibe?|baue?|mache?|repariere?|behebe?|füge?|ergänze?|ändere?"
        r"|ersetze?|lösche?|entferne?|erstelle?|aktualisiere?|übersetze?|lies|suche?|finde?"
        r"|vergleiche?|schaue?|sieh|nimm|gib|hole?|zeige?|erkläre?|fasse?|sortiere?|ordne"
        r"|benenne?|räume?|teste?|starte?|installiere?|untersuche?|analysiere?|kümmere?"
        r"|formuliere?|kürze?|verbessere?|optimiere?|erzeuge?|generiere?|sammle?|recherchiere?"
        r"|kläre?|wandle?|stelle?|setze?|leg|richte?|bereite?|plane?|entwirf|zeichne?|rechne?"
        r"|zähle?|verschiebe?|kopiere?|refaktorisiere?|dokumentiere?|liste?|hilf|bring)"
    ),
}
NUMBERS = {
    **{f"{word}{end}": 1 for word in ("obere", "oberste") for end in ("", "n", "r", "s")},
    **{f"mittlere{end}": 2 for end in ("", "n", "r", "s")},
    **{f"{word}{end}": -1 for word in ("untere", "unterste") for end in ("", "n", "r", "s")},
    **{f"erste{end}": 1 for end in ("", "n", "r", "s")},
    **{f"zweite{end}": 2 for end in ("", "n", "r", "s")},
    **{f"dritte{end}": 3 for end in ("", "n", "r", "s")},
    **{f"letzte{end}": -1 for end in ("", "n", "r", "s")},
    "eins": 1,
    "zwei": 2,
    "drei": 3,
    "1": 1,
    "2": 2,
    "3": 3,
}
MEMORIES = {
    "entscheidung": "decision",
    "entscheidungen": "decision",
    "beschluss": "decision",
    "beschlüsse": "decision",
    "beschluß": "decision",
    "idee": "idea",
    "ideen": "idea",
    "frage": "question",
    "fragen": "question",
    "aufgabe für mich": "action_item",
    "aufgaben für mich": "action_item",
    "todo": "action_item",
    "todos": "action_item",
    "to-do": "action_item",
    "to-dos": "action_item",
    "erinnerung": "action_item",
    "erinnerungen": "action_item",
    "fakt": "fact",
    "fakten": "fact",
    "tatsache": "fact",
    "tatsachen": "fact",
    "notiz": "note",
    "notizen": "note",
    "vorliebe": "preference",
    "vorlieben": "preference",
    "risiko": "risk",
    "risiken": "risk",
}
ALL_OF_THEM = frozenset({"alles", "alle"})
EMPTY_TARGETS = frozenset(
    "es das ihn sie er ihm dies aufgabe arbeit auftrag job lauf agent agenten alles alle"
    " sache ding sachen".split()
)
NEWEST = frozenset(
    "letzte letzten letzter letztes neueste neuesten neuester neuestes jüngste jüngsten".split()
)
NOISE = frozenset(
    "der die das den dem des ein eine einen einer mein meine unser unsere von vom mit"
    " für zu zum"
    " zur an am auf bei beim aufgabe aufgaben auftrag job lauf agent agenten bitte"
    " noch schon es"
    " ist sind im in".split()
)
