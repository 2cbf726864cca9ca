# reason: a language is one table
"""German rules."""

from __future__ import annotations

from session_api.say.grammar.intent import Kind
from session_api.say.grammar.table import Table

GERMAN = Table(
    language="de",
    before=(
        r"^(?:(?:hey|hi|hallo|ok|okay|also|so|nun|na|ähm?|äh|hm+|und|dann|jetzt|bitte|gut|mal"
        r"|nochmal(?= bitte)|eben|ach|du|sag mal|hör mal|vielleicht)\b|(?:kannst|könntest"
        r"|würdest|magst|willst) du(?: bitte| mal| mir| noch)*\b|(?:können|könnten"
        r"|würden) sie(?: bitte| mal| mir)*\b|ich (?:will|möchte|würde gern(?:e)?"
        r"|hätte gern(?:e)?)(?=,? dass?\b)|ich (?:will|möchte),? dass du\b)[,:]? +"
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
            r"|überlegt|geeinigt|gedacht|diskutiert|verabredet|erwähnt)"
        ),
        "it": (
            r"(?:es|das|ihn|sie|dies|alles|die (?:aufgabe|arbeit)"
            r"|den (?:auftrag|job|lauf|agenten))"
        ),
        "the": r"(?:(?:den|dem|der|die|das) )?",
    },
    pending=(
        (
            Kind.NO,
            (
                r"n",
                r"nein",
                r"nee",
                r"ne",
                r"nö",
                r"nicht",
                r"lieber nicht",
                r"besser nicht",
                r"auf keinen fall",
                r"jetzt nicht",
                r"nicht jetzt",
                r"niemals",
                (
                    r"(?:nein|nee|nö)[, ]+(?:danke|lass(?: das| es)?|nicht|lieber nicht|doch nicht"
                    r"|jetzt nicht|abbrechen|stopp|mach das nicht|bitte nicht)"
                ),
                r"lass(?: es| das)?(?: sein| bleiben)?",
                r"vergiss es",
                r"falsch",
                r"abbrechen",
                r"brich (?:das |es )?ab",
                r"mach das nicht",
                r"tu das nicht",
                r"doch nicht",
                r"stopp?",
                r"das ist falsch",
                r"das nicht",
                r"egal",
            ),
        ),
        (
            Kind.YES,
            (
                r"j",
                r"ja",
                r"jo",
                r"jep",
                r"jawohl",
                r"klar",
                r"na klar",
                r"sicher",
                r"gern(?:e)?",
                r"ok(?:ay)?",
                r"genau",
                r"richtig",
                r"stimmt",
                r"natürlich",
                r"passt",
                r"einverstanden",
                r"auf jeden fall",
                r"unbedingt",
                r"in ordnung",
                r"mach(?: das| es| mal)?",
                r"tu das",
                r"los",
                r"leg los",
                r"bestätigt",
                r"bestätige",
                r"das ist richtig",
                r"so ist es",
                (
                    r"(?:ja|klar|okay|ok|genau)[, ]+(?:bitte|mach(?: das| es)?|gern(?:e)?|genau"
                    r"|klar|los|tu das|brich (?:es |das )?ab|stopp(?: es)?|das stimmt|richtig|gib"
                    r" es(?: \w+)?)"
                ),
            ),
        ),
        (
            Kind.CHOICE,
            (
                (
                    r"(?:ich (?:meine|nehme|will)|nimm|nummer|option|das|die|den|der)?(?: das| die"
                    r"| den| der| nummer| option)* ?(?P<text>erste[nrs]?|zweite[nrs]?|dritte[nrs]?"
                    r"|letzte[nrs]?|eins|zwei|drei|1|2|3)(?: option| aufgabe)?"
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
                r"was(?: hast du (?:gerade |eben )?gesagt| war das)?",
                r"was bitte",
                r"(?:das|dich) (?:habe|hab) ich (?:jetzt )?nicht (?:verstanden|gehört|mitbekommen)",
                (
                    r"ich (?:habe|hab) (?:das|dich|es) (?:jetzt )?nicht (?:verstanden|gehört"
                    r"|mitbekommen)"
                ),
                r"wiederhole (?:bitte )?(?:das|den letzten satz|deine antwort)",
            ),
        ),
        (
            Kind.MORE,
            (
                (
                    r"(?:erzähl(?:e)?|sag|lies|gib)(?: mir)?(?: bitte)? (?:mehr|weiter|den rest|"
                    r"(?:mehr )?details|alles)(?: (?:davon|dazu|darüber|vor))?"
                ),
                (
                    r"(?:und )?(?:weiter|mehr|details|mehr details|und dann|der rest|noch mehr|was"
                    r" noch|sonst noch (?:was|etwas))"
                ),
                r"mach weiter",
                r"lies weiter",
                r"red weiter",
                r"sprich weiter",
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
                    r"(?:stopp?e?|brich|beende|halte|lösche|storniere) (?P<text>{it})"
                    r"(?: (?:ab|an|auf))?"
                ),
                (
                    r"(?:stopp?e?|brich|beende|halte|storniere) {the}(?P<agent>{agent})(?: (?:ab"
                    r"|an|auf))?"
                ),
                (
                    r"(?:stopp?e?|brich|beende|halte|storniere) (?:die |den |das )?(?:aufgabe"
                    r"|arbeit|auftrag|job|lauf)(?: (?:an|mit|zu|zum|zur|für|namens))? ?{the}"
                    r"(?P<text>.+?)(?: (?:ab|an|auf))?"
                ),
                r"(?:brich|halte) {the}(?P<text>.+?) (?:ab|an)",
                r"(?:stopp?e?|storniere) (?!die session|die sitzung){the}(?P<text>.+)",
                r"hör(?:e)? auf (?:mit|an) {the}(?P<text>.+?)(?: zu arbeiten)?",
                r"{the}(?P<text>.+?) (?:abbrechen|stoppen|anhalten|stornieren)",
            ),
        ),
        (
            Kind.REPLY,
            (
                (
                    r"(?:sag|sage|antworte|schreib|richte) (?:ihm|ihr|ihnen|es|dem agenten|darauf)"
                    r"(?: aus)?[,:]? (?:dass |mit )?(?P<text>.+)"
                ),
                r"(?:antworte|antwort)[,:]? (?:mit |dass )?(?P<text>(?!(?:dem |der )?{agent}\b).+)",
                r"(?:meine|die) antwort (?:ist|lautet)[,:]? (?P<text>.+)",
                r"antworte (?:dem |der )?(?P<agent>{agent})[,:]? (?:mit |dass )?(?P<text>.+)",
            ),
        ),
        (
            Kind.NEWS,
            (
                (
                    r"(?:gibt(?:'s| es)|gibts|hast du|haben wir|irgend ?was|etwas|was)?(?: (?:es"
                    r"|was|etwas|irgend ?was|schon))* ?(?:neues|neuigkeiten|updates?|ergebnisse"
                    r"|news|fertig)(?: (?:für mich|heute|schon|da))?"
                ),
                (
                    r"was (?:gibt(?:'s| es)|gibts|ist|läuft|war|macht ihr|geht|steht an|tut sich"
                    r"|ist passiert|ist los|ist fertig|ist offen|ist erledigt|läuft gerade|läuft"
                    r" noch)(?: (?:neues|neu|los|passiert|fertig|gerade|so|noch|inzwischen|heute"
                    r"|offen|erledigt|geworden))*"
                ),
                (
                    r"(?:gib mir |lies mir |sag mir )?(?:einen |den |die |das )?(?:status|stand"
                    r"|überblick|statusbericht|zwischenstand|neuigkeiten|stand der dinge)(?: vor)?"
                ),
                r"was (?:habe|hab) ich verpasst",
                r"wo stehen wir",
                r"wie weit (?:sind wir|seid ihr|bist du)",
                r"bring mich auf (?:den )?(?:neuesten )?stand",
                r"wie (?:ist|sieht es|sieht's) (?:der stand|aus)",
                (
                    r"(?:welche|was für) (?:aufgaben|agenten|jobs|aufträge) (?:laufen|sind "
                    r"(?:fertig|offen|aktiv|erledigt|dran)|arbeiten)(?: (?:gerade|noch|schon))?"
                ),
                (
                    r"(?:ist|sind) (?P<text>.+?) (?:schon |bereits |jetzt |endlich )?(?:fertig"
                    r"|erledigt|durch|abgeschlossen|so weit|soweit|da|noch dran|noch am arbeiten)"
                    r"(?: geworden)?"
                ),
                (
                    r"(?:hat|haben) (?P<text>.+?) (?:schon |bereits |es |das |etwas |inzwischen )*"
                    r"(?:geklappt|funktioniert|fertig ?gemacht|fertig|geschafft|abgeschlossen"
                    r"|geantwortet|sich gemeldet|gefunden|herausgefunden|rausgefunden|erledigt)"
                ),
                (
                    r"wie (?:läuft|geht|steht|war|lief|weit ist|ist|kommt) (?:es )?(?:mit |um )?"
                    r"(?:es mit )?(?P<text>.+?)(?: (?:voran|so|gerade|ausgegangen|gelaufen"
                    r"|gegangen|vorwärts))*"
                ),
                (
                    r"(?:wie ist |was ist |sag mir )?(?:der |den )?(?:status|stand|fortschritt) "
                    r"(?:von|vom|bei|beim|der|des|zu|zum|zur) (?P<text>.+)"
                ),
                (
                    r"was (?:sagt|hat|macht|tut|meint|schreibt|fand) (?P<text>(?:(?:der|die|das"
                    r"|den) )?(?:{agent}|er|sie|es|agent|agenten))(?: (?:gesagt|gefunden"
                    r"|herausgefunden|rausgefunden|gemacht|geschrieben|geantwortet|dazu|gerade"
                    r"|berichtet|ergeben|heraus|jetzt|so))*"
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
                    r"(?:mach|mache|fahre?|machen wir|geht es|weiter)(?: bitte)?(?: weiter)? "
                    r"(?:mit|in) (?:der |dem |den |meiner |unserer )?(?:sitzung |session |gespräch"
                    r" )?(?P<text>.+?)(?: (?:weiter|fort))?"
                ),
                (
                    r"(?:wechs(?:le|el|ele)|geh|gehe|spring|zurück|schalte?)(?: (?:bitte|zurück"
                    r"|wieder|um))* (?:zu|zur|zum|in|auf) (?:die |der |das |dem |den )?(?:sitzung "
                    r"|session |gespräch )?(?P<text>.+?)(?: (?:zurück|um|rüber))?"
                ),
                (
                    r"(?:setz|setze|nimm) {the}(?:sitzung |session |gespräch )?(?P<text>.+?) "
                    r"(?:fort|wieder auf)"
                ),
                r"öffne (?:die|meine|unsere) (?:sitzung|session) (?P<text>.+)",
            ),
        ),
        (
            Kind.OPEN,
            (
                (
                    r"(?:(?:öffne|eröffne|starte?|beginne?|mach|mache|erstelle?|leg|lege|neue"
                    r"|neues)(?: (?:mir|bitte|mal))*(?: eine?)?(?: neue[ns]?)? ?(?:sitzung|session"
                    r"|gespräch)(?: (?:auf|an))?)(?: (?:namens|mit dem (?:namen|titel)|über|zu|zum"
                    r"|zur|für|mit|genannt))?[,:]? ?(?P<text>.*?)(?: (?:auf|an))?"
                ),
            ),
        ),
        (
            Kind.DELEGATE,
            (
                (
                    r"(?:frag|frage|bitte|bitt|sag|sage|lass|lasse|beauftrage?|nimm|nutze?"
                    r"|benutze?|starte?|verwende|setze?|schick|schicke|ich (?:will|möchte),? dass)"
                    r" {the}(?P<agent>{agent})(?: (?:mal|bitte|auf|an))*[,:]? (?:(?:(?:dass|damit)"
                    r" )?(?:er|sie|es)(?: (?:soll|sollen|möge|muss|kann))? |dass |damit |um |soll"
                    r" )?(?P<text>.+)"
                ),
                (
                    r"{the}(?P<agent>{agent})[,:]? (?:mal |bitte )?(?:fragen|bitten|beauftragen"
                    r"|sagen|anweisen|darauf ansetzen|ansetzen)[,:]? (?:(?:dass|damit) )?(?:(?:er"
                    r"|sie|es) )?(?:soll )?(?P<text>.+)"
                ),
                (
                    r"{the}(?P<agent>{agent}) (?:soll|sollte|muss|müsste|könnte|kann|darf|möge)(?:"
                    r" (?:bitte|mal|noch))* (?P<text>.+)"
                ),
                (
                    r"(?:kann|könnte|soll|sollte|würde) {the}(?P<agent>{agent})(?: (?:bitte|mal"
                    r"|noch))* (?P<text>.+)"
                ),
                (
                    r"(?P<agent>{agent}(?:,|:| -)|{proper}) (?:bitte |kannst du |könntest du |du"
                    r" sollst |mach |mal )?(?P<text>{not_about}.+)"
                ),
                (
                    r"(?:gib|gebe|übergib|schick|schicke|überlass|delegiere|weise?) {the}"
                    r"(?P<agent>{agent})[,:]? (?:(?:die|den|eine|einen) (?:aufgabe|auftrag|job)(?:"
                    r" zu)?[,:]? ?)?(?P<text>.+)"
                ),
                (
                    r"(?:gib|gebe|übergib|schick|schicke|delegiere|reich|reiche) (?P<text>.+?) "
                    r"(?:an|zu) {the}(?P<agent>{agent})(?: (?:weiter|ab))?"
                ),
                (
                    r"(?:delegiere|übergib|aufgabe|neue aufgabe|auftrag|neuer auftrag|ein auftrag"
                    r"|eine aufgabe)(?: (?:an|für))? {the}(?P<agent>{agent})[,:]? (?P<text>.+)"
                ),
                r"(?:mit|über|durch) {the}(?P<agent>{agent})[,:]? (?P<text>.+)",
                (
                    r"(?:ich )?(?:brauche|will|möchte) {the}(?P<agent>{agent})[,:]? (?:für|um|der"
                    r"|die|das|dass er) (?P<text>.+)"
                ),
                r"(?:delegiere|übergib)[,:]? (?P<text>.+)",
                (
                    r"(?:starte?|erstelle?|lege?|mach|mache)(?: mir)?(?: bitte)? (?:eine|einen) "
                    r"(?:neue[nr]? )?(?:aufgabe|auftrag|job)(?: an)?(?: (?:zu|zum|zur|für"
                    r"|um))?[,:]? (?P<text>.+?)(?: an)?"
                ),
                r"neue[r]? (?:aufgabe|auftrag|job)[,:]? (?P<text>.+)",
                r"(?:lass|lasse) (?:jemanden|einen agenten|einen der agenten) (?P<text>.+)",
            ),
        ),
        (
            Kind.RECALL,
            (
                (
                    r"was (?:haben|hatten|habe|hab|hat|hast|wollten|wissen|weißt|wollen) {we}(?: "
                    r"(?:noch ?mal|noch einmal|denn|alles|eigentlich|gestern|heute|letztes mal"
                    r"|zuletzt|uns))*(?: {about})? ?(?P<text>.*?)(?: ?(?:{decided}|wissen|vor))?"
                ),
                (
                    r"(?:was|wie) (?:war|waren|ist|sind|lautet|lauten)(?: noch ?mal| denn|"
                    r" nochmals)* (?:die|das|der|unsere?|meine?|unser|mein)(?: letzten?|"
                    r" offenen?)? (?P<memory>{things}|plan|vereinbarung)(?: {about})? ?"
                    r"(?P<text>.*)"
                ),
                (
                    r"welche[nrs]? (?P<memory>{things}) (?:haben|hatten|habe|hab|gibt es|gab es"
                    r"|sind)(?: {we})?(?: {about})? ?(?P<text>.*?)(?: ?(?:getroffen|notiert"
                    r"|gespeichert|offen|gefasst|festgehalten))?"
                ),
                (
                    r"(?:haben|hatten|habe|hab) {we}(?: (?:schon|etwas|was|irgend ?was|je|mal"
                    r"|schon mal|uns))*(?: {about})? ?(?P<text>.*?) ?{decided}"
                ),
                (
                    r"(?:such|suche|finde?|zeig|zeige|lies|nenn|nenne)(?: (?:mir|bitte|mal|nach"
                    r"|alle|meine|unsere|die|das|den|noch ?mal))*(?: (?P<memory>{things}))(?:"
                    r" {about})? ?(?P<text>.*?)(?: (?:vor|heraus|raus))?"
                ),
                (
                    r"(?:such|suche|finde?|schlag|schlage)(?: (?:mir|bitte|mal|nach|in (?:den"
                    r"|meinen) notizen))*(?: {about})? (?P<text>.+?)(?: (?:nach|heraus|raus))?"
                ),
                (
                    r"(?:erinnerst du dich|weißt du noch|weißt du)(?: noch)?,? (?:{about}|was "
                    r"(?:wir )?(?:{about})?) ?(?P<text>.*?)(?: {decided} (?:haben|hatten))?"
                ),
                (
                    r"(?:erinner(?:e)?|sag) (?:mich|mir)(?: noch ?mal| bitte)* ?(?:daran)?,? was"
                    r" {we}(?: {about})? ?(?P<text>.*?)(?: {decided}(?: haben| hatten)?)"
                ),
                (
                    r"(?:welche[nrs]?|wer|wann|wo|warum|wieso|wofür|wie ?viele?|wie)(?: \w+)? "
                    r"(?:haben|hatten|wollten|hat|habe) {we}(?: uns)?(?: {about})? ?(?P<text>.*?)"
                    r"(?: ?{decided})?"
                ),
                (
                    r"(?:worauf|wofür|auf was|für was|wogegen|womit) (?:haben|hatten) {we}(?:"
                    r" uns)?(?: {about})? ?(?P<text>.*?)(?: ?{decided})?"
                ),
                r"was (?:weißt du|wissen wir|ist bekannt)(?: noch)? {about} (?P<text>.+)",
            ),
        ),
        (
            Kind.REMEMBER,
            (
                (
                    r"(?:ich habe|ich hab|wir haben|hier ist|neue[rs]?|noch eine?|eine?|meine?|die"
                    r"|das|unsere?|notiere?(?: bitte)?|speicher(?:e|n)?|halte|merk dir|schreib)(?:"
                    r" (?:mir|bitte|neue|noch|eine?|als|die|das))* (?P<memory>{things})(?: (?:ist"
                    r"|lautet|fest|auf|dass))?[,:]? (?P<text>.+)"
                ),
                (
                    r"(?P<memory>entscheidung|beschluss|idee|frage|to-?do|fakt|notiz|vorliebe"
                    r"|risiko|erinnerung)(?::|,| -| ist| lautet)? (?P<text>.+)"
                ),
                (
                    r"(?:setz|setze|schreib|schreibe|pack|packe) (?P<text>.+?) auf (?:meine|die"
                    r"|unsere) (?:liste|to-?do-?liste|aufgabenliste)"
                ),
                r"erinner(?:e)? mich(?: (?:bitte|später|morgen))?(?: (?:daran|an))?,? (?P<todo>.+)",
                (
                    r"(?:wir|ich) (?:haben|habe|hab) (?:(?:uns|mich) )?(?:gerade |jetzt |endlich"
                    r" )?(?:beschlossen|entschieden|vereinbart|ausgemacht|abgemacht|geeinigt)[,:]?"
                    r" (?:dass |darauf,? dass )?(?P<decided>.+)"
                ),
                (
                    r"(?:wir|ich) (?:haben|habe|hab) (?:uns |mich )(?P<decided>.+) (?:entschieden"
                    r"|geeinigt|festgelegt)"
                ),
                (
                    r"(?:merk(?:e)? dir|merken|notier(?:e|en)?|schreib(?:e)?(?: dir)? auf|schreib"
                    r"(?:e)?|speicher(?:e|n)?|halt(?:e)?(?: bitte)? fest|behalte?|nimm zu"
                    r" protokoll|protokollier(?:e)?|zu protokoll|vermerke?|notiz)(?: (?:bitte|mal"
                    r"|dir|das|es|mir|noch|folgendes|im gedächtnis))*[,:]? (?:dass )?(?P<text>.+?)"
                    r"(?: (?:auf|ab|fest))?"
                ),
                (
                    r"(?:vergiss|vergesst) (?:nicht|ja nicht|bloß nicht|bitte nicht)[,:]? (?:dass "
                    r"|zu )?(?P<text>.+)"
                ),
                r"denk(?:e)? (?:bitte )?(?:daran|dran|an)[,:]? (?:dass )?(?P<text>.+)",
                r"ich bevorzuge (?P<preferred>.+)",
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
