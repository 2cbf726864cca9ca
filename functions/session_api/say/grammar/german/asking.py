"""German. Questions: what is new, what was decided."""

from __future__ import annotations

NEWS = (
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
    r"(?:erzähle?|sage?|berichte){polite}(?: mir)?{polite},? was (?:los|passiert|neu|fertig) ist",
    r"was ist der (?:neu|letzt)e(?:ste)? stand\b.*",
    (
        r"(?:irgend ?welche|irgend ?was|etwas) (?:neues|neuigkeiten|ergebnisse) (?:von|vom"
        r"|zu[mr]?|über|bei[m]?) (?P<text>.+)"
    ),
    r"(?:gab|gibt|kam)(?:'s| es)? seit .+ (?:neues|neuigkeiten|ergebnisse)",
    r"was (?:kam|ist) (?:bei|beim|aus|bei der) (?P<text>.+?) (?:he)?raus(?:gekommen)?",
    r"(?:ist|sind) (?P<text>(?:die|der|das|mein|unser)e? .+) jetzt (?:\w+er|besser|anders)",
    r"was es neues gibt",
    r"was (?:ist|war) (?:passiert|los|geschehen),? (?:während|seit|als|solange)\b.*",
    r"was (?:machen|treiben|tun) (?:meine|die) agenten\b.*",
    r"wie (?:läuft|geht|steht)(?:'s| es)(?: (?:denn|so|gerade|eigentlich))*",
    (
        r"(?:arbeiten|warten|brauchen|sind) (?:die|sie|(?:die|meine) agenten) (?:noch"
        r"|schon|gerade)\b.*"
    ),
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
    r"(?:wartet|braucht|fragt|hat) (?:jemand|irgend ?wer|einer|irgend ?et?was|etwas)\b.*",
    r"wie (?:ist|sind|war|waren) (?P<text>.+) (?:ge|aus|ver)\w*(?:laufen|gangen)",
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
        r"wie (?:läuft|geht|geht's|steht|steht's|war|lief|weit ist|ist|kommt) (?!(?<=war )(?:der"
        r"|die|das|unser\w*|mein\w*) \w*(?:code|name|adresse|nummer|pin|passwort|kennwort|preis"
        r"|titel|größe|datum|link)\b)(?!.*noch"
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
)
RECALL = (
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
        r"habe? ich dir(?: schon| mal)* (?:gesagt|erzählt),? (?:was|wann|wo|wer|warum|wie"
        r"|ob|dass) (?P<text>.+)"
    ),
    (
        r"(?:zeig|sag|lies)e?(?: mir)?{polite},? (?:was|alles,? was) du(?: noch)? {about}"
        r" (?P<text>.+) weißt"
    ),
    r"(?:schau|sieh|guck)e?{polite} in (?:meine|unsere|die) notizen(?: {about})? (?P<text>.+)",
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
)
