"""German. What is told to an agent and is no work, and what is no order at all."""

from __future__ import annotations

GIVES_UP = (
    (
        r"{one}(?: \S+){,8} (?<!nicht )(?:vergessen|sein lassen|bleiben lassen)(?=$"
        r"| ,)(?<!nicht zu vergessen)"
    ),
    (
        r"\b(?:nimm|zieh|hol|ruf|nehmt|pfeif|schick)e?\b(?: \S+){,2}? {one}(?: \S+){,4} (?:runter"
        r"|ab|weg|zurück|heim|nach hause|raus)(?=$| ,)"
    ),
    r"{one} .*\bfinger\b.*\b(?:weg|lassen|davon)\b",
    r"{one} .*\b(?:schluss machen|feierabend machen|die arbeit niederlegen|das handtuch werfen)\b",
    r"{one}\b(?: \S+){,6} (?:bleiben|sein|fallen|liegen|gut sein|ruhen) lassen(?=$| ,| und)",
)
NEVER = (
    (
        r"{one} (?:sollte|hätte|wollte|musste|konnte|hat|durfte)\b.*\b(?:letzte\w*|gestern"
        r"|vorgestern|neulich|damals|vorige\w*|früher)\b"
    ),
    r"{one} (?:kann|könnte|wird|ist) (?:\S+ ){1,4}(?:aber|und|während) {one}",
    (
        r"^(?:die leute|alle|viele|manche|die meisten|mein\w* \w+|unser\w* \w+|jeder|heute"
        r"|man) (?:lassen|lässt|fragen|fragt|nutzen|nutzt|geben|gibt|nehmen|nimmt|schwör\w+|will"
        r"|sagt|sagen|meint)\b(?:(?! so | aber | und | bitte |,).)*{one}"
    ),
    r"^{one} , was für ein",
    (
        r"\b(?:ich|wir|man|du) (?:\S+ ){,3}?(?:nie|niemals|nie wieder|kaum|ungern)\b(?:(?! so "
        r"| aber | und | bitte |,).)*{one}|{one} (?:\S+ )?(?:ich|wir|man) (?:nie|niemals)\b"
    ),
    (
        r"\b(?:ich finde|ich glaube|ich denke|ich will|ich möchte"
        r"|wir wollen) (?:\S+ )?nicht,? dass {one}"
    ),
)
NO_ORDER = (
    r"\b(?:würde|wäre)n? (?:ich|wir) nie\b",
    (
        r"\b(?:hat|haben|hatte|hatten) (?:\S+ ){,3}(?:gesagt|gemeint|erzählt|behauptet|gehört"
        r"|gelesen)\b"
    ),
    r"\b(?:hat|haben) (?:er|sie|es|mein \w+|meine \w+) (?:gesagt|gemeint)\b",
    (
        r"^(?:ich (?:habe?|hatte|war|bin)|wir (?:haben|hatten)|er|sie|man|keiner|niemand|jemand"
        r"|alle|mein\w* \w+|viele|manche|früher|damals|neulich|letzte\w*|gestern) (?!.*(?:, "
        r"|\bbitte\b|\bsoll\b))"
    ),
    r"\b(?:sagt|sagte|meint|meinte|findet|behauptet|erzählt|glaubt|hofft) (?:dass|immer|man|@|, )",
    r"\b(?:angeblich|hätte ich|wenn @ nur|sagt man|wer weiß|sprichwort)\b",
    (
        r"^(?:ich|wir|du|man) (?:sollten?|solltest|könnten?|müssten?|würden?"
        r"|wollten?)\b(?! (?:gern\w*|mir wünschen|dich bitten|mich freuen))"
    ),
    (
        r"\b(?:abbrechen|aufhören|beenden|kündigen|stoppen|anhalten"
        r"|aufzuhören)\b(?: [^\s,]+){,3} (?:ist|war|hat|kostet|macht|fällt|wäre)\b"
    ),
    (
        r"^(?:wer|was|wie(?! wär)|warum|wieso|weshalb|wann|wo|ob|welche\w*)\b(?!.*(?:, |\bbitte\b"
        r"|\bhat soll\b|\bist soll\b))"
    ),
    r"^soll(?:te|ten)? (?:ich|wir|man)\b",
    (
        r"^(?:ich|wir) (?:will|wollen|wollte|wollten|mussten?|habe?|haben"
        r"|musste) (?:\S+ ){,6}(?:abbrechen|aufhören|beenden|kündigen|stoppen|anhalten|aufgehört)\b"
    ),
)
