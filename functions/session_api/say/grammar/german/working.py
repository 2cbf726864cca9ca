"""German. Work: stop it, answer its questions, give it."""

from __future__ import annotations

STOP = (
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
    r"blase?{polite} {det}(?P<text>.+?) ab",
    r"(?:brich|brechen){polite} ab,? was {the}(?P<agent>{agent})\b.*",
    r"(?:stopp?e?n?|storniere?n?){polite} (?!die session|die sitzung){det}(?P<text>.+)",
    r"(?:stoppe|storniere) (?P<text>{few})",
    r"beenden?{polite} (?!{det}?{session}){det}(?P<text>.+)",
    r"hör(?:e|en|t)?{polite} mit (?P<text>.+?) auf\b.*",
    r"hör(?:e|en|t)?{polite} auf (?:mit|an) {the}(?P<text>.+?)(?: zu arbeiten)?",
    r"{det}(?P<text>(?!.*{finite}){few}) {stopping}",
    r"(?P<text>alles|alle(?: \w+){,3}) {stopping}",
    r"{aside}, (?P<text>das|es|die|den|ihn) (?:kannst|könntest|darfst) du{polite} {stopping}",
    r"hör(?:e|en|t)?{polite} auf,? (?:an|am|mit) {the}(?P<text>.+?) zu arbeiten",
    r".+, (?:abbrechen|stoppen|stopp?|brich (?P<text>das|es|ihn) ab)",
    r"(?:vergiss|lass){polite} {det}(?P<text>.+?),? hör{polite} damit{polite} auf",
)
REPLY = (
    (
        r"(?:sag|sage|antworte|schreib|richte)n?{polite} (?:ihm|ihr|ihnen|es|dem"
        r" agenten|darauf|{the}(?P<agent>{agent}) aus)(?: aus)?[,:]? (?:dass |mit )?"
        r"(?P<text>(?!(?<=aus )(?:er|sie|es) (?:soll|möge|muss)\b).+)"
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
)
DELEGATE = (
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
        r"| gerne)* vo[nm] {the}(?P<agent>{agent})(?: gern| gerne)? (?P<text>.+)"
    ),
    (
        r"vo[nm] {the}(?P<agent>{agent}) (?:hätte|bräuchte|möchte|brauche) ich (?P<text>"
        r"(?!mehr|nichts|nie).+)"
    ),
    r"(?P<text>(?:lasse?|lassen sie) (?!uns\b).+? {the}(?P<agent>{agent}) \w+en)",
    r"(?P<agent>{agent})(?:,|:| -) (?P<text>{not_about}.+)",
    (
        r"(?P<agent>{agent}) (?:bitte |kannst du |könntest du |du sollst |würdest du )+"
        r"(?P<text>.+)"
    ),
    r"(?P<agent>{proper}) (?:mal )?(?P<text>(?:{do}|warum|wieso|weshalb|wie ?viele?)\b.+)",
    (
        r"(?:gib|geben?|übergib|schick|schicke|überlass|delegiere|weise?){polite} {the}"
        r"(?P<agent>{agent})[,:]? (?:(?:die|den|eine|einen) (?:aufgabe|auftrag|job)(?:"
        r" zu)?[,:]? ?)?(?P<text>.+)"
    ),
    (
        r"(?:gib|geben?|übergib|schick|schicke|delegiere?|reich|reiche) (?P<text>.+?) "
        r"(?:an|zu) {the}(?P<agent>{agent})(?: (?:weiter|ab))?"
    ),
    (
        r"(?P<text>(?:gib|geben?|schick|schicke|leite?|reiche?) .+? an {the}"
        r"(?P<agent>{agent})(?: weiter)?[,:] .+)"
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
    r"(?P<text>(?:hole?|besorge?)(?: mir| uns)?{polite} vo[nm] {the}(?P<agent>{agent}) .+)",
    r"(?P<text>(?:gib|leite?|reiche?|schicke?) .+? an {the}(?P<agent>{agent}) weiter .+)",
    (
        r"(?P<text>(?:zeig|gib|schick)e? {the}(?P<agent>{agent}) .+ und (?:lass|bitte)"
        r" (?:ihn|sie|es) .+)"
    ),
    r"(?P<agent>{proper}),?{polite} (?P<text>(?:vergiss|denk)\b.+)",
    (
        r"(?P<text>.+ (?:ist|sind|wäre|wären) (?:was|etwas|eine? \w+) für"
        r" {the}(?P<agent>{agent}),? (?:der|die|das|er|sie|es) soll(?:te)? .+)"
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
)
# Something else is said first: what is wrong, and then who is to mend it.
DELEGATE_BEHIND = (
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
)
