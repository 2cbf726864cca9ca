"""German. Answers to a question of ours, and what steers the talk itself."""

from __future__ import annotations

from session_api.say.grammar.intent import IntentKind

ANSWERS = (
    (
        IntentKind.NO,
        (
            r"{well}*{no}(?:,? (?:{no}|danke|stopp?|abbrechen|warte)){,3}",
            (
                r"{well}*(?:nein|nee|ne|nö)(?: nein)*,? (?:lass|lasst|bloß|bitte|auf|das|der|die"
                r"|den|ich|es)"
                r"\b.{,40}\b(?:nicht|laufen|weiter\w*|in ruhe|kein\w*|doch nicht|weg|sein"
                r"|bleiben)\b.{,20}"
            ),
            r"abbrechen",
            r"brich (?:das |es )?ab",
            r"stopp?",
            r"egal",
        ),
    ),
    (
        IntentKind.YES,
        (
            r"{well}*{yes}(?:,? {yes}){,3}",
            r"{yes},? (?:brich (?:es |das )?ab|stopp(?: es)?|gib es(?: \w+)?)",
        ),
    ),
    (
        IntentKind.CHOICE,
        (
            (
                r"(?:ich (?:meine?|nehme?|will|hätte gern)|nimm|nummer|option|das|die|den|der)?"
                r"(?: das| die| den| der| nummer| option)* ?(?P<text>erste[nrs]?|zweite[nrs]?"
                r"|dritte[nrs]?|letzte[nrs]?|eins|zwei|drei|1|2|3)(?: option| aufgabe)?"
            ),
            (
                r"(?:{well}|{choosing} |ja,? |nein,? |nee,? |das |die |den |der |nummer |option "
                r"|variante"
                r" |möglichkeit |vorschlag |punkt )+(?P<text>erste[nrs]?|zweite[nrs]?|dritte[nrs]?"
                r"|letzte[nrs]?|eins|zwei|drei|1|2|3|ober(?:e|ste)[nrs]?|unter(?:e|ste)[nrs]?"
                r"|mittlere[nrs]?)(?: (?:bitte|option|aufgabe|variante|möglichkeit|davon|von (?:den"
                r"|diesen"
                r"|allen)(?: \w+)?|(?:in|auf) der liste|dann|danke|nehmen|nehme ich|meine ich"
                r"|natürlich|auftrag|job))*"
            ),
            r"{well}*(?:{choosing} )+(?:das|die|den|der) (?:[\w'-]+ ){,3}[\w'-]+(?:,? nicht .+)?",
            r"{well}*(?:das|die|den|der) [\w'-]+(?: bitte| natürlich| meine ich)?",
            # By what it is about: the caller compares the words.
            (
                r"(?:ich (?:meine?|nehme?) )?(?:das|die|den|der|dasjenige|jene[sr]?) (?:mit"
                r"|über|zu|zum|zur|von|vom|für|wegen|andere) .+"
            ),
        ),
    ),
)
AGAIN = (
    (
        r"(?:wiederhol(?:e|en)?|sag)(?: (?:das|es|mir das))?(?: (?:bitte|noch ?mal"
        r"|noch einmal|nochmals))*"
    ),
    r"noch ?mal",
    r"noch einmal",
    r"wie bitte",
    r"wie war das(?: (?:gerade|eben|jetzt|bitte|noch ?mal))*",
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
        r"(?:den|die|das) (?:letzten? )?(?:teil|satz|antwort)(?: bitte| noch ?mal| noch"
        r" einmal)* wiederholen"
    ),
    (
        r"(?:entschuldige|entschuldigung|sorry|verzeihung|pardon)(?: bitte)?,? (?:was"
        r"|wie|ich (?:habe|hab)|das (?:habe|hab)|da war|kannst du|noch ?mal)\b.*"
    ),
)
MORE = (
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
    r"(?:gibt(?:'s| es) )?(?:da |dazu )?noch (?:mehr|was|etwas|details)(?: dazu| davon| darüber)?",
    r"lies{polite} weiter",
    r"red{polite} weiter",
    r"sprich{polite} weiter",
    r"mehr (?:dazu|davon|darüber)",
)
