"""German. What is kept, and the session in which."""

from __future__ import annotations

REMEMBER = (
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
        r"erinner(?:e|n)?(?: sie)? mich(?!(?: noch)?(?: mal)?,? (?:was|wann|wo|wie|wer"
        r"|welche\w*)\b)(?: (?:bitte|später|morgen|übermorgen|heute"
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
    r"(?:(?:die|eine) )?neue regel(?: ist)?[,:]? (?:dass )?(?P<decided>.+)",
    r"(?:es wurde|es ist|wurde) (?:beschlossen|entschieden|vereinbart),? (?:dass )?(?P<decided>.+)",
    r"heb(?:e)?{polite} (?:das|dir|es)(?: bitte)? auf[,:]? (?:dass )?(?P<text>.+)",
    r"vergiss{polite} nie(?:mals)?,? (?:dass )?(?P<text>.+)",
    r"(?:wichtig|achtung)[,:]? (?:ist,? )?(?:dass )?(?P<text>.+)",
    (
        r"(?:dass du )?(?:dir )?(?:merkst|notierst|behältst|aufschreibst|festhältst),?"
        r" (?:dass )?(?P<text>.+)"
    ),
    r"ich bevorzuge (?P<preferred>.+)",
    (
        r"(?:ich (?:habe|hab|hätte) es|mir (?:ist|wäre) es) lieber,? (?:wenn|dass)"
        r" (?P<preferred>.+)"
    ),
)
SWITCH = (
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
    (
        r"mach{polite} (?:da |dort )?weiter,? wo wir (?:bei|in|mit) {the}(?P<text>.+)"
        r" (?:waren|aufgehört haben)"
    ),
)
OPEN = (
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
)
REMEMBER_BEHIND = (
    (
        r"(?P<text>.+?)(?:,| und)?(?: bitte)? (?:merk(?:e|en)?{polite} dir|(?:halte?"
        r"|speicher(?:e|n)?|notiere?n?|schreib(?:e|en)?|behalte?))(?: (?:das|es|dir"
        r"|bitte|mal))+(?: (?:auf die liste|auf (?:meine|die) to-?do-?liste|fest|auf"
        r"|in (?:die|meine) notizen))?"
    ),
    r"(?P<text>.+?),? (?:merk(?:e|en)? (?:dir|sie sich|euch) (?:das|es)(?: bitte)?)",
)
