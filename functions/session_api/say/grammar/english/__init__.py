"""The rules of English, in the order in which they are tried."""

from __future__ import annotations

from session_api.say.grammar.english import asking, cues, keeping, talking, words, working
from session_api.say.grammar.intent import IntentKind
from session_api.say.grammar.language_rules import LanguageRules

ENGLISH = LanguageRules(
    language="en",
    before=words.BEFORE,
    after=words.AFTER,
    common=words.COMMON,
    parts=words.PARTS,
    numbers=words.NUMBERS,
    memories=words.MEMORIES,
    all_of_them=words.ALL_OF_THEM,
    cues=cues.CUES,
    empty_targets=words.EMPTY_TARGETS,
    newest=words.NEWEST,
    noise=words.NOISE,
    pending=talking.ANSWERS,
    rules=(
        (IntentKind.AGAIN, talking.AGAIN),
        (IntentKind.MORE, talking.MORE),
        (IntentKind.STOP, working.STOP),
        (IntentKind.REPLY, working.REPLY),
        (IntentKind.NEWS, asking.NEWS),
        (IntentKind.SWITCH, keeping.SWITCH),
        (IntentKind.OPEN, keeping.OPEN),
        (IntentKind.DELEGATE, working.DELEGATE),
        (IntentKind.RECALL, asking.RECALL),
        (IntentKind.REMEMBER, keeping.REMEMBER),
    ),
    behind=(
        (IntentKind.DELEGATE, working.DELEGATE_BEHIND),
        (IntentKind.REMEMBER, keeping.REMEMBER_BEHIND),
    ),
)
