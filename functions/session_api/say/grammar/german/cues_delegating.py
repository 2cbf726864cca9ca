# reason: one table, whose rows are compared with each other
"""German. Cues of an order to work."""

from __future__ import annotations

DELEGATE = (
    (
        5,
        (
            r"{no_subject}\b{entrust}(?! (?:ich|wir|er|man|sie)\b)(?: (?!nicht\b"
            r"|,)[\w'-]+){,5}? {one}(?! (?:hat|ist|war|nicht|in ruhe)\b)"
        ),
    ),
    (
        5,
        r"{shall}(?: (?!nicht\b|,)[\w'-]+){,3}? {one}(?! (?:nicht|doch|ruhig|halt|denken|sein)\b)",
        r"{does_it}",
    ),
    (
        5,
        (
            r"{one}(?: (?:bitte|mal|jetzt|doch mal|gleich|sich|da|das|mir|uns|vielleicht|dann"
            r"|auch))* {shall}(?! (?:nicht|ruhig|kein\w*)\b)"
        ),
        r"{does_it}",
    ),
    (
        5,
        (
            r"{one} (?:kann|könnte|darf|dürfte|wird|würde|möchte) (?:\S+ )?(?:bitte|mal|jetzt"
            r"|gleich|sich|das|dann|da|mir|uns|gern\w*|ja mal|vielleicht)\b"
        ),
        r"{does_it}",
    ),
    (
        9,
        (
            r"(?:^|, |\bdann |\bvielleicht |\bund )(?:kann|könnte|würde|mag|möchte|wird) (?:(?:sich"
            r"|mal|bitte|vielleicht|das|da|mir|uns|dann) )*{one}"
        ),
        r"{does_it}",
    ),
    (
        5,
        (
            r"\b(?:das|dies|die|den|es|alles|da|dann|drum|dafür|hier"
            r"|jetzt)(?: [\w'-]+){,4} {present}(?: (?:mir|uns|bitte|mal|jetzt|dann|gleich|am besten"
            r"|besser|sich))* {one}(?: (?:bitte|jetzt|mal|gleich|ran|drüber|weiter|an|dann|drum"
            r"|für mich))*(?=$| ,)"
        ),
        r"^(?!{verb_first}\b)",
    ),
    (
        5,
        (
            r"(?:^|, )@(?: (?:da|hier|,))? {present} (?:\S+ ){,3}?(?:bitte|jetzt gleich|jetzt mal"
            r"|gleich mal|dann mal|mal bitte|jetzt bitte|mal|mir bitte|uns bitte|sofort"
            r"|dann bitte)\b"
        ),
    ),
    (
        5,
        r"{no_subject}\b(?:an|für|zu) {one}",
        (
            r"\b(?:geht|gehen|ging|geben|gib|gebt|schick\w*|weiter\w*|übergeben|übergib|delegier\w*"
            r"|abgeben|überlassen|weiterreichen|reich\w*|leite?|auftrag|aufgabe|arbeit|job|fall|was"
            r"|etwas|nächste\w*|übertrag\w*|adressier\w*|raus|rüber)\b"
        ),
        r"^(?!.*\b(?:ich habe?|wir haben|hatte|hat|danke|gut|nichts)\b)",
    ),
    (
        5,
        (
            r"\b(?:ich|wir|mir|es) (?:will|wollen|möchte|möchten|hätte|hätten|wünsch\w*|wär\w*"
            r"|brauch\w*|bräucht\w*|würde|fänd\w*)\b.*?\b(?:dass|wenn|ob|vo[nm])(?: (?:sich|mir|uns"
            r"|bitte|das|da|jetzt|mal|die|den))* {one}"
        ),
        r"^(?!.*\b(?:nur|nie)\b)",
    ),
    (
        5,
        (
            r"\b(?:hätte|will|möchte|brauche|bräuchte|wünsche|wünsch) (?:ich"
            r"|wir)\b(?: \S+){,4} vo[nm] {one}|\bvo[nm] {one}(?: \S+){,2} (?:hätte|will|möchte"
            r"|brauche|bräuchte|wünsche) (?:ich|wir)\b"
        ),
    ),
    (
        5,
        r"{ask_you}\b(?: \S+){,14}? {one}",
        (
            r"\b(?:lassen|geben|schicken|bitten|beauftragen|ansetzen|fragen|sagen|ausrichten"
            r"|anwerfen|anstoßen|übergeben|hinsetzen|weiterleiten|überlassen|einspannen|loslassen"
            r"|ranlassen|dransetzen|übertragen|zuteilen|auftragen|starten|losschicken|bringen"
            r"|setzen|nehmen|holen|draufsetzen|draufansetzen|anhauen|anspitzen|aufgeben|spannen"
            r"|weiter\w+|delegieren|nutzen|einsetzen|veranlassen)\b|\bdass\b"
        ),
    ),
    (
        5,
        (
            r"(?:^|, |\b(?:bitte|und|also|ok|okay|so|du|hey|äh|ähm|na|gut|ja|ach|jetzt|nun"
            r"|komm) )(?<!@ und ){called}(?: ,)?(?: (?:bitte|mal|du|jetzt|doch|mir|hey|dann|also"
            r"|nun|noch))* {imperative}"
        ),
    ),
    (
        5,
        r"(?:^|, ){one}(?: ,)? (?:bitte|mal)\b(?: \S+){1,20} {infinitive}(?: bitte)?(?=$| ,)",
        r"^(?!.*\b(?:wird|würde|hat|haben|ist|sind)\b)",
    ),
    (
        5,
        (
            r"\b(?:bitte|mal|jetzt)\b.*\b(?:von|vom|durch|mit) {one}(?: \S+){,8}? (?:\w+ lassen"
            r"|{infinitive})(?=$| ,)|\b(?:von|vom|durch|mit) {one}(?: \S+){,8}? (?:\w+ lassen"
            r"|{infinitive}) bitte\b"
        ),
    ),
    (
        5,
        (
            r"\b(?:neue\w*|nächste\w*|weitere\w*|kleine\w*|ein|eine|noch) (?:\S+ )?(?:aufgabe"
            r"|auftrag|job|arbeit|projekt|fall|bitte)\b(?: \S+){,2} (?:für|an) {one}|{one} ,? ?(?:,"
            r"|bitte|hier|ich habe?)? ?(?:eine? )?(?:neue\w*|nächste\w*|weitere\w*) (?:aufgabe"
            r"|auftrag|job|arbeit)\b"
        ),
    ),
    (5, r"\b(?:bitte )(?:an|für) {one}(?=$| ,)|^(?:an|für) {one} ,?", r"^(?!.*\bantwort)"),
    (
        5,
        (
            r"\b(?:gibst|lässt|sagst|schickst|setzt|bittest|fragst|beauftragst|überlässt|überträgst"
            r"|holst|nimmst|trägst|schreibst|weist|bringst|reichst|leitest|steckst|spannst) du\b"
        ),
        r"{one}",
        r"^(?!.*\b(?:wenn|immer|warum|wann)\b)",
    ),
    (
        5,
        (
            r"(?:^|, |\b(?:bitte|mal|vielleicht|und) )(?:kann|könnte|mag|soll|würde|sollte"
            r"|möge)(?: (?:mal|bitte|vielleicht|mir|uns|sich|das|da))* (?:jemand|irgend ?jemand"
            r"|irgend ?wer|einer|wer)\b(?: \S+)+? {infinitive}(?=$| ,)|\b(?:ich|wir) (?:brauche"
            r"|bräuchte|brauchen|suche|hätte gern\w*) (?:(?:irgend ?)?(?:jemanden|wen|einen)"
            r"|&) ,? ?(?:der|die|welcher) (?:mir|uns|das|die|den|sich|mal|bitte|alle|mein\w*"
            r"|unser\w*|ein\w*)\b|\b(?:irgend ?)?(?:jemand|wer|einer)(?: bitte| mal| soll"
            r"| möge)+ (?:\S+ )+?{infinitive}(?=$| ,| bitte)"
        ),
        r"^(?!.*\b(?:müsste|einstellen|reden)\b)",
    ),
    (
        6,
        (
            r"\b(?:richte|sag|teil|melde|bestell|übermittle)\w* {one} (?:aus "
            r"|mit )?,? ?(?:dass )?(?:er|sie|es) (?:soll|sollen|möge|muss|darf|kann)\b"
        ),
    ),
    (
        5,
        (
            r"^(?:\S+ ){,3}?{one} ,? ?(?:du (?:\S+ )?(?:musst|sollst|kannst|könntest|darfst"
            r"|solltest|müsstest|machst|übernimmst|kümmerst)|(?:\S+ ){1,4}?(?:musst|sollst|kannst"
            r"|könntest|\w{2,}st) du)\b"
        ),
    ),
    (
        5,
        (
            r"\b(?:ab|los|weiter|raus|damit|rüber) an {one}|\bfür {one} (?:hätte|habe|hab|hätten"
            r"|gibt|gibt's|ist|wäre|steht|kommt)\b|\b(?:was|etwas|aufgabe|auftrag|fall|ding|sache"
            r"|gefragt|job|arbeit|futter) für {one}"
        ),
        r"^(?!(?:ist|hat|gibt|war|was)\b)(?!.*\b(?:zu (?:schwer|viel)|nichts)\b)",
    ),
    (
        5,
        (
            r"^(?:warum|wieso) (?:lassen|geben|fragen|setzen"
            r"|nehmen) wir (?:\S+ )?(?:nicht )?(?:einfach |mal )?{one}|^wie wäre? ?(?:es"
            r"|'s)? (?:wenn|mit) (?:\S+ )?{one}|^was (?:hält|haltet|halten sie"
            r"|hältst du) davon (?:wenn )?{one}"
        ),
    ),
    (
        5,
        (
            r"{one} (?:hat|bekommt|kriegt|erhält) (?:\S+ ){,3}(?:die aufgabe|den auftrag|den job"
            r"|die order|zu tun|das zu)\b"
        ),
        r"\b(?:ab jetzt|jetzt|ab sofort|bitte|hiermit|nun|heute|als nächstes|von mir)\b",
    ),
    (
        5,
        (
            r"^(?:als nächstes|danach|dann|zuerst|jetzt|heute|bis \S+|morgen|gleich) (?:soll|kann"
            r"|könnte|muss|darf|macht|übernimmt|kümmert sich|ist) {one}(?= \S)(?!.* (?:fertig|dran"
            r"|krank|schon)$)"
        ),
    ),
    (
        5,
        (
            r"\b(?:beauftragt?e?|ansetzen|einsetzen|hinsetzen|ranlassen|zuteilen|aufgeben"
            r"|übertragen|überlassen|anvertrauen|losschicken|einspannen|heranziehen|hinzuziehen"
            r"|abstellen|darum bitten|drum bitten)(?=$| ,| bitte)"
        ),
        r"{one}",
        (
            r"^(?!.*\b(?:habe?|hat|hatte|haben|wurde|ich (?:will|muss|sollte|könnte"
            r"|würde))\b)(?!(?:wer|was|wann|wie|ob)\b)"
        ),
    ),
    (
        5,
        (
            r"{one} (?:bräuchte|brauch|brauche|möchte|will|hätte|würde) ich(?: \S+)? ?(?:gern\w*"
            r"|mal|bitte|bitten|für|zum|zur|damit|dass|beauftragen|sagen)\b"
        ),
        r"^(?!.*\b(?:nicht|nie|keine\w*)\b)",
    ),
    (
        5,
        r"{one} (?:kann|könnte|darf|würde|dürfte)\b(?! (?:nicht|kein\w*|ja nicht))",
        r"{does_it}",
        r"\bbitte\b|^(?:ach ja|und|oh|achja|ach)\b",
    ),
    (
        5,
        (
            r"\b(?:eins|einen|eine|einer|was|etwas) (?:noch )?für {one}|\bnoch (?:eins|was|etwas"
            r"|einen|eine) für {one}"
        ),
    ),
    (
        5,
        r"\b(?:von|vom|durch|mit) {one}(?: \S+){1,10}? {infinitive}(?=$| ,| bitte)",
        r"\b(?:bitte|mal|einmal|lassen)\b",
        (
            r"^(?!.*\b(?:hat|haben|hatte|war|wird|würde|wäre|kann|könnte|konnte|ich (?:will|wollte)"
            r"|wir (?:wollen|sollten))\b)"
        ),
    ),
    (
        9,
        (
            r"\b(?:ich|wir) (?:würden?|möchten?|will|wollen|wollte)(?: (?:gern\w*|mal|bitte|da"
            r"|das))* {one}(?: \S+)* (?:beauftragen|bitten|einsetzen|ansetzen|dransetzen|ranlassen"
            r"|nehmen|nutzen|fragen|lassen)(?=$| ,)|\b(?:nehmen|nutzen|setzen|schicken|beauftragen"
            r"|fragen|lassen|geben|holen) wir (?:\S+ ){,2}?{one}(?=$| ,| \S+en$| ran| an| drauf"
            r"| dazu| mal)|\bgehört {one}(?=$| ,)"
        ),
        r"^(?!.*\b(?:könnten|sollten|dauert)\b)",
    ),
    (
        9,
        (
            r"^(?:vielleicht|eventuell|möglicherweise) \w+t {one}\b(?= \S)|\b(?:mir wäre|wäre mir"
            r"|wär mir)(?: es)? (?:lieber|recht|am liebsten)(?: ,)?(?: wenn| dass)? {one}\b"
            r"|^(?:bitte|frag|frage|beauftrage?) & "
        ),
    ),
    (
        5,
        (
            r"^(?:kann|könnte|können|könnten) (?:man|wir|ich) (?:\S+ ){,3}?{one}(?: \S+)*"
            r" (?:ansetzen|beauftragen|bitten|dransetzen|einsetzen|nehmen|ranlassen|fragen"
            r"|überlassen|übergeben|geben)\b"
        ),
        r"^(?!.*\baber\b)",
    ),
    (5, r"\b(?:über|durch|mit|via) {one} (?:heraus|raus|ab|aus)\b"),
    (
        5,
        (
            r"\b(?:überlasse|gebe|geb|setze|setz|schicke|übergebe|lasse|nehme|bitte|beauftrage|hole"
            r"|frage) ich (?:\S+ ){,3}?{one}|^ich (?:setze|setz|schicke|schick|gebe|geb|übergebe"
            r"|überlasse|lasse|beauftrage|nehme|hole) (?:\S+ ){,5}?{one}"
        ),
        r"\b(?:soll|drauf|dran|ran|an|damit|bitte|mal|jetzt|der|es)\b",
        r"^(?!.*\b(?:nie|nicht|immer|oft|manchmal|gestern|ungern)\b)",
    ),
    (
        5,
        (
            r"^(?:wenn|falls|sobald|hat) {one} (?:(?:gerade|mal|wieder|dann) )*(?:zeit|luft|frei"
            r"|fertig|lust|kapazität)\b"
        ),
        r"{infinitive}(?=$| ,)|\bsoll\b|\bbitte\b",
    ),
    (
        6,
        (
            r"\b(?:das|die|den|es|alles) (?:kann|könnte|darf|soll|sollte"
            r"|muss) (?:\S+ ){,2}?{one} (?:bitte |mal |gern\w* |auch )?(?:machen|übernehmen"
            r"|erledigen|tun|bauen|schreiben|prüfen|lösen|regeln|\w+en)(?=$| ,| bitte)"
        ),
    ),
    (
        5,
        (
            r"\b(?:wär\w*|wäre) (?:es )?(?:\S+ )?(?:super|toll|gut|schön|klasse|prima|nett|spitze"
            r"|cool|fein|hilfreich|großartig|ideal)(?: ,)? (?:wenn|dass) (?:\S+ ){,2}?{one}"
        ),
        r"^(?!.*\b(?:kochen|nur)\b)",
    ),
    (5, r"^{one} (?:vor|ran|los|marsch|an die arbeit|auf geht's|bitte)(?=$| ,)(?= \S)"),
    (
        5,
        (
            r"^wer (?:von )?(?:&|den & )?(?: ?\S+){,2} ?(?:luft|zeit|frei|kapazität)(?: hat"
            r"| ist)?\b.*\b(?:soll|kann|könnte|bitte|darf|möge)\b"
        ),
    ),
)
