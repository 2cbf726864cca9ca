# reason: a language is one table
"""German rules."""

from __future__ import annotations

from session_api.say.grammar.intent import Kind
from session_api.say.grammar.table import Table

GERMAN = Table(
    language="de",
    before=(
        r"^(?:(?:hey|hi|hallo|ok|okay|also|so|nun|na|ähm?|äh|hm+|und|dann|jetzt|bitte|gut|mal"
        r"|nochmal(?= bitte)|(?:ich wüsste gern(?:e)?|mich (?:würde )?interessier(?:t|en)|ich "
        r"(?:will|möchte) wissen|weißt du),?(?= (?:was|wie|ob|wo|wann|wer)\b)|eben|ach|du|sag mal"
        r"|hör mal|vielleicht|warte|moment|zuerst|wart|sag mir(?: bitte)?(?= (?:zuerst|was|wie|wo"
        r"|wer|ob)\b)|bevor ich(?:'s| es) vergesse)\b|(?:kannst|könntest|würdest|magst|willst) du"
        r"(?: bitte| mal| mir| dir(?= bitte| merken)| noch)*\b|(?:können|könnten|würden|wollen) "
        r"(?:sie|wir)(?: bitte| mal| mir| wieder)*\b|(?:mir )?sagen(?= wie\b)|ich (?:will|möchte"
        r"|würde gern(?:e)?|hätte gern(?:e)?)(?=,? dass?\b)|ich (?:will|möchte),? dass du\b|ich "
        r"(?:will|möchte)(?= (?:zurück|wieder)\b)|ich (?:will|möchte)(?= (?:in|mit|zu|zur|zum)"
        r" .*en$))[,:]? +"
    ),
    after=(r"[,]? +(?:bitte|danke|danke schön|für mich|ja|okay|ok|kannst du das machen)$"),
    common=frozenset(
        "der die das den dem ein eine einen und ist sind war waren zu von in im mit für auf bei was"
        " wer wie wo wann haben hat wir ich du es nicht soll sollen kann noch bitte mal"
        " gib sag frag"
        " lass über aus nach auch wird werden unser unsere mein meine".split()
    ),
    parts={
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
            r"|abzubrechen|aufzuhören|(?:bleiben|sein|in ruhe) lassen)(?![\w-])"
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
        "yes": (
            r"(?:j|ja|jo|jep|jawohl|doch|klar|na klar|sicher|gern(?:e)?|ok(?:ay)?|genau|richtig"
            r"|stimmt|natürlich|passt(?: so)?|einverstanden|auf jeden fall|unbedingt|in ordnung"
            r"|mach(?: das| es| mal)?|tu das|los|leg los|bestätigt|bestätige|bitte|das (?:ist"
            r" richtig|stimmt|passt)|so ist es|freilich|warum nicht|(?:das )?(?:habe?|hab) ich"
            r" gemeint|(?:genau )?das (?:habe?|hab) ich gemeint|danke)"
        ),
        "no": (
            r"(?:n|nein|nee|ne|nö|nicht|(?:lieber|besser|jetzt|doch|bitte) nicht|nicht jetzt"
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
    },
    pending=(
        (
            Kind.NO,
            (
                r"{no}(?:,? (?:{no}|danke|stopp?|abbrechen|warte)){,3}",
                r"abbrechen",
                r"brich (?:das |es )?ab",
                r"stopp?",
                r"egal",
            ),
        ),
        (
            Kind.YES,
            (
                r"{yes}(?:,? {yes}){,3}",
                r"{yes},? (?:brich (?:es |das )?ab|stopp(?: es)?|gib es(?: \w+)?)",
            ),
        ),
        (
            Kind.CHOICE,
            (
                (
                    r"(?:ich (?:meine?|nehme?|will|hätte gern)|nimm|nummer|option|das|die|den|der)?"
                    r"(?: das| die| den| der| nummer| option)* ?(?P<text>erste[nrs]?|zweite[nrs]?"
                    r"|dritte[nrs]?|letzte[nrs]?|eins|zwei|drei|1|2|3)(?: option| aufgabe)?"
                ),
                # By what it is about: the caller compares the words.
                (
                    r"(?:ich (?:meine?|nehme?) )?(?:das|die|den|der|dasjenige|jene[sr]?) (?:mit"
                    r"|über|zu|zum|zur|von|vom|für|wegen|andere) .+"
                ),
            ),
        ),
    ),
    numbers={
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
    },
    memories={
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
    },
    rules=(
        (
            Kind.AGAIN,
            (
                (
                    r"(?:wiederhol(?:e|en)?|sag)(?: (?:das|es|mir das))?(?: (?:bitte|noch ?mal"
                    r"|noch einmal|nochmals))*"
                ),
                r"noch ?mal",
                r"noch einmal",
                r"wie bitte",
                r"was(?: hast du (?:gerade |eben )?gesagt| war das)?(?: noch ?mal)?",
                r"was bitte",
                r"(?:das|es)(?: bitte)?(?: noch ?mal| noch einmal)? (?:wiederholen|sagen)",
                r"(?:das|dich) (?:habe|hab) ich (?:jetzt )?nicht (?:verstanden|gehört|mitbekommen)",
                (
                    r"ich (?:habe|hab) (?:das|dich|es) (?:jetzt )?nicht (?:verstanden|gehört"
                    r"|mitbekommen)"
                ),
                r"wiederhole (?:bitte )?(?:das|den letzten satz|deine antwort)",
                (
                    r"(?:entschuldige|entschuldigung|sorry|verzeihung|pardon)(?: bitte)?,? (?:was"
                    r"|wie|ich (?:habe|hab)|das (?:habe|hab)|da war|kannst du|noch ?mal)\b.*"
                ),
            ),
        ),
        (
            Kind.MORE,
            (
                (
                    r"(?:erzähl(?:e|en)?|sag|lies|gib)(?: sie)?(?: mir)?(?: bitte)? (?:mehr|weiter"
                    r"|den rest|(?:mehr )?details|alles)(?: (?:davon|dazu|darüber|vor))?"
                ),
                (
                    r"(?:und )?(?:weiter|mehr|details|mehr details|und dann|der rest|noch mehr|was"
                    r" noch|sonst noch (?:was|etwas))"
                ),
                r"(?:geht (?:das|es) )?(?:noch )?(?:etwas |ein bisschen |ein wenig )?ausführlicher",
                r"mach{polite} weiter",
                r"lies{polite} weiter",
                r"red{polite} weiter",
                r"sprich{polite} weiter",
                r"mehr (?:dazu|davon|darüber)",
            ),
        ),
        (
            Kind.STOP,
            (
                (
                    r"(?:stopp?|halt|abbrechen|abbruch|brich ab|hör auf|aufhören|stoppen|beenden"
                    r"|beende)(?: (?:es|das|jetzt|damit|sofort))*"
                ),
                (
                    r"(?:{halt}|lösche){polite} (?P<text>{it})(?: (?:ab|an|auf))?(?: (?:was|den"
                    r"|die|das|weil)\b.*)?"
                ),
                # Behind the name stands why: "stoppe den Forscher das dauert zu lange".
                r"(?:stopp?e?|stoppen|beenden?|storniere?n?){polite} {the}(?P<agent>{agent})\b.*",
                r"(?:brich|brechen){polite} {the}(?P<agent>{agent}){polite} ab\b.*",
                r"halte?n?{polite} {the}(?P<agent>{agent}){polite} (?:an|auf)\b.*",
                (
                    r"(?:pfeif|ruf|hol|zieh|pfeifen|rufen|holen|ziehen)e?{polite} {the}"
                    r"(?P<agent>{agent}){polite} (?:zurück|ab|heim|zurück)\b.*"
                ),
                (
                    r"{halt}{polite} {det}.+? (?:von|vom|bei|beim) {the}(?P<agent>{agent})(?: (?:ab"
                    r"|an|auf))?"
                ),
                (
                    r"{halt}{polite} {det}.+?(?: (?:ab|an|auf))?,? (?:was|den|die|das|woran|an"
                    r" de[nmr]) {the}(?P<agent>{agent})\b.*"
                ),
                r"{the}(?P<agent>{agent}){polite} {stopping}",
                # An agent that is to stop must not be given the stopping as work.
                (
                    r"(?:{aside} )?{the}(?P<agent>{agent}) (?:soll|sollte|kann|könnte|darf|muss"
                    r"|möge){main} {stopping}(?:,? .*)?"
                ),
                (
                    r"{the}(?P<agent>{agent}) (?:braucht|muss|soll|sollte)(?: .+)? nicht(?: .+)?"
                    r" (?:weiter\w*|zu \w+)\b.*"
                ),
                (
                    r"(?:sag|sage|sagen|bitte?|bitten|befiehl|richte){polite} {the}"
                    r"(?P<agent>{agent}){main} {stopping}(?: soll(?:en)?| möge| kann| darf| muss)?"
                ),
                r"(?:lass|lasse|lassen){polite} {the}(?P<agent>{agent}){main} {stopping}",
                (
                    r"(?:lass|lasse|lassen){polite} {the}(?P<agent>{agent}) (?:.+ )?nicht(?: \w+)*"
                    r" \w+en"
                ),
                (
                    r"{the}(?P<agent>{agent}),?{polite} (?:hör(?:e|en)?{polite} auf|stopp|halt"
                    r"{polite} an|brich\b.* ab)\b.*"
                ),
                (
                    r"{halt}{polite} {det}(?:aufgabe|arbeit|auftrag|job|task|lauf)n?"
                    r"(?: (?:an|mit|zu|zum|zur|für|namens))? ?{the}(?P<text>.+?)(?: (?:ab|an|auf))?"
                ),
                (
                    r"vergiss{polite} {det}(?:aufgabe|auftrag|job|task)(?: (?:mit|für|zu|zum|zur))?"
                    r" {the}(?P<text>.+)"
                ),
                r"(?:brich|brechen|halte?n?){polite} {det}(?P<text>.+?) (?:ab|an)",
                (
                    r"(?:brich|brechen|halte?n?){polite} (?P<text>(?!dir\b|mir\b|sich\b"
                    r"|dich\b){few}) (?:ab|an)"
                ),
                r"(?:stopp?e?n?|storniere?n?){polite} (?!die session|die sitzung){det}(?P<text>.+)",
                r"(?:stoppe|storniere) (?P<text>{few})",
                r"beenden?{polite} (?!{det}?{session}){det}(?P<text>.+)",
                r"hör(?:e|en|t)?{polite} mit (?P<text>.+?) auf\b.*",
                r"hör(?:e|en|t)?{polite} auf (?:mit|an) {the}(?P<text>.+?)(?: zu arbeiten)?",
                r"{det}(?P<text>(?!.*{finite}){few}) {stopping}",
                r".+, (?:abbrechen|stoppen|stopp?|brich (?P<text>das|es|ihn) ab)",
            ),
        ),
        (
            Kind.REPLY,
            (
                (
                    r"(?:sag|sage|antworte|schreib|richte)n?{polite} (?:ihm|ihr|ihnen|es|dem"
                    r" agenten|darauf|{the}(?P<agent>{agent}) aus)(?: aus)?[,:]? (?:dass |mit )?"
                    r"(?P<text>.+)"
                ),
                r"(?:antworte|antwort)[,:]? (?:mit |dass )?(?P<text>(?!(?:dem |der )?{agent}\b).+)",
                r"sag(?:e|en)?{polite} (?P<text>(?:ja|nein)\b.*)",
                r"(?:meine|die) antwort (?:ist|lautet)[,:]? (?P<text>.+)",
                r"antworten?{polite} {the}(?P<agent>{agent})[,:]? (?:mit |dass )?(?P<text>.+)",
                (
                    r"sag(?:e|en)?{polite} {the}(?P<agent>{agent})[,:]? (?P<text>(?:ja|nein|okay"
                    r"|ok|klar|(?:die|meine) antwort (?:ist|lautet))\b.*)"
                ),
                (
                    r"(?:lass|lasse|lassen){polite} (?:ihn|sie|es|{the}(?P<agent>{agent})){polite}"
                    r" wissen[,:]? (?:dass )?(?P<text>.+)"
                ),
                (
                    r"(?:gib|gebe?n?){polite} (?:ihm|ihr|ihnen|{the}(?P<agent>{agent})){polite}"
                    r" (?:zur|als|die) antwort[,:]? (?:dass )?(?P<text>.+)"
                ),
                (
                    r"teil(?:e|en)?{polite} (?:ihm|ihr|ihnen|{the}(?P<agent>{agent})){polite}"
                    r" mit[,:]? (?:dass )?(?P<text>.+)"
                ),
            ),
        ),
        (
            Kind.NEWS,
            (
                (
                    r"(?:gibt(?:'s| es)|gibts|hast du|haben wir|irgend ?was|etwas|was)?(?: (?:es"
                    r"|was|etwas|irgend ?was|schon))* ?(?:neues|neuigkeiten|updates?|ergebnisse"
                    r"|news|fertig|zu berichten|zu melden)(?: (?:für mich|heute|schon|da))?"
                ),
                (
                    r"was (?:gibt(?:'s| es)|gibts|ist|läuft|war|macht ihr|geht|steht an|tut sich"
                    r"|ist passiert|ist los|ist fertig|ist offen|ist erledigt|läuft gerade|läuft"
                    r" noch)(?: (?:neues|neu|los|passiert|fertig|gerade|so|noch|inzwischen|heute"
                    r"|offen|erledigt|geworden))*"
                ),
                r"was es neues gibt",
                r"was (?:wurde|ist)(?: \w+){,3} (?:erledigt|gemacht|geschafft|geändert)",
                r"was (?:hat|haben) sich\b.* (?:getan|ergeben|geändert)",
                (
                    r"(?:gib|geben|lies|sag|zeig)?(?: sie)?(?: ?mir)?{polite} ?(?:einen |den |die"
                    r" |das )?(?:kurzen |schnellen )?(?:status|stand|überblick|statusbericht"
                    r"|zwischenstand|neuigkeiten|stand der dinge)(?: vor)?(?:,? was .+)?"
                ),
                r"was (?:habe|hab) ich verpasst",
                r"wo stehen wir\b.*",
                r"wie weit (?:sind wir|seid ihr|bist du|sind die agenten)",
                r"bring(?:e|en)?{polite} mich{polite} auf (?:den )?(?:(?:neu|letzt)e?sten )?stand",
                r"wie (?:ist|sieht es|sieht's|schaut es|schaut's) (?:der stand|aus)",
                (
                    r"(?:welche|was für|wie ?viele?) (?:der )?(?:aufgaben|agenten|jobs|aufträge"
                    r"|tasks?) (?:laufen|hängen|warten|fehlen|stehen|(?:sind|arbeiten)\b)(?: .+)?"
                ),
                (
                    r"wer(?: von .+)? (?:ist|arbeitet|wartet|läuft)(?: (?:gerade|noch|jetzt))*"
                    r" ?(?:beschäftigt|dran|fertig|am arbeiten|am werk|auf mich|aktiv)?"
                ),
                r"(?:woran|an was) (?:wird|arbeiten|arbeitet|sitzt|sitzen)\b.*",
                r"(?:wartet|braucht|fragt|hat) (?:jemand|irgend ?wer|einer)\b.*",
                r"(?:ist|läuft|hängt|gibt es)(?: da| schon| noch)* (?:was|etwas|irgend ?was)\b.*",
                r"hat sich(?: da| schon| inzwischen)* (?:was|etwas|irgend ?was)\b.*",
                (
                    r"(?:gibt es|gibt's|gibts|hast du|haben wir)(?: (?:schon|etwas|was|irgendwelche"
                    r"|inzwischen|neue))* (?:neues|neuigkeiten|ergebnisse?|antworten?|updates?)"
                    r" (?:von|vom|zu|zum|zur|aus|über) (?:(?:der|dem|den) )?(?P<text>.+)"
                ),
                (
                    r"(?:gibt es|gibt's|gibts|kam|kommt)(?: schon| noch| inzwischen)* (?:was|etwas"
                    r"|von|vom|irgend ?was).*?{the}(?P<agent>{agent})\b.*"
                ),
                # Any question about an agent that begins with its verb.
                (
                    r"(?:ist|hat|hatte|braucht|läuft|sitzt|arbeitet|wartet|kommt|macht|hängt|kam"
                    r"|war|konnte|findet) {the}(?P<agent>{agent})\b.+"
                ),
                r"(?:läuft|arbeitet|schläft|lebt) {the}(?P<agent>{agent})",
                (
                    r"(?:wie lange|wo|wann|warum|wieso|wie) (?:braucht|steht|ist|wird|hat|bleibt"
                    r"|hängt|will) {the}(?P<agent>{agent})\b.*"
                ),
                r"(?:warten|brauchen|fehlt) (?:wir|uns|sie)\b.*(?:noch|irgend|auf)\b.*",
                (
                    r"(?:weißt du,? )?ob {the}(?P<agent>{agent}) (?!oder\b|und\b).* (?:hat|ist|kann"
                    r"|braucht|macht|läuft|arbeitet|kommt|konnte)"
                ),
                (
                    r"was {the}(?P<agent>{agent})(?: [\w-]+){,4} (?:macht|tut|treibt|sagt|(?:gesagt"
                    r"|gefunden|herausgefunden|gemacht|geschrieben) hat)"
                ),
                r"wie (?:es|das|die sache) (?:mit|um) (?P<text>.+) (?:\w*läuft|\w*steht|\w*geht)",
                r"wie ?viele?\b.* (?:agenten|aufgaben|aufträge|jobs)\b.*",
                (
                    r"(?:ist|hat)\b.* (?:gut ?gegangen|schief ?gegangen|geklappt|gelaufen"
                    r"|funktioniert|durchgelaufen)"
                ),
                r"(?:gab|gibt) es\b.* (?:probleme?|fehler|schwierigkeiten)\b.*",
                (
                    r"(?:ist|sind) (?P<text>.+?) (?:schon |bereits |jetzt |endlich |inzwischen |mit"
                    r" .+ )*(?:fertig|erledigt|durch|abgeschlossen|so weit|soweit|da|zurück"
                    r"|repariert|behoben|gelöst|schiefgegangen|noch dran|noch am arbeiten)(?: "
                    r"geworden)?"
                ),
                r"ist (?:von|unter) (?P<text>.+?) (?:schon |eine? |einer |was |etwas )*fertig",
                r"liegt (?P<text>.+?) (?:schon |bereits |inzwischen )*vor",
                (
                    r"(?:hat|haben) (?:das mit )?(?P<text>.+?) (?:schon |bereits |es |das |etwas"
                    r" |inzwischen )*(?:geklappt|funktioniert|fertig ?gemacht|fertig|geschafft"
                    r"|abgeschlossen|geantwortet|sich gemeldet|gefunden|herausgefunden"
                    r"|rausgefunden|erledigt|hinbekommen|entdeckt)"
                ),
                (
                    r"wie (?:läuft|geht|geht's|steht|steht's|war|lief|weit ist|ist|kommt|sieht"
                    r"|sieht's|schaut|schaut's)(?: es)?(?: mit| um| bei| beim)? {the}(?P<agent>"
                    r"{agent})\b.*"
                ),
                (
                    r"wie (?:läuft|geht|geht's|steht|steht's|war|lief|weit ist|ist|kommt) (?!.*noch"
                    r" ?mal)(?:es )?(?:mit |um )?(?:es mit )?(?P<text>.+?)(?: (?:voran|so|gerade"
                    r"|ausgegangen|gelaufen|gegangen|vorwärts))*"
                ),
                (
                    r"(?:(?:weißt|sag|sagen|mich (?:würde )?interessier(?:t|en))\b.* )?wie"
                    r" (?:weit|lange)(?: noch)? (?P<text>(?!(?:wir|ich)\b).+?)(?: noch)?"
                    r" (?:ist|sind|dauert|braucht|gediehen ist|gekommen ist)"
                ),
                (
                    r"(?:wie ist |was ist |sag mir )?(?:der |den )?(?:status|stand|fortschritt) "
                    r"(?:von|vom|bei|beim|der|des|zu|zum|zur) (?P<text>.+)"
                ),
                (
                    r"was (?:sagt|hat|macht|tut|meint|schreibt|fand|treibt|ist|braucht|sagte|will)"
                    r"(?: (?:eigentlich|denn|gerade|jetzt|so))* {the}(?P<agent>{agent})\b.*"
                ),
                (
                    r"was (?:sagt|hat|macht|tut|meint|schreibt|fand|machen|treiben)(?: (?:denn"
                    r"|eigentlich|gerade))* (?P<text>er|sie|es|(?:(?:der|die) )?agent(?:en)?)(?:"
                    r" (?:gesagt|gefunden|herausgefunden|rausgefunden|gemacht|geschrieben"
                    r"|geantwortet|dazu|gerade|berichtet|ergeben|heraus|jetzt|so))*"
                ),
                r"was (?:ist|wurde) (?:aus|mit) (?P<text>.+?)(?: (?:passiert|geworden|los))?",
                (
                    r"(?:was (?:gibt(?:'s| es)|gibts) )?(?:neues|neuigkeiten|news|ein update) "
                    r"(?:von|vom|über|zu|zum|zur) (?P<text>.+)"
                ),
                r"was kam (?:bei|aus) (?P<text>.+?)(?: (?:raus|heraus))?",
                r"(?:arbeitet|läuft|schläft) (?P<text>.+?)(?: (?:noch|gerade))?(?: daran)?",
            ),
        ),
        (
            Kind.SWITCH,
            (
                (
                    r"(?:mach|mache|fahre?n?|machen wir|geht es|weiter){polite}(?: weiter)? "
                    r"(?:mit|in) (?:der |dem |den |meiner |unserer )?(?:{session} )?(?:über |zum"
                    r" |zur |von )?(?P<text>.+?)(?: (?:weiter|fort))?"
                ),
                (
                    r"(?:wechs(?:le|el|ele|eln)|kehre?n?|gehe?n?|springe?n?|zurück|schalte?n?|bring"
                    r"(?:e|en)?|führe?n?)(?: (?:bitte|zurück|wieder|um|sie|wir|mich|mal|jetzt))* "
                    r"(?:zu|zur|zum|in|auf) (?:die |der |das |dem |den )?(?:{session} )?(?:über "
                    r"|mit |zum |zur )?(?P<text>.+?)(?: (?:zurück|um|rüber))?"
                ),
                (
                    r"(?:(?:wieder|zurück) )?(?:zu|zur|zum|in|mit) (?:die |der |das |dem |den )?"
                    r"{session} (?P<text>.+?)(?: (?:würde|möchte|will) ich(?: jetzt| gern| wieder)*"
                    r")? (?:wechseln|gehen|zurückgehen|weitermachen|zurückkehren|fortfahren)"
                ),
                (
                    r"(?:setze?n?|nimm|nehmen){polite} {the}(?:{session} )?(?:über |zum |zur )?"
                    r"(?P<text>.+?) (?:fort|wieder auf)"
                ),
                r"öffne (?:die|meine|unsere) {session} (?P<text>.+)",
            ),
        ),
        (
            Kind.OPEN,
            (
                (
                    r"(?:(?:öffne|eröffne|starte?|beginne?|mach|mache|erstelle?|leg|lege|fang|neue"
                    r"|neues){polite}(?: mir| mal)*(?: eine?)?(?: (?:neu|frisch|weiter)e[ns]?)? ?"
                    r"{session}(?: (?:auf|an))?)(?: (?:namens|mit dem (?:namen|titel)|über|zum"
                    r" thema|zu|zum|zur|für|mit|genannt|und nenne? (?:sie|es)))?[,:]? ?"
                    r"(?P<text>.*?)(?: (?:auf|an))?"
                ),
                (
                    r"(?:ich (?:will|möchte|würde gern(?:e)?) )?eine? (?:neue|frische|weitere)s?"
                    r" {session}(?: (?:namens|mit dem (?:namen|titel)|über|zum thema|zu|zum|zur"
                    r"|für))? ?(?P<text>.*?) ?(?:beginnen|eröffnen|öffnen|starten|anfangen"
                    r"|aufmachen|anlegen)"
                ),
                (
                    r"ich (?:brauche|bräuchte|hätte gern(?:e)?|möchte|will) (?:gern(?:e)? )?eine?"
                    r" (?:neue|frische|weitere|eigene)s? {session}(?: (?:namens|über|zum thema|zu"
                    r"|zum|zur|für))? ?(?P<text>.*)"
                ),
                r"lass uns (?:in|mit) eine[rm] (?:neuen|frischen) {session}(?P<text>) .+",
            ),
        ),
        (
            Kind.DELEGATE,
            (
                (
                    r"(?:frage?n?|bitte?n?|sage?n?|lasse?n?|lass|beauftrage?n?|nimm|nehmen|nutzen?"
                    r"|benutzen?|starten?|verwenden?|setzen?|setz|schicken?|schick|frag|sag|ich"
                    r" (?:will|möchte),? dass){polite} {the}(?P<agent>{agent})(?: (?:mal|bitte|auf"
                    r"|an|los|doch|darum|mit dem auftrag))*[,:]? (?:(?:(?:dass|damit) )?(?:er|sie"
                    r"|es)(?: (?:soll|sollen|möge|muss|kann))? |dass |damit |um |soll )?"
                    r"(?P<text>(?!nicht\b).+)"
                ),
                (
                    r"(?:trag|trage|bring|bringe|tragen|bringen){polite} {the}(?P<agent>{agent})"
                    r" (?:auf|dazu)[,:]? (?P<text>.+)"
                ),
                (
                    r"{the}(?P<agent>{agent})[,:]? {polite} ?(?:fragen|bitten|beauftragen|damit"
                    r" beauftragen|ausrichten|sagen|anweisen|darauf ansetzen|ansetzen|darum"
                    r" bitten)[,:]? (?:(?:dass|damit) )?(?:(?:er|sie|es) )?(?:soll )?(?P<text>.+)"
                ),
                r"{the}(?P<agent>{agent})[,:]? (?P<text>.+ lassen)",
                (
                    r"{the}(?P<agent>{agent}) (?:soll|sollte|muss|müsste|möge|(?:könnte|kann|darf)"
                    r"(?! (?:ja|nicht|nur|kein\w*|auch|nie|ganz|wirklich|manchmal|gut|so|einem"
                    r"|man|ich)\b))(?: (?:bitte|mal|noch|gern|gerne))* (?P<text>{work}.+)"
                ),
                (
                    r"(?:vielleicht )?(?:kann|könnte|soll|sollte|würde) {the}(?P<agent>{agent})(?! "
                    r"(?:doch|ruhig|halt|nicht)\b)(?: (?:bitte|mal|noch|vielleicht))* "
                    r"(?P<text>{work}.+)"
                ),
                (
                    r"(?P<text>(?:(?:kannst|könntest|würdest) du|(?:können|könnten|würden) sie) .+"
                    r" an {the}(?P<agent>{agent}) (?:(?:weiter|über)?geben|(?:weiter)?schicken"
                    r"|weiterleiten|weiterreichen|delegieren)\b.*)"
                ),
                (
                    r"(?P<text>(?:wenn|sobald|falls) {the}(?P<agent>{agent}) .+ (?:soll|kann|könnte"
                    r"|möge) (?:er|sie|es) .+)"
                ),
                r"{wish},? (?:dass|wenn|ob) {the}(?P<agent>{agent}) (?P<text>.+)",
                (
                    r"(?:ich )?(?:hätte|brauche|bräuchte|möchte|will|wünsche)(?: ich| mir| gern"
                    r"| gerne)* von {the}(?P<agent>{agent})(?: gern| gerne)? (?P<text>.+)"
                ),
                (
                    r"von {the}(?P<agent>{agent}) (?:hätte|bräuchte|möchte|brauche) ich (?P<text>"
                    r"(?!mehr|nichts|nie).+)"
                ),
                r"(?P<text>(?:lasse?|lassen sie) (?!uns\b).+? {the}(?P<agent>{agent}) \w+en)",
                r"(?P<agent>{agent})(?:,|:| -) (?P<text>{not_about}.+)",
                (
                    r"(?P<agent>{agent}) (?:bitte |kannst du |könntest du |du sollst |würdest du )+"
                    r"(?P<text>.+)"
                ),
                r"(?P<agent>{proper}) (?:mal )?(?P<text>{do}\b.+)",
                (
                    r"(?:gib|geben?|übergib|schick|schicke|überlass|delegiere|weise?){polite} {the}"
                    r"(?P<agent>{agent})[,:]? (?:(?:die|den|eine|einen) (?:aufgabe|auftrag|job)(?:"
                    r" zu)?[,:]? ?)?(?P<text>.+)"
                ),
                (
                    r"(?:gib|geben?|übergib|schick|schicke|delegiere|reich|reiche) (?P<text>.+?) "
                    r"(?:an|zu) {the}(?P<agent>{agent})(?: (?:weiter|ab))?"
                ),
                (
                    r"(?:delegiere|übergib|aufgabe|neue aufgabe|auftrag|neuer auftrag|ein auftrag"
                    r"|eine aufgabe)(?: (?:an|für))? {the}(?P<agent>{agent})[,:]? (?P<text>.+)"
                ),
                r"(?:mit|durch) {the}(?P<agent>{agent})[,:] (?P<text>.+en)",
                (
                    r"(?:ich )?(?:brauche|will|möchte) {the}(?P<agent>{agent})[,:]? (?:für|um|der"
                    r"|die|das|dass er) (?P<text>.+)"
                ),
                r"(?:delegiere|übergib)[,:]? (?P<text>.+)",
                (
                    r"(?:starte?n?|erstelle?n?|lege?n?|mach|mache){polite}(?: mir)?{polite}"
                    r" (?:eine|einen) (?:neue[nr]? )?(?:aufgabe|auftrag|job|task)(?: (?:an|auf))?,?"
                    r"(?: (?:zu|zum|zur|für|um|der|die))?[,:]? (?P<text>.+?)(?: an)?"
                ),
                r"neue[r]? (?:aufgabe|auftrag|job|task)(?:[,:]| für| zum?r?| um) (?P<text>.+)",
                r"neue[r]? (?:aufgabe|auftrag|job|task) (?P<text>.+(?:en|ern|eln))",
                (
                    r"(?:beginn|starte?|fang|mach)e?n?{polite}(?: damit)? im hintergrund(?: damit"
                    r"| an)*,? (?P<text>.+)"
                ),
                r"(?:lass|lasse|lassen sie){polite} {somebody} (?P<text>.+)",
                (
                    r"(?:einer der agenten|eine?r? (?:von )?(?:den|meinen) agenten|ein agent)"
                    r" (?:soll|sollte|könnte|kann)(?: bitte| mal)* (?P<text>.+)"
                ),
                r"(?:setz(?:e|en)?{polite} )?einen agenten (?P<text>(?:auf|an) .+) an(?:setzen)?",
            ),
        ),
        (
            Kind.RECALL,
            (
                (
                    r"was (?:haben|hatten|habe|hab|hat|hast|wollten|wissen|weißt|wollen|hatte) {we}"
                    r"(?: (?:noch ?mal|noch einmal|denn|alles|eigentlich|gestern|heute|letztes mal"
                    r"|zuletzt|uns|mir|dir|letzte[nr]? (?:woche|monat|jahr)))*(?: {about})? ?"
                    r"(?P<text>.*?)(?: ?(?:{decided}|wissen|vor))?"
                ),
                (
                    r"(?:was|wie) (?:war|waren|ist|sind|lautete?n?)(?: noch ?mal| denn|"
                    r" nochmals)* (?:die|das|der|unsere?|meine?|unser|mein)(?: letzten?|"
                    r" offenen?)? (?P<memory>{things}|plan|vereinbarung)(?: {about})? ?"
                    r"(?P<text>.*)"
                ),
                r"was war(?:en)?(?: noch ?mal| denn)* (?P<text>.+)",
                r"wie (?:war|hieß|ging)(?:en)?(?: das| die| der)? noch ?mal\b(?P<text>.*)",
                r"was (?:hat|hatte|haben|wollte) (?P<text>.+?) (?:{decided}|gemeint|gewollt)",
                r"was steht (?:in|auf) (?:meinen|den|unseren|der) \w+(?: {about})? ?(?P<text>.*)",
                r"was ist {about} (?P<text>.+) {decided}",
                r"was (?:muss|soll|sollte|wollte) ich(?: noch| heute| alles)*(?P<text> .*)?",
                r"was steht(?: (?:heute|morgen|noch|diese woche))*(?P<text> .*)? an",
                (
                    r"welche[nrs]? (?:offenen? |letzten? )?(?P<memory>{things}) (?:haben|hatten"
                    r"|habe|hab|hast|gibt es|gab es|sind)(?: {we})?(?: von mir)?(?: {about})? ?"
                    r"(?P<text>.*?)(?: ?(?:getroffen|notiert|gespeichert|offen|gefasst"
                    r"|festgehalten))?"
                ),
                (
                    r"(?:haben|hatten|habe|hab) {we}(?: (?:schon|etwas|was|irgend ?was|je|mal"
                    r"|schon mal|uns))*(?: {about})? ?(?P<text>.*?) ?{decided}"
                ),
                (
                    r"(?:durch)?(?:such|suche|finde?|zeig|zeige|lies|nenn|nenne)n?(?: (?:mir|bitte"
                    r"|mal|nach|alle|meine|unsere|die|das|den|noch ?mal|sie))*(?: (?P<memory>"
                    r"{things}|aufgabenliste|to-?do-?liste|liste))(?: (?:nach|{about}))? ?"
                    r"(?P<text>.*?) ?(?:vor|heraus|raus)?"
                ),
                (
                    r"(?:such|suche|finde?|schlag|schlage)(?: (?:mir|bitte|mal|nach|in (?:den"
                    r"|meinen) notizen))*(?: {about})? (?P<text>.+?)(?: (?:nach|heraus|raus))?"
                ),
                (
                    r"(?:schau|sieh|schauen|sehen|schlag)?(?: ?(?:bitte|mal|sie))* ?(?:nach(?:sehen"
                    r"|schauen|schlagen)?),? (?:was|ob|wann|wo|wer) {we}(?: {about})? ?(?P<text>"
                    r".*?)(?: {decided})?(?: (?:haben?|hatten?))?"
                ),
                (
                    r"(?:erinnerst du dich|weißt du noch|weißt du)(?: noch)?,? (?:(?:{about}|was "
                    r"(?:wir )?(?:{about})?)|(?:warum|wieso|wann|wo|wer|wie|welche[nrms]?|in"
                    r" welche[nrms]?|ob)\b) ?(?P<text>.*?)(?: {decided} (?:haben|hatten))?"
                ),
                (
                    r"(?:erinner(?:e)?|sag) (?:mich|mir)(?: noch ?mal| bitte)* ?(?:daran)?,? was"
                    r" {we}(?: {about})? ?(?P<text>.*?)(?: {decided}(?: haben| hatten)?)"
                ),
                (
                    r"ich (?:weiß nicht mehr|(?:habe?|hab) vergessen|erinnere mich nicht(?: mehr)?"
                    r"(?: daran)?),? (?:was|wann|wo|wer|wie|warum|wieso|ob|welche[nrms]?)\b"
                    r" ?(?P<text>.+)"
                ),
                r"hilf mir auf die sprünge,?(?P<text> .+)?",
                (
                    r"(?:welche[nrs]?|wer|wann|wo|warum|wieso|wofür|wie ?viele?|wie)(?: \w+)? "
                    r"(?:haben|hatten|wollten|hat|habe) {we}(?: uns)?(?: {about})? ?(?P<text>.*?)"
                    r"(?: ?{decided})?"
                ),
                (
                    r"(?:worauf|wofür|auf was|für was|wogegen|womit) (?:haben|hatten) {we}(?:"
                    r" uns)?(?: {about})? ?(?P<text>.*?)(?: ?{decided})?"
                ),
                # A question by its first words: the second one is a verb.
                (
                    r"(?:(?:wann|was|wo|wozu|woher|wohin|wer|wen|wem|wofür|wie ?viele? \w+|(?:(?:an"
                    r"|auf|in|bei|mit|zu|von) )?welche[nrms]? \w+) {verb}|wie (?:hieß|heißt"
                    r"|hießen)) (?P<text>.+)"
                ),
                r"was (?:weißt du|wissen wir|ist bekannt)(?: noch)? {about} (?P<text>.+)",
                (
                    r"(?:steht|gibt es|ist)(?: (?:etwas|was|irgend ?was|schon))*(?: (?:in|unter)"
                    r" (?:meinen|den|unseren) notizen)(?: (?:etwas|was|irgend ?was))*(?: {about})?"
                    r" ?(?P<text>.*)"
                ),
                (
                    r"(?:gibt es|gibt's|habe? ich|haben wir)(?: (?:schon|noch|irgendwelche))*"
                    r" (?P<memory>{things})(?: {about})? ?(?P<text>.*)"
                ),
                (
                    r"(?:hol|such|zeig|gib)e?(?: mir)? alles(?: (?:raus|heraus|her))?,? was {we}"
                    r"(?: {about})? ?(?P<text>.+?)(?: {decided})?(?: haben?)?"
                ),
            ),
        ),
        (
            Kind.REMEMBER,
            (
                r"dass (?P<text>.+?),? (?:solltest|musst|sollst|kannst) du dir(?: bitte)? merken",
                (
                    r"(?:ich habe|ich hab|wir haben|hier ist|neue[rs]?|noch eine?"
                    r"|notiere?(?: bitte)?|speicher(?:e|n)?|halte|merk dir|schreib|mach"
                    r"|nimm|lege?)(?: (?:mir|dir|bitte|da|neue|noch|eine?|als|die|das|in|meine))*"
                    r" (?P<memory>{things})(?: (?:ist|lautet|fest|auf|ab|dass))*[,:]? (?P<text>.+)"
                ),
                r"(?:die|das|eine?) (?P<memory>{things})[,:] (?P<text>.+)",
                (
                    r"(?:meine?|unsere?) (?P<memory>{things})(?:[,:]|,? (?:ist|lautet|sind)\b,?)"
                    r" (?P<text>.+)"
                ),
                (
                    r"(?:die |unsere )?(?P<memory>entscheidung|beschluss) (?:ist|lautet),? (?:dass"
                    r" )(?P<text>.+)"
                ),
                (
                    r"(?:offene )?(?P<memory>entscheidung|beschluss|idee|frage|to-?do|fakt|notiz"
                    r"|vorliebe|risiko|erinnerung|aufgabe für mich)(?::|,| -| ist| lautet)?"
                    r" (?P<text>.+)"
                ),
                (
                    r"(?:setz|setze|schreib|schreibe|pack|packe) (?P<text>.+?) auf (?:meine|die"
                    r"|unsere) (?:liste|to-?do-?liste|aufgabenliste)"
                ),
                (
                    r"erinner(?:e|n)?(?: sie)? mich(?: (?:bitte|später|morgen|übermorgen|heute"
                    r"|heute abend|abends|am \w+|nächste woche))*(?: (?:daran|dran|an))?,? (?:dass"
                    r" )?(?P<todo>.+)"
                ),
                r"zu erledigen[,:]? (?P<todo>.+)",
                r"(?:lass|lassen sie) mich (?P<todo>.+) nicht vergessen",
                (
                    r"(?:wir|ich) (?:haben|habe|hab) (?P<decided>(?!nie|nicht|noch|uns|mich).+"
                    r" (?:beschlossen|vereinbart|ausgemacht|abgemacht)\b .+)"
                ),
                (
                    r"(?:wir|ich) (?:haben|habe|hab) (?:(?:uns|mich) )?(?:gerade |jetzt |endlich"
                    r" )?(?:beschlossen|entschieden|vereinbart|ausgemacht|abgemacht|geeinigt)[,:]?"
                    r" (?:dass |darauf,? dass )?(?P<decided>.+)"
                ),
                (
                    r"(?:soeben|gerade|eben|heute|jetzt|gestern) (?:haben|habe|hab) (?:wir|ich)(?:"
                    r" uns| mich)? (?:beschlossen|entschieden|vereinbart|ausgemacht)[,:]? (?:dass"
                    r" )?(?P<decided>.+)"
                ),
                (
                    r"(?:wir|ich) (?:haben|habe|hab) (?:uns |mich )(?:dafür|darauf) (?:entschieden"
                    r"|geeinigt|festgelegt|verständigt)[,:]? (?:dass )?(?P<decided>.+)"
                ),
                (
                    r"(?:wir|ich) (?:haben|habe|hab) (?:uns |mich )(?P<decided>.+) (?:entschieden"
                    r"|geeinigt|festgelegt)"
                ),
                (
                    r"(?:merk(?:e|en)? (?:dir|sie sich)|merken|notier(?:e|en)?|schreib(?:e|en)?"
                    r"(?: sie)?(?: dir| sich)?{polite} auf|schreib(?:e)?|speicher(?:e|n)?"
                    r"|halte?n?(?: sie)?(?: bitte)? fest|behalte?n?|nimm zu protokoll"
                    r"|protokollier(?:e)?|(?:zu|fürs) protokoll|vermerke?|notiz|festhalten)(?:"
                    r" (?:bitte|mal|dir|das|es|mir|noch|folgendes|im gedächtnis|im kopf|für später"
                    r"))*[,:]? (?:dass )?(?P<text>.+?)(?: (?:auf|ab|fest))?"
                ),
                (
                    r"ich (?:würde|möchte|will|muss)(?: mir)?(?: gern| gerne)? (?:festhalten|merken"
                    r"|notieren|aufschreiben),? (?:dass )?(?P<text>.+)"
                ),
                (
                    r"(?:(?:vergiss|vergesst|vergessen sie) (?:ja |bloß |bitte )?nicht|(?:bitte )?"
                    r"nicht vergessen)[,:]? (?:dass |zu )?(?P<text>.+)"
                ),
                r"denk(?:e|en)?(?: sie)? (?:bitte )?(?:daran|dran|an)[,:]? (?:dass )?(?P<text>.+)",
                r"ich bevorzuge (?P<preferred>.+)",
                (
                    r"(?:ich (?:habe|hab|hätte) es|mir (?:ist|wäre) es) lieber,? (?:wenn|dass)"
                    r" (?P<preferred>.+)"
                ),
            ),
        ),
    ),
    # Something else is said first: what is wrong, and then who is to mend it.
    behind=(
        (
            Kind.DELEGATE,
            (
                (
                    r"(?P<text>{aside},? (?<!\bich )(?<!\bwir )(?:lass|frag|sag|gib){polite}"
                    r" {the}(?P<agent>{agent}) .+)"
                ),
                (
                    r"(?P<text>(?!(?:wie|warum|wieso|weshalb|was|wer|wann|wo|angeblich)\b).+?"
                    r"(?<!\bich)(?<!\bman)(?<!\bdu)(?<!\ber)(?<!\bsie) soll(?:te)?(?: (?:sich|bitte"
                    r"|mal|doch|jetzt|auch|dann|das|noch))* {the}(?P<agent>{agent})(?! (?:heißen"
                    r"|sein|haben|kosten|können)\b)(?: .+)? \w+(?:en|ern|eln|un)(?<! haben)"
                    r"(?<! werden)(?<! sein))"
                ),
                (
                    r"(?P<text>{aside},? {the}(?P<agent>{agent}) (?:soll|sollte|muss)(?! (?:heißen"
                    r"|sein|haben|kosten|können)\b) .+(?:en|ern|eln|un))"
                ),
                (
                    r"(?P<text>.+?),? (?:starte?|lege?|mach|mache|erstelle?)n?{polite} (?:dafür"
                    r" |dazu )?(?:eine|einen)(?: neuen?)? (?:aufgabe|auftrag|job|task)(?: dafür"
                    r"| dazu)?(?: an| auf)?"
                ),
            ),
        ),
        (
            Kind.REMEMBER,
            (
                (
                    r"(?P<text>.+?)(?:,| und)?(?: bitte)? (?:merk(?:e|en)?{polite} dir|(?:halte?"
                    r"|speicher(?:e|n)?|notiere?n?|schreib(?:e|en)?|behalte?))(?: (?:das|es|dir"
                    r"|bitte|mal))+(?: (?:auf die liste|auf (?:meine|die) to-?do-?liste|fest|auf"
                    r"|in (?:die|meine) notizen))?"
                ),
                r"(?P<text>.+?),? (?:merk(?:e|en)? (?:dir|sie sich|euch) (?:das|es)(?: bitte)?)",
            ),
        ),
    ),
    all_of_them=frozenset({"alles", "alle"}),
    empty_targets=frozenset(
        "es das ihn sie er ihm dies aufgabe arbeit auftrag job lauf agent agenten alles alle"
        " sache ding sachen".split()
    ),
    noise=frozenset(
        "der die das den dem des ein eine einen einer mein meine unser unsere von vom mit"
        " für zu zum"
        " zur an am auf bei beim aufgabe aufgaben auftrag job lauf agent agenten bitte"
        " noch schon es"
        " ist sind im in".split()
    ),
)
