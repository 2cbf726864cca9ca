"""How people agree, decline, take on and hesitate."""

import re

ACCEPT_STRONG = re.compile(
    r"^(?:(?:okay|ok|so|well|yeah|yes|oh|hm|great|good|perfect|right|no),? ?[.!]? ?)*(?:agreed|"
    r"deal|sold|absolutely|"
    r"definitely|exactly that|same(?: here)?\b|works for me|that works|fine (?:with|for|by) me|"
    r"i'm fine with|"
    r"i'm (?:\w+ )?(?:happy|okay|ok|good) with|i (?:like|love) (?:it|that|this|simple)|i find "
    r"this good|sounds good|"
    r"sounds great|sounds like a plan|let's do (?:that|it|this)|do it|go for it|i can live with|"
    r"you're right|i'm with \w+|good (?:idea|point|call)|convinced|makes sense|that's clean|"
    r"perfect|"
    r"that's (?:good|great|perfect|fine|honest|a good idea)|yes,? (?:please|do|let's|exactly|"
    r"that)|\+1|"
    r"i think that's wise|why not)\b"
)

ACCEPT_WEAK = re.compile(
    r"^(?:(?:okay|ok|so|well|oh|hm),? )*(?:yes|yep|yup|yeah|sure|okay|ok|fine|right|alright|cool)\b"
)

DECLINE = re.compile(
    r"^(?:(?:okay|ok|so|well|oh|hm),? )*(?:no\b|nope|not (?:really|yet|quite|now|today)|i can't|"
    r"i'd rather not|"
    r"never|i don't think|rather not|i doubt|hm, not)"
)

DONE_ANSWER = re.compile(
    r"^(?:(?:okay|ok|yes|oh|sure),? )*(?:(?:it's |already |all )?done\b|here (?:you go|it is|"
    r"they are)|there you go|voil)"
)

TAKES_ON = re.compile(
    r"^(?:(?:okay|ok|so|well|yeah|yes|oh|hm|great|good|perfect|sure|of course),? ?[.!]? "
    r"?)*(?:will do|on it|doing (?:it|that) now|"
    r"i'll do (?:it|that|so)|i do (?:it|that)\b|i(?:'ll| can)? take (?:it|that|this|care)|i can "
    r"do (?:it|that)|consider it done|"
    r"leave it (?:to|with) me|i'll (?:handle|sort) (?:it|that)|mine|me\b[.!]?$|i've got (?:it|"
    r"that)|got it|ping me|"
    r"i'm on it|happy to|gladly|with pleasure|no problem|sure|yes|yep|okay|of course|absolutely|"
    r"i can|i will|i'll)\b"
)

CHOICE = re.compile(
    r"^(?!(?:is|are|was|were|did|does|has|have|why|where|who|do you (?:know|mean|"
    r"think))\b).*\bor\b.*\?$"
)
"""A question that offers two options; a short answer picks one of them."""

UNSURE_ANSWER = re.compile(
    r"\b(?:good question|no idea|i don't know|don't know yet|not sure|nobody knows|we'd have to "
    r"(?:check|find out|ask)|"
    r"have to find out|no clue|hard to say|depends|i'd have to check|hasn't answered|not decided|"
    r"isn't decided)\b"
)

SMALL_QUESTION = re.compile(
    r"\b(?:can|could) (?:you|everybody|everyone) (?:hear|see)|\bhow are you\b|\bare you there\b|"
    r"\bis that okay\b|"
    r"\banything else\b|\bsomething else\b|\bany (?:questions|objections|blockers)\b|\bwant to "
    r"go\b|\bdo you want to\b|"
    r"\byou know\b|\banybody against\b|\bright\?$|\bdid i (?:forget|miss)\b|\bhow (?:was|is) "
    r"your\b|\bwhere were we\b"
)

HEDGE = re.compile(
    r"\b(?:i think|i guess|i believe|maybe|perhaps|probably|might|could|would|should|may|around|"
    r"roughly|about|"
    r"something like|or so|i thought|kind of|sort of|i'd say|seems?|apparently|not sure|i mean|"
    r"if|whether|hopefully|ish)\b"
)
