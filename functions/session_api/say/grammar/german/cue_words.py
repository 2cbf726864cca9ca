"""German. The word classes of the cues."""

from __future__ import annotations

CUE_PARTS = {
    # An agent by name without an article, as somebody is called.
    "called": r"\u16a0",
    "start": (
        r"(?:^|, |\b(?:und|aber|also|dann|denn|bitte|drum|deshalb|deswegen|jetzt|nein|doch|ja|so"
        r"|nun|äh|ähm|hm|ok|okay|gut|na|los|komm|mal|hey|du|halt|ach) )"
    ),
    "no_subject": (
        r"(?<!\bich )(?<!\bwir )(?<!\ber )(?<!\bsie )(?<!\bman )(?<!\bdu )(?<!\bes )(?<!\bkeiner"
        r" )(?<!\bdarf )(?<!\bhat )(?<!\bzu )(?<!\bleute )"
    ),
    "one": r"(?:@|&)",
    "entrust": (
        r"(?:lass|lasst|lassen sie|sag|sage|frag|frage|gib|gebt|geben sie|setz|setze|schick|schicke"
        r"|nimm|nehmt|hol|hole|beauftrage?|klemm|klemme|häng|spann|spanne|stell|pack|jag|hetz"
        r"|übergib|überlass|überlasse|weis|weise|trag|trage|bring|bringe|drück|ruf|rufe|weck|reich"
        r"|reiche|leit|leite|instruiere?|lad|schieb|wirf|mobilisiere?|aktiviere?|starte|start"
        r"|richte|richt|delegiere?|schnapp dir|veranlass|veranlasse|kontaktiere?|bemüh|bemühe"
        r"|engagiere?|vertrau|verdonnere?|schreib|teil|teile|nutz|nutze|benutze?|verwende"
        r"|wende dich an|bitte? (?=@))"
    ),
    "shall": r"\b(?:soll|sollen|sollte|sollten|muss|müsste|müssen|möge|mögen)",
    "present": (
        r"(?!(?:hat|ist|sagt|meint|findet|glaubt|behauptet|kennt|kostet|gefällt|steht|heißt|klingt"
        r"|wirkt|bringt|scheint|nervt|spinnt|braucht|redet|fragt|zeigt|kommt|läuft|weiß|gehört"
        r"|passt|nicht|jetzt|gut|erst|selbst|oft|fast|geht|bleibt|reicht|stimmt|überrascht"
        r"|macht mir)\b)(?-i:[a-zäöüß]{2,}t)"
    ),
    # How a sentence ends in which somebody is to do something: an infinitive, or where to go.
    "does_it": (
        r"\b(?-i:[a-zäöüß]{2,}(?:en|ern|eln)|tun|ran|rein|drauf|dran|drüber|raus|hin|weg"
        r"|her)(?<!\bhaben)(?<!\bsein)(?<!\bheißen)(?<!\bkosten)(?<!\bkönnen)(?<!\bbekommen)(?:"
        r" bitte| jetzt| und \S+.*)?(?=$| ,| (?:weil|denn|und|aber|damit|bis|bevor|dass|ob|wie|wenn"
        r"|zwar|bitte|warum|was|wo\w*|wer|welche\w*|wann|wieso)\b)"
    ),
    "infinitive": r"(?-i:[a-zäöüß]{2,}(?:en|ern|eln)|tun)",
    # An imperative is a small word without the endings of the third person and the infinitive.
    "imperative": (
        r"(?!(?:war|wird|will|soll|kann|muss|darf|mag|sei|kam|ging|sah|fand|lief|schrieb|und|oder"
        r"|in|auf|am|im|an|als|aber|auch|bei|beim|bis|da|das|dass|dem|den|der|die|doch|durch|ein"
        r"|eine|einen|er|sie|es|für|halt|heute|hier|ich|ihm|ihn|ja|je|jede\w*|kaum|leider|man"
        r"|mein\w*|mir|mit|mich|nach|noch|nur|ob|ohne|schon|sehr|selber|seit|sich|sie|so|um"
        r"|unser\w*|viel|vom|von|vor|was|weil|wenn|wer|wie|wieder|wir|wo|wohl|wurde|zu|zum|zur"
        r"|immer|nie|gestern|einmal|\w*mal|ganz|gar|genauso|besser|nichts|sonst|eben|gerade|neben"
        r"|weiß|hatte|konnte|wollte|sollte|machte|brauchte|\w+(?:lich|ig|isch|los|haft|bar|sam"
        r"|weise|ends|ung|chen|tte|gte|kte|fte|bte|nnte|sste)|klar|super|toll|gut|danke|oft|fast"
        r"|meist|lieber|eher|etwa|daher|trotzdem|allein\w*|dafür|dabei|damit"
        r"|davon)\b)(?!(?-i:[a-zäöüß]+(?:en|ern|eln|st)\b))(?!(?!(?:acht|\w*arbeit|\w*bereit"
        r"|\w*antwort|\w*beobacht|betracht|richt|start|test|\w*leit|rat|tritt|schalt|gestalt"
        r"|sortiert|bewert|bitt|vergleich)\b)[a-zäöüß]+t\b)(?-i:[a-zäöüß]{3,})\b(?! (?:ich|wir|man"
        r"|er|sie|es)\b)(?= \S+)"
    ),
    "ask_you": (
        r"\b(?:kannst|könntest|könnten|würdest|würden|magst|willst|möchtest|wärst|darfst|dürftest"
        r"|sollst|solltest|können|kann|musst) (?:du|sie|ihr|ich dich)\b"
    ),
    "want": (
        r"(?:\b(?:gib|gebt|geben sie|sag|sagt|zeig|bring|lies|will|möchte|hätte|brauch\w*|bräuchte"
        r"|wie|was|her mit|erzähl|schick|kurze\w*|bitte|verrat|mach|liefere?|nenn|fass)\b)"
    ),
    # A separable verb of ending: its prefix stands at the end.
    "cut_off": (
        r"(?:(?:brich|brecht|brechen sie|blas|blase|blast|würg|dreh|schalt|pfeif|sagt? (?!ihm|ihr)"
        r"|bestell)(?=(?: \S+){,8} ab(?=$| ,))|(?:halt|haltet|halten sie)(?=(?: \S+){,8} an(?=$"
        r"| ,))|stellt?(?=(?: \S+){,8} (?:ein|ab)(?=$| ,))|(?:zieh|zieht|nimm"
        r"|nehmt)(?=(?: \S+){,8} zurück(?=$| ,))|(?:hör|hört|hören sie|gib)(?=(?: \S+){,8} auf(?=$"
        r"| ,)))(?! (?:mir|ihm|ihr|@ ,))"
    ),
    "end_it": (
        r"(?:stopp|stoppe|stoppt|stop|beende|beendet|kill|kille|cancel|cancle|storniere?|streich"
        r"|streiche|kipp|vergiss|verwirf|unterbrich|annulliere?|verzichte|abbruch(?![\w-])"
        r"|abbrechen(?![\w-])|schmeiß (?:\S+ ){,4}hin)"
    ),
    "ending": (
        r"\b(?-i:abbrechen|abblasen|abbestellen|stoppen|beenden|anhalten|einstellen|abwürgen|killen"
        r"|canceln|stornieren|zurückziehen|zurückpfeifen|aufhören|aufgeben|schluss machen"
        r"|abschalten|unterbrechen|streichen|kippen|verwerfen|bleiben lassen|sein lassen"
        r"|bleibenlassen|seinlassen|fallen lassen|liegen lassen|abzubrechen|zu beenden|zu stoppen"
        r"|aufzuhören|anzuhalten|annullieren|hinschmeißen|ruhen lassen|gut sein lassen|einpacken"
        r"|absagen|abblasen|feierabend machen|stilllegen|einstampfen|runterfahren|herunterfahren"
        r"|auflösen|zurücknehmen|begraben|sparen)(?![\w-])"
    ),
    "let_be": r"(?:es|das|die|den|@|mal|bitte|jetzt)",
    "a_task": (
        r"\b(?:\w*auftrag|\w*auftrags|aufgaben?|\w*jobs?|\w*suche|\w*arbeit|arbeiten|\w*lauf"
        r"|\w*läufe|tasks?|vorgang|prozess|sache|ding|recherche\w*|build|umbau|vorhaben|aktion"
        r"|migration|analyse|übersetzung|import|export|skript|test|tests|ganze)\b"
    ),
    "verb_first": (
        r"(?:ist|sind|hat|haben|läuft|laufen|geht|gehen|kommt|kommen|klappt|klappte|steht|stehen"
        r"|funktioniert|funktionieren|ging|lief|liefen|dreht|drehen|lohnt|braucht|brauchen|wartet"
        r"|warten|hängt|hängen|macht|machen|arbeitet|arbeiten|schreibt|wurde|wurden|wird|werden"
        r"|konnte|konnten|war|waren|hatte|steckt|stecken|sitzt|tut|fehlt|fehlen|liegt|liegen"
        r"|schafft|kam|kamen|gibt|gab|bewegt|gelang|gelingt|rechnet|baut|sucht|hakt|stimmt|passt)"
    ),
    "progress": (
        r"\b(?:fertig\w*|durch|erledigt|schon|inzwischen|mittlerweile|noch|bereits|endlich"
        r"|weiter\w*|voran\w*|fortschritt\w*|vorwärts|abgeschlossen|abgeliefert|so ?weit|geklappt"
        r"|funktioniert|durchgelaufen|angekommen|vom fleck|im kreis|ergebnis\w*|geschafft|am laufen"
        r"|grün|zu ende|beendet|vorbei|dran|gelaufen|gelungen|gut gegangen|über die bühne|irgend\w*"
        r"|bis (?:morgen|heute|wann))\b"
    ),
    "participle": (
        r"(?-i:\w*ge[a-zäöüß]{2,}(?:t|en)|(?:ver|be|er|ent|über|unter|zer)[a-zäöüß]{2,}(?:t|en)"
        r"|[a-zäöüß]+iert)"
    ),
    "then_verb": (
        r"(?: \S+)?? (?:ist|sind|war|waren|hat|hatte|hatten|haben|hab|habe|soll\w*|woll\w*|will"
        r"|muss\w*|kann|kam|ging|lag|hieß|lief|stand|gab|(?-i:[a-zäöüß]{2,}(?:t|te))|fand|sah|las"
        r"|nahm|trug|hielt|blieb|bekam|rief|schrieb|(?-i:[a-zäöüß]{2,}en))\b"
    ),
    "asks": r"(?:^|, )(?:(?:und|äh|ähm|also|sag mal|du|hey|na|aber|hm|eigentlich|bitte|so) )*",
    "asking_word": (
        r"(?:^|, |\b(?:und|äh|ähm|sag mal|also|aber|noch mal|noch mal|weißt du|du|hey|ab|bis|seit"
        r"|für|mit|an|auf|in|von|bei|zu|um|aus) )(?:wann|wo|wohin|woher|wer|wen|wem|wessen|was|wie"
        r"|welche[nrms]?|warum|wieso|weshalb|worauf|wofür|womit|wogegen|worüber|wozu|wovon|wonach"
        r"|woran|wie ?viele?)"
    ),
    "we_past": (
        r"\b(?:hatten?|haben|hab|habe|wollten?|sollten?|mussten?|waren|war|hast|hattest)\b (?:ich"
        r"|wir|du|er|sie|@|\w+)\b(?: \S+)*? (?-i:\w*ge[a-zäöüß]{2,}(?:t|en)|(?:ver|be|er|ent|über"
        r"|unter)[a-zäöüß]{2,}(?:t|en)|[a-zäöüß]+iert|beschlossen|gesagt|gemeint|wollen|vor)"
    ),
    "kept_verb": (
        r"\b(?:beschlossen|entschieden|gesagt|vereinbart|notiert|aufgeschrieben|besprochen"
        r"|festgehalten|festgelegt|ausgemacht|abgemacht|geplant|gespeichert|gewählt|geeinigt"
        r"|diktiert|gemerkt|abgelegt|vermerkt|hinterlegt|erwähnt|überlegt|verabredet|eingetragen"
        r"|erzählt|genannt|aufgesprochen|protokolliert)\b"
    ),
    "kept": (
        r"\b(?:beschlossen|entschieden|vereinbart|notiert|aufgeschrieben|besprochen|festgehalten"
        r"|festgelegt|ausgemacht|abgemacht|gespeichert|gewählt|geeinigt|diktiert|gemerkt|abgelegt"
        r"|vermerkt|hinterlegt|verabredet|protokolliert|laut (?:beschluss|notiz\w*|protokoll"
        r"|absprache)|in meinen notizen|\w*notiz\w*|beschluss)\b"
    ),
    "fetch": (
        r"(?:\b(?:such|suche|find|finde|zeig|zeige|lies|hol|hole|kram|krame|grab|grabe|schau|sieh"
        r"|guck|nenn|nenne|sag|gib|bräuchte|brauche|brauch|ruf|liste (?:mir|alle|bitte|mal)|zähl"
        r"|erinnere mich an|spuck|rück|wüsste|hervor|nachsehen|nachschauen|raussuchen|heraussuchen"
        r"|nachschlagen|vorlesen|schlag|lese|bring|blätter|welche|was|hast du)\b)"
    ),
    "store": (
        r"\b(?:\w*notiz(?:en)?|(?:einkaufs|to-?do-?|merk|aufgaben|pack|wunsch"
        r"|erledigungs)?-?listen?|\w*zettel|gedächtnis|aufzeichnung\w*|merkliste|beschl[uü]ss\w*"
        r"|entscheidung\w*|ideen?|erinnerung\w*|fakten|risiken|vorlieben|todos|to-dos|protokoll\w*"
        r"|archiv|gespeichert\w*|gemerkt\w*|notiert\w*)\b"
    ),
    "keep": (
        r"(?:merke? dir|merkt euch|merken sie sich|notiere?|notiert|vermerke?|speichere?"
        r"|speicher mal|behalte?|protokolliere?|hinterlege?|archiviere?|memoriere?|präge? dir"
        r"|verewige?|sichere?|dokumentiere dir|mach (?:dir |mir |bitte |mal )*(?:eine|ne"
        r"|'ne) (?:notiz|gedankennotiz)|denke? (?:bitte |mal )?(?:dran|daran|an)|vergiss (?:bitte "
        r"|ja |bloß |mir )*(?:nicht|nie))"
    ),
    "keep_inf": (
        r"(?-i:merken|notieren|aufschreiben|festhalten|vermerken|speichern|abspeichern|behalten"
        r"|protokollieren|hinterlegen|archivieren|ablegen|eintragen|aufheben|mitschreiben|einprägen"
        r"|dazuschreiben|aufnehmen|festgehalten werden|notiert werden|vermerkt werden"
        r"|gemerkt werden|gespeichert werden|aufgeschrieben werden|einspeichern|zu notieren"
        r"|zu merken|festzuhalten)"
    ),
    "session_noun": r"\b\w*(?:sitzung|session|gespräch|unterhaltung|gesprächsfaden)\b",
}
