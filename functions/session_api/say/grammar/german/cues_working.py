"""German. Cues of an order to stop, and of an answer for an agent."""

from __future__ import annotations

STOP = (
    (5, r"{start}{cut_off}(?! ich| wir| sie\b| er\b)", r"\b(?:ab|an|ein|auf|zurück|raus)(?=$| ,)"),
    (5, r"{start}{end_it}(?! ich| wir| er\b)(?=$| )", r"{a_task}|@|\b(?:das|es|alles|damit)\b"),
    (
        5,
        r"{start}(?:zieh|zieht|zieh'|drück|drückt|betätige)\b",
        r"\b(?:stecker|notbremse|aus-knopf)\b",
    ),
    (
        5,
        (
            r"{start}(?:mach|macht|machen wir) (?:\S+ ){,4}?(?:schluss|feierabend|dicht|ein ende"
            r"|aus)\b"
        ),
    ),
    (
        5,
        r"{start}(?:pfeif|pfeift|ruf|hol|hol) (?:\S+ ){,4}(?:@|&) (?:\S+ ){,3}(?:zurück|heim|ab)\b",
    ),
    (
        5,
        r"{start}(?:lass|lasst)\b",
        (
            r"\b{let_be} ?(?:sein|bleiben|fallen|liegen|stehen|gut sein)\b|\b(?:sein|bleiben|fallen"
            r"|liegen)(?=$| ,)"
        ),
    ),
    (5, r"{start}schluss (?:jetzt|damit|mit|nun|aus)\b"),
    (5, r"\b{ask_you}\b", r"{ending}"),
    (
        5,
        (
            r"(?:@|&|{a_task}|\b(?:es|das|alles))(?: \S+){,6}? (?:soll|sollen|sollte|muss|kann|darf"
            r"|möge|bitte|gehört|ist zu)\b"
        ),
        r"{ending}",
    ),
    (
        5,
        r"\b(?:soll|sollen|sollte|muss|kann|darf|möge|bitte)(?: \S+){,3}? (?:@|&|{a_task})",
        r"{ending}",
    ),
    (
        5,
        (
            r"^(?:bitte )?(?:de[nmr]|die|das|alles|alle|@s?"
            r"|\w*suche)\b(?: \S+){,5} {ending}(?: bitte| sofort)?(?=$| ,)"
        ),
    ),
    (5, r"\bbitte\b", r"^(?:\S+ ){,9}?{ending}(?: bitte)?(?=$| ,)"),
    (
        5,
        r"\b(?:hat|haben) sich (?:\S+ )?(?:erledigt|erübrigt)\b",
        r"{a_task}|@|\b(?:nicht mehr|abbrechen|brich|zieh)\b|\b(?:das|die sache) (?:mit|hat)\b",
    ),
    (
        5,
        r"\b(?:braucht?|brauche?n?|müssen|muss)\b(?: \S+){,6} nicht (?:mehr|länger|weiter\w*)\b",
        r"@|&|{a_task}",
    ),
    (
        5,
        r"\b(?:hinfällig|gegenstandslos|nicht mehr (?:nötig|notwendig|gebraucht|aktuell))\b",
        r"{a_task}|@|^(?:de[nr]|die|das) \S+ (?:ist|wird)\b",
    ),
    (
        5,
        (
            r"(?:@|&)(?:,| bitte| jetzt| sofort| alle| mal)* (?:(?:aufhören|stopp?|halt|schluss"
            r"|feierabend|stillgestanden)\b|aus(?=$| ,))"
        ),
    ),
    (
        5,
        r"(?:@|&)",
        r"\bfinger\b.*\b(?:weg|lassen|davon)\b|\bschluss machen\b|\bdie arbeit nieder\w*",
    ),
    (
        5,
        r"(?:&|@)",
        r"^(?:\S+ ){,7}{ending}(?: bitte| sofort| jetzt)?$",
        r"^(?!.*\b(?:ich|wir|man|er|sie|nicht)\b)",
    ),
    (
        5,
        (
            r"{start}(?:fahr|fahrt|fahren wir|blasen wir|brechen wir|stellen wir|stampf|stampft"
            r"|schieß|wirf|schmeiß|tret|würgen wir|sagen wir|halten wir|lassen wir|schick|dreh"
            r"|knips)\b(?: \S+){1,8} (?:runter|ab|ein|in den wind|weg|hin|in die tonne|an|bleiben"
            r"|sein|fallen|in den feierabend|in rente)(?=$| ,)"
        ),
        r"{a_task}|@|&|\b(?:de[nmr]|die|das|es)\b",
    ),
    (
        5,
        (
            r"\b(?:kannst|könnt|könntest|darfst|können|brauchst|musst|müsst) (?:du|ihr|sie"
            r"|wir) (?:\S+ ){,5}?(?:sparen|sein lassen|bleiben lassen|vergessen|streichen"
            r"|nicht (?:weiter\w*|mehr (?:\S+ )?machen|länger))(?=$| ,|\w*)"
        ),
        r"^(?!.*\bnicht vergessen\b)(?!.*\bich\b.*\bvergessen\b)",
    ),
    (
        5,
        (
            r"\b(?:genug|schluss|ende|aus|vorbei|stopp) (?:mit|jetzt mit|damit|im gelände)\b"
            r"|\b(?:reicht|langt)(?: mir| jetzt| das)*(?=$| ,)"
        ),
        r"\b(?:hör|brich|stopp|lass|mach|damit|mit (?:de[mr]|@))\b",
    ),
    (
        5,
        (
            r"{start}(?:vergiss|vergesst|vergessen sie|streich|streicht|lass|lasst)\b(?! (?:nicht"
            r"|mich|uns|ihn wissen))(?: \S+){1,6}"
        ),
        (
            r"\b(?:brauch\w*|benötig\w*|will|wollen)\b(?: \S+){,5} (?:nicht|nimmer|nicht mehr"
            r"|keiner|niemand)\b|\bdoch nicht\b|\bnicht mehr (?:nötig|aktuell)\b"
        ),
    ),
    (
        5,
        (
            r"^(?:\S+ ){,6}(?:wird|werden|ist|sind) (?:\S+ )?(?:nicht mehr|nimmer"
            r"|nicht länger) (?:gebraucht|benötigt|nötig|aktuell|notwendig|erforderlich"
            r"|gewünscht)\b"
        ),
    ),
    (
        5,
        r"{a_task}|@|&|\b(?:es|das|alles|de[nr]|die)\b",
        (
            r"\b(?:soll|sollen|muss|müssen|kann|können|bitte|gehört|sollte"
            r"|darf)\b(?: \S+){,6} (?:gestoppt|abgebrochen|beendet|abgeblasen|eingestellt"
            r"|angehalten|storniert|gecancelt|gekillt|abgewürgt|eingestampft"
            r"|zurückgezogen)(?: werden)?(?=$| ,| bitte)"
        ),
    ),
    (
        5,
        (
            r"^(?:das )?(?:reicht|langt|genügt|schluss|genug|stopp?|aus|halt|feierabend)(?: jetzt"
            r"| nun| damit| für heute)*,? ?(?:@|&)(?=$| ,)"
        ),
    ),
    (
        5,
        (
            r"\b(?:ich|wir) brauch\w*\b(?: \S+){1,8} doch nicht(?: mehr)?$|^(?:bitte |sofort "
            r"|jetzt |alles )+{ending}|^{ending} (?:bitte|sofort|jetzt|das ganze|alles)"
            r"|^weg mit (?:de[mrn]|diese\w+)\b.*{a_task}|\bbrems\w*\b.*@|@.*\bbrems(?:en|t)\b"
        ),
    ),
    (
        6,
        (
            r"\b(?:ich will|ich möchte|ich hätte gern\w*)\b(?: ,)? dass (?:alles|das|es|das ganze"
            r"|@)(?: \S+){,2} (?:aufhört|stoppt|endet|abgebrochen wird|gestoppt wird"
            r"|beendet wird)\b"
        ),
    ),
    (
        5,
        (
            r"{start}hört?(?: bitte| jetzt| mal| sofort)* auf\b(?! (?:dein\w*|mein\w*|de[nmr]|das"
            r"|die|mich|uns|ihn|sie)\b)(?:(?: damit| jetzt| bitte| zu| mit| an)\b|$| ,)"
        ),
    ),
    (
        5,
        (
            r"^(?:de[nr]|die|das|mein\w*|unser\w*) (?:\S+ ){1,4}(?:ist|wird|sind|hat) (?:damit "
            r"|somit |jetzt |hiermit )?(?:gestrichen|gestorben|hinfällig|vom tisch|abgeblasen"
            r"|abgesagt|passé|obsolet)(?=$| ,)"
        ),
        (
            r"^(?!.*\b(?:konzert|zug|flug|party|spiel|wanderung|fest|schule|bus|termin"
            r"|fußballspiel)\b)"
        ),
    ),
)
REPLY = (
    (
        5,
        (
            r"\b(?:antwort\w*|erwider\w*|entgegne\w*|richte?|schreibe?|sage?)\b(?: \S+){,3} (?:@"
            r"|ihm|ihr|ihnen)\b(?! er\b| sie\b)"
        ),
        r"\b(?:dass|zurück|aus|mit|ja|nein|doch|es|wir)\b",
    ),
    (
        5,
        r"\bauf (?:die|seine|ihre|deren) (?:frage|rückfrage|nachfrage)\b",
        r"\b(?:antwort\w*|sage?|lautet|heißt|ist)\b",
    ),
    (5, r"\bbeantworte?n?\b(?! (?:ich|wir)\b)(?: \S+){,5} (?:frage|rückfrage|nachfrage)\b"),
    (5, r"\b(?:meine|die|unsere) antwort(?: \S+){,4} (?:ist|lautet|wäre|heißt)\b"),
    (5, r"\bantwort (?:an|für) (?:@|ihn|sie)\b"),
    (
        5,
        r"\b(?:gib|gebt|geben sie|teil|teilt)\b(?: \S+){,2} (?:@|ihm|ihr)\b",
        r"\b(?:bescheid|mit|grünes licht|weiter)\b(?! (?:de[nmr]|die|das)\b)",
    ),
    (
        5,
        (
            r"^(?:zu|zur|auf|wegen|bezüglich|betreffs?) (?:@s?|seiner|ihrer|der) (?:frage|rückfrage"
            r"|nachfrage)\b|^zu @ frage\b|^(?:an|für) @ ,? (?:ja|nein|antwort|die antwort)\b"
            r"|\bantwort\b(?: \S+){,3} (?:lautet|ist|heißt|wäre)\b"
        ),
    ),
    (
        6,
        (
            r"\b(?:schreib|meld|gib|funk|antworte|sag)e?\b(?: \S+){,2} (?:@|ihm|ihr|ihnen)(?: bitte"
            r"| mal)? zurück\b"
        ),
    ),
)
