"""English. Answers to a question of ours, and what steers the talk itself."""

from __future__ import annotations

from session_api.say.grammar.intent import IntentKind

ANSWERS = (
    (
        IntentKind.NO,
        (
            r"{well}*{no}(?:,? (?:{no}|but thanks|stop|wait|that's not (?:what i meant|it))){,3}",
            r"(?:cancel|stop|forget)(?: that| it)?",
            # What is refused may be named: "no don't stop the importer".
            (
                r"{well}*(?:no|nope|nah)(?: no)*,? (?:(?:please )?(?:don't|do not|leave|let|keep"
                r"|not)\b"
                r"|(?:i|we) (?:don't|do not|still|didn't)\b).{,60}"
            ),
            r"{well}*(?:please )?(?:don't|do not) (?:do|stop|cancel|give|touch|you dare)\b.{,40}",
        ),
    ),
    (
        IntentKind.YES,
        (
            r"{well}*{yes}(?:,? {yes}){,3}",
            (
                r"{yes},? (?:cancel(?: it| that)?|stop(?: it| that)?|that one|give it(?: to"
                r" \w+)?)"
            ),
        ),
    ),
    (
        IntentKind.CHOICE,
        (
            (
                r"(?:i (?:mean|want)|i(?:'d| would|'ll| will)? (?:take|go with|have|like)|take"
                r"|the|option|number|no\.?|choice)?(?: the| option| number)*"
                r" ?(?P<text>first|second|third|last|one|two|three|former|latter|1|2"
                r"|3)(?: one| option)?"
            ),
            (
                r"(?!no one$)(?:{well}|{choosing} |yes,? |no,? |the |option |number |choice )+"
                r"(?P<text>first|second|third|last|one|two|three|former|latter|1|2|3|top|bottom"
                r"|middle|final)(?: (?:one|option|item|task|please|then|thanks|of (?:them|those"
                r"|the \w+)|(?:in|on|from) (?:the|your) list|you (?:said|mentioned|named|read"
                r"|listed)(?: out)?))*"
            ),
            r"{well}*(?:{choosing} )+(?:the|that|my|our) (?:[\w'-]+ ){,3}[\w'-]+(?:,? not .+)?",
            r"{well}*the (?:[\w'-]+ )?[\w'-]+",
            # By what it is about: the caller compares the words.
            (
                r"(?:i mean |i(?:'d| would|'ll) take |take )?(?:the|that) (?:other )?one"
                r" (?:about|with|for|on|from|called|of|by) .+"
            ),
        ),
    ),
)
AGAIN = (
    (
        r"(?:repeat|say)(?: (?:that|it|this|(?:the|your) (?:last )?(?:bit|part|sentence"
        r"|answer)))?(?: (?:again|once more|one more time))?"
    ),
    r"(?:once|one time|one more time) (?:more|again)",
    r"again",
    r"how was that(?: again)?",
    r"pardon(?: me)?",
    r"come again",
    r"sorry",
    r"what(?: did you (?:just )?say| was that)?(?: again)?",
    r"say what",
    r"excuse me",
    (
        r"(?:(?:sorry|pardon|excuse me)(?: but)?,? )?i (?:didn't|did not|couldn't"
        r"|could not) (?:quite )?(?:get|catch|hear|understand) (?:that|you|it)"
        r"(?: (?:there|because|it) .+)?"
    ),
    (
        r"(?:sorry|pardon|excuse me)(?: me)?,? (?:what|there was|there were|it was too"
        r"|i missed|could you|can you) ?.*"
    ),
)
MORE = (
    (
        r"(?:tell me |give me |read me )?(?:some )?(?:more|the rest|(?:the |more"
        r" )?details)(?: (?:about|on) (?:it|that|this))?"
    ),
    r"go on",
    r"continue",
    r"keep going",
    r"and then",
    r"next",
    r"is there (?:any |some )?more(?: (?:to|about|on) (?:it|that|this))?",
    r"(?:read|carry|go) on(?: please)?",
    r"keep (?:going|talking|reading)(?: please)?",
    r"go (?:on |deeper )?into (?:more |the |some )?details?",
    r"carry on",
    r"elaborate",
    r"(?:and )?what else(?: (?:is there|do you have|have you got|did (?:it|he|she|they) say))?",
    r"anything else",
)
