"""English. Cues of a question what was kept."""

from __future__ import annotations

RECALL = (
    (
        4,
        r"{asking_word}\b",
        (
            r"\b(?:did|do|have|had|was|were|'d) (?:we|i|you)\b|\b(?:we|i) (?:'d |had |have "
            r"|'ve )?{kept_verb}"
        ),
    ),
    (
        3,
        r"{asking_word}\b",
        r"\b(?:again|called|named|remind|the name|once more|on record|noted|written)\b",
    ),
    (2, r"{asking_word}\b", r"\b(?:my|our|we|i|us|me|mine)\b"),
    (2, r"{asking_word}\b", r"\b(?:was|were|did|had)\b"),
    (
        5,
        r"{fetch}",
        r"{store}",
        r"^(?!.*\b(?:add|put|save|write|jot|to the|onto|take a note|make a note)\b)",
    ),
    (
        5,
        r"{fetch}",
        (
            r"\b(?:i|we|you|i've|we've|i'd|we'd)(?: (?:have|had|once|ever|already"
            r"|just))* (?:{kept_verb}|had|know|know about|have)\b"
        ),
        r"^(?!.*@ )",
    ),
    (
        5,
        (
            r"\b(?:that|the|an?|some|those) (?:\S+ ){1,8}(?:i|we) (?:had )?(?:saved|noted|stored"
            r"|mentioned|wrote down|jotted|told you|gave you|dictated|kept|bookmarked|recorded"
            r"|put down|logged)\b"
        ),
        r"\b(?:what|where|which|who|when|dig|find|pull|need|bring|get|read|show|again|please)\b",
    ),
    (
        5,
        (
            r"\b(?:didn't|did|haven't|have|hadn't|wasn't|weren't) (?:i|we"
            r"|there)\b(?! told you about)(?: \S+){,10} (?:{kept_verb}|idea|note|plan|decision|rule"
            r"|list|thought|have|say|write|save|note|mention|agree|decide)\b"
        ),
    ),
    (
        5,
        (
            r"\b(?:check|search|look (?:in|through|at|into)|go through|consult|scan|dig through"
            r"|browse|rummage)(?: in| through)? (?:my|our|the|your) (?:notes?|memory|memories"
            r"|records?|lists?|files|decisions?|log|ideas|archive)\b"
        ),
    ),
    (
        5,
        (
            r"\b(?:jog|refresh) my memory\b|\bremind me (?:what|who|when|where|which|how|why|again"
            r"|of (?:the|my|our)|about (?:the|my|our|what))\b|\b(?:i|i've|i have)(?: completely"
            r"| totally| just)* (?:forgot|forgotten|can't remember|can't recall|don't remember"
            r"|don't recall)\b.*\b(?:what|who|when|where|which|how|why|the (?:name|number|code))\b"
            r"|\bslipped my mind\b"
        ),
    ),
    (
        4,
        (
            r"\bi(?:'d| would)? (?:need|like|want) (?:the|that|my|our) (?:\S+ ){1,8}(?:i"
            r"|we) (?:gave|told|saved|noted|stored|mentioned|dictated)\b"
        ),
    ),
    (
        4,
        (
            r"\b(?:everything|anything|whatever|all) (?:that )?(?:i|we|you)(?: have|'ve"
            r"| had)? (?:ever )?(?:{kept_verb}|know|have)\b"
        ),
    ),
    (
        6,
        (
            r"\b(?:can't|cannot|can not|couldn't|don't|do not|do you|can you"
            r"|didn't)(?: \S+){,6} (?:remember|recall)\b"
        ),
        r"^(?!.*\b(?:don't|do not) (?:remember|recall) (?:ever|seeing)\b)",
    ),
    (
        4,
        (
            r"^(?:so |and |um |uh )*(?:what|which) \w+ (?:is|are|was|were|do|does|did|has"
            r"|have) (?:the|my|our|we|i|\w+'s)\b"
        ),
    ),
    (
        4,
        (
            r"\b(?:wasn't|isn't|weren't|wasnt) (?:there|it)\b(?: \S+){,8} (?:note|idea|plan"
            r"|decision|rule|about)\b"
        ),
    ),
    (
        4,
        (
            r"^(?:(?:and|so|um|uh|hey|okay|remind me) )*(?:what|which|whose|how (?:much|many|old"
            r"|big|tall|long)) (?:\w+ )?(?:was|were|did|had|is|are|does|do) (?:\w+ )?(?:my|our|we|i"
            r"|\w+'s|\w+ (?:say|want|owe|cost|like|need|ask|charge|prefer))\b"
        ),
        r"^(?!.*(?:@|&|\b(?:wrong with|think)\b))",
    ),
    (
        4,
        r"^(?:so |and |um |uh )*where(?:'s| is| are| was| were) (?:the|my|our)\b",
        r"^(?!.*\b(?:snag|hold ?up|catch|problem|bottleneck|task|job)\b)",
    ),
    (
        5,
        (
            r"\b(?:give|tell|read|show|spell)(?: out)? me (?:the|my|our) (?!last|rest|news"
            r"|whole)(?:\S+ ){1,7}again$"
        ),
    ),
    (
        4,
        (
            r"^(?:so |and |um |uh )*what(?:'s| is| are) (?:my|our|the) (?!status|news|word|latest"
            r"|progress|hold|delay|story|deal|point|weather|matter|time|problem|use|difference"
            r"|rush)\w+"
        ),
    ),
    (
        4,
        (
            r"^(?:so |and |um |uh )*(?:what|which) \w+ (?:do|does|did|is|are|was|were) (?:they|he"
            r"|she|it|\w+'s|\w+) \w+"
        ),
        r"^(?!.*(?:@|&|\bwe (?:closer|done)\b))(?!what a\b)",
    ),
    (7, r"^(?:have|do|did|is|has|are|was)\b.*\bon (?:file|record)\b"),
    (
        6,
        (
            r"^(?:so |and )*(?:does it say|is it written|did (?:i|we) (?:already )?write|have (?:i"
            r"|we) (?:already )?written|does my)\b"
        ),
    ),
    (
        4,
        (
            r"^(?:so |and )*who(?:'s| is| was) (?!(?:working|doing|waiting|running|asking|handling"
            r"|on)\b)\w+(?:ing|ed)\b"
        ),
        r"^(?!.*(?:@|&))",
    ),
)
