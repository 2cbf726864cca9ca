"""English. What is told to an agent and is no work, and what is no order at all."""

from __future__ import annotations

GIVES_UP = (
    (
        r"{one}(?: \S+){,4} (?:put|lay) (?:the|its|his|her|that|everything|it"
        r"|down)(?: \S+){,2} ?(?:down|aside|away)\b"
    ),
    (
        r"{no_subject}\b(?:take|pull|get|call|move|kick)\b(?: \S+)? {one} (?:off|away|out of|back"
        r"|down)\b"
    ),
    (
        r"{no_subject}\b(?:tell|ask|have|get|make|let|order|want|need)\b(?: \S+){,2} {one}(?: to"
        r"| that| it| should| can| just| please| ,)* {give_up}"
    ),
    (
        r"{one}(?: ,| please| should| can| could| must| needs to| has to| may| just| now| to"
        r"| also)+ {give_up}"
    ),
)
NEVER = (
    (
        r"\b(?:i|we|you|they|he|she|people|one)(?:'d| would| could| should| will)? (?:never|rarely"
        r"|hardly)\b(?:(?! so | but | and | please |,).)*{one}"
    ),
    (
        r"\b(?:wouldn't(?! it be| mind| you)|don't think|doubt|don't believe|don't want|don't trust"
        r"|wouldn't want|am not sure|i'm not sure)\b(?:(?! so | but | and | please |,).)*{one}"
    ),
    r"^never (?:let|ask|give|trust|use)\b.*{one}",
    r"^{one} , (?:what|how) an? ",
    r"{one} (?:can|could|will|does|is) (?:\S+ ){1,4}(?:but|and|while|whereas) {one}",
    (
        r"{one} (?:, {one} )*(?:and|or) {one} (?!please\b|should\b|to\b|can\b|could\b|must\b|need\b"
        r"|have to\b|both\b|together\b)\w+"
    ),
    r"\b(?:was|were) (?:supposed|meant|going) to\b.*\b(?:last|yesterday|ago|but)\b",
)
NO_ORDER = (
    (
        r"\b(?:he|she|they|people|everyone|everybody|somebody|someone|nobody|brother|sister|wife"
        r"|husband|boss|neighbou?r|friend|colleague|\w+'s) (?:said|says?|told|tells?|thinks?"
        r"|claims?|ask(?:s|ed)?|use[sd]?|want(?:s|ed)?|reckons?|likes?|call(?:s|ed)?)\b"
    ),
    (
        r"^(?:i|we) (?:had|let|told|asked|used|tried|got|made|gave|saw|heard|read|once|wish|should"
        r"|could|would|might|shouldn't|couldn't|never|always|often|finally|just|already|keep"
        r"|was(?! (?:hoping|wondering|thinking|going to))|were(?! hoping)|wonder|forgot|remember"
        r"|hope|doubt)\b(?!.*(?:, |\b(?:so|please|could you|can you)\b))(?! (?:like|love|appreciate"
        r"|prefer) )(?!'d)"
    ),
    (
        r"^(?:if only|when|whenever|whether|who|what(?! if)|why|which|how(?! about)|where|did|does"
        r"|do you|is|are|was|were|has|have (?!@|&|one of|someone|somebody|any))\b(?!.*(?:, "
        r"|\b(?:please|should|let)\b))"
    ),
    (
        r"\b(?:they say|as they say|my grandfather|used to|once upon|last (?:year|week|month)"
        r"|back when|apparently|in general)\b"
    ),
    r"\b(?:should|shall|could) (?:i|we)\b(?!.*\bhave @)",
    (
        r"^(?:people|nobody|everybody|somebody|someone|they|he|she|my \w+|our \w+|asking|calling"
        r"|stopping|ending|killing|dropping|remembering|cancel+ing)\b(?!.*(?:, |\b(?:so|please|let"
        r"|have @|get @)\b))"
    ),
    (
        r"(?<!\bfor )(?<!\bto ){one} (?:is(?! (?:to|in charge|responsible|on)\b)|was|has"
        r"|had(?! better)|did|does|isn't|wasn't|wrote|made|built|said|told|fixed|broke|seems|looks"
        r"|sounds|always|never|often|usually|keeps|kept|gave|took|found|and i)\b(?!.*(?:, |\b(?:so"
        r"|please|let|have|get|tell|ask)\b))"
    ),
)
