"""What people say when they decide: rules as data."""

from aiwebhook_agents.text.rules import TextRule, rule

UNDECIDED = (
    r"(?:not|n't|never|yet to be|to be|be|whether|if|before|until|once|when|haven't|hasn't) "
    r"(?:\w+ ){0,2}?(?:decided|decide|agreed|settled|final)|\bdecide (?:later|whether|if|what|"
    r"which|how)"
)

TALK_ABOUT_TALK = (
    r"let's (?:\w+ )?(?:see|talk|discuss|look|wait|move on|get started|begin|go (?:on|back|"
    r"through|around|"
    r"round|over|one by one)|continue|start(?:$|[.!?]| without| here| with (?:you|me|him|her|the "
    r"agenda|"
    r"an? (?:round|intro\w*)|\w+[.!?]?$))|meet|hear|hope|face|be (?:honest|real|fair|clear|"
    r"quick)|stop here|"
    r"take (?:a|five|ten|that|this) (?:break|offline|minutes)|wrap|pause|recap|assume|imagine|"
    r"pretend|call it a day|"
    r"have (?:some|any)(?:one|body))"
)

STATIVE = (
    r"(?:are|were|is|was|have|had|has|know|think|need|want|could|should|might|may|would|can|"
    r"can't|cannot|"
    r"must|do|don't|didn't|did|got|get|see|saw|believe|guess|hope|feel|like|love|agree|disagree|"
    r"all|both|"
    r"also|really|probably|maybe|never|always|usually|often|still|currently|already|just|look|"
    r"talk|talked|"
    r"spoke|said|say|tried|try|measured|asked|wait|hear|heard|live|lose|lost|started|used|went|"
    r"made|wrote|"
    r"find|found|found out|understand|remember|expect|depend|run into|struggle|offer|officially|"
    r"'\w+)"
)

ACKNOWLEDGED = (
    r"(?:okay|ok|good|great|fine|no|yes|yep|right|perfect|agreed|alright|then|so|and so|in that "
    r"case|convinced|"
    r"cool|deal|definitely|exactly|okay for all|everyone|sure|nice|all right)"
)

DECISIONS: tuple[TextRule, ...] = (
    rule(
        "decision",
        "says that it is decided",
        r"\b(?:we|i|they|he|she|the team|everyone)(?:'ve| have| has|'s|'d| had)? (?:\w+ly |all |"
        r"now |already |"
        r"just |finally )?(?:decided|agreed|settled on|chosen|committed|opted|resolved|signed "
        r"off)\b"
        r"|\b(?:the|our|my) decision (?:is|was)\b|\b(?:it's|it is|that's|that is|is|was) (?:now )?"
        r"(?:decided|settled|agreed|a deal)\b|\b(?:was|were|has been|have been|is|are) "
        r"(?:decided|approved|"
        r"agreed|signed off|ruled out)\b",
        0.9,
        UNDECIDED + r"|\?$|\bwho decided\b",
    ),
    rule(
        "decision",
        "changes a decision",
        r"\bchanged (?:my|our) minds?\b|\binstead of\b.*\b(?:let's|we'll|we use|use)\b|"
        r"\b(?:let's|we'll|we'd) .*\binstead of\b",
        0.85,
        r"\?$|\bmaybe\b|\bcould\b",
    ),
    rule(
        "decision",
        "chooses",
        r"\bi(?:'m| am) (?:now )?(?:going with|going for|taking the|sticking (?:with|to)|"
        r"dropping|keeping|choosing|"
        r"picking|skipping)\b|\bi(?:'ll| will) (?:go with|go for|take the|stick (?:with|to)|"
        r"choose|pick)\b",
        0.75,
        r"\?$|\b(?:if|maybe|might|probably|thinking)\b",
    ),
    rule(
        "decision",
        "from now on",
        r"\b(?:from now on|as of (?:today|now|tomorrow|next \w+)|(?:from|starting) (?:today|"
        r"tomorrow|next (?:week|month|sprint))|"
        r"effective immediately)\b|(?:^|, so |, then )(?:for now|then|from now on),? it(?:'s| "
        r"is) (?!not |just |fine|okay|ok|good|enough|a bit)\w+",
        0.65,
        r"\?$|\bi(?:'ll|'m| will| am| can't| can)\b|\b(?:vacation|holiday|away|sick|off)\b",
    ),
    rule(
        "decision",
        "answers with what we do",
        r"^we (?:just |only |simply )?(?:use|take|go with|go for|keep|skip|drop|leave|stick "
        r"(?:with|to)|stay with|ship|"
        r"buy|wait|postpone|build|do it|make it|start with|don't build|don't use|don't need to "
        r"build)\b",
        0.6,
        r"\?$|\b(?:every (?:day|week|time)|currently|at the moment|already|usually|right now|"
        r"today|for years|could|might|maybe)\b",
        answers=True,
    ),
    rule(
        "decision",
        "leaves it as it is, or moves it",
        r"^(?:it|that|this|both|everything|the (?:\w+ ){1,3}|\w+ )(?:stays?|remains?) (?:off|on|"
        r"in|out|as|where|the same|like|"
        r"with|at|open until|closed|unchanged|here|there)\b|^(?:it|that|this|the (?:\w+ ){1,3}|"
        r"\w+ )(?:goes|comes|moves) "
        r"(?:in|into|to|out|after|before|first|last|later)\b(?!.*\b(?:problem|wrong|mind|"
        r"question)\b)",
        0.6,
        r"\?$|\b(?:usually|always|often|sometimes|every|last|yesterday|if|when(?:ever)?|because|"
        r"depends)\b|^(?:he|she|who|what|"
        r"which|there|everyone|everybody|nobody)\b",
    ),
    rule(
        "decision",
        "so we do it",
        r"(?:^|, )so we do (?:it|that|this|both|the)\b|^we do (?:it|that|this) (?:that way|like "
        r"that|this way|so|anyway|then)\b|"
        r"\b(?:that's|this is|so|then) the plan\b|^the plan is (?:to|that)\b|\bthat settles it\b",
        0.65,
        r"\?$|\bif\b",
    ),
    rule(
        "decision",
        "is now so by decision",
        r"\b(?:is|are|gets?|it's|that's) (?:now |officially |hereby |therefore )?(?:cancelled|"
        r"canceled|postponed|moved to|pushed to|pushed back|"
        r"put off|dropped|frozen|on hold|approved|confirmed|scheduled for|set for|capped at|"
        r"limited to|banned|required from)\b",
        0.65,
        r"\?$|\b(?:if|when|usually|always|whether|was|were|until)\b",
    ),
    rule(
        "decision",
        "orders it for all",
        r"^(?:keep|leave|drop|skip|make it|go with|scrap|stick (?:to|with)) (?!in mind|going|"
        r"calm|in touch|me|us\b|an eye|quiet|it up|"
        r"talking|alone)\w+(?: \w+)+",
        0.6,
        r"\?$",
    ),
    rule(
        "decision", "let us", r"\blet's \w+", 0.8, TALK_ABOUT_TALK + r"|\?$|\blet's say\b.{0,12}$"
    ),
    rule(
        "decision",
        "announces what we will or will not do",
        r"\bwe(?:'ll| will|'re going to| are going to|'re gonna)(?: not| just| simply| only| all|"
        r" stick to)? "
        r"(?:go with|go for|go ahead|use|take|keep|drop|stick|stay|switch|move|remove|skip|"
        r"postpone|delay|"
        r"ship|release|launch|start with|support|leave|do|make it|buy|build|hire|call it|offer|"
        r"replace|"
        r"limit|freeze|roll|adopt|pick|choose|cancel|migrate)\b",
        0.75,
        r"\?$|^(?:if|when|maybe|perhaps|otherwise|unless)\b|\b(?:might|maybe|probably|perhaps|i "
        r"think|see)\b",
    ),
    rule(
        "decision",
        "announces what we are dropping or moving to",
        r"\bwe(?:'re| are) (?:now |not )?(?:dropping|killing|going with|going for|moving to|"
        r"switching to|keeping|"
        r"removing|sticking (?:with|to)|staying (?:with|on)|postponing|cancelling|canceling|"
        r"replacing|"
        r"skipping|adopting|not doing|not going|raising|freezing|leaving)\b",
        0.8,
        r"\?$|\b(?:if|whether|might|maybe|thinking|wondering|considering)\b",
    ),
    rule(
        "decision",
        "rules something out",
        r"\bwe (?:won't|will not|aren't going to|are not going to|'re not going to|don't)\b.{0,60}"
        r"\b(?:for now|in the first|until|anymore|any more|this (?:year|quarter|month|sprint|"
        r"week)|at all|"
        r"ourselves|before|anywhere)\b|\bwe(?:'re| are) not going to (?:do|build|use|support|"
        r"ship|buy|pay)\b|"
        r"\b(?:is|are) (?:off the table|out of scope|out|a no-go)[.!]?$",
        0.75,
        r"\?$|\b(?:if|maybe|might|why|know|have|can't|find|still)\b",
    ),
    rule(
        "decision",
        "so we do it thus",
        rf"(?:^|[.!?] )(?:{ACKNOWLEDGED}[,.!?]* )+(?:[\w ]{{3,30}}, )?we "
        rf"(?!{STATIVE}\b)(?!(?:only |just |\w+ly )?\w+ed\b)\w+ \w+",
        0.65,
        r"\?$|\b(?:every day|every week|last (?:week|month|year|time)|yesterday|usually|normally|"
        r"often|sometimes|"
        r"currently|at the moment|right now|already|for years|percent|could|might|would|should|"
        r"maybe|a problem)\b",
        whole=True,
    ),
    rule(
        "decision",
        "so one person takes it",
        rf"(?:^|[.!?] )(?:{ACKNOWLEDGED}[,.!?]* )+(?!it |that |this |which |who |he |she |there "
        rf")[a-zà-ÿ][\w-]+ "
        r"(?:takes|covers|owns|leads|joins|replaces|handles) \w+",
        0.6,
        r"\?$|\b(?:usually|always|often|too long|hours|minutes|place|time|ages)\b",
        whole=True,
    ),
    rule(
        "decision",
        "so it is",
        r"^[^,?]{2,60} it is(?:,? then)?[.!]$|^[^?]{3,80}, then[.!]$|\b(?:it|that)'s (?:called|"
        r"named) .+ then\b|"
        r"\b(?:that's|it's) (?:final|a deal|settled)\b|^deal\b",
        0.7,
        r"\?$|\b(?:how|what|that's how|where|who|here|there|see you|bye|not) it is\b|^(?:bye|see "
        r"you|later|thanks)",
    ),
    rule(
        "decision",
        "no such thing, for now",
        r"^(?:then )?no (?:\w+ ){0,3}\w+.*\b(?:in (?:the|this|our) (?:first|next|beta|release|"
        r"sprint|quarter)|"
        r"for now|until|this (?:year|quarter|sprint)|before)\b",
        0.7,
        r"\?$|\bno (?:one|idea|problem|worries|need|matter|wonder|question|rush)\b|^nobody",
    ),
)

PROPOSALS: tuple[TextRule, ...] = (
    rule(
        "proposal",
        "proposes",
        r"\blet's \w+|\b(?:shall|should|can|could) we\b.*\?|\bhow about\b|\bwhat about\b|\bwhy "
        r"don't we\b|"
        r"\bi(?:'d| would)(?: \w+)? (?:suggest|propose|prefer|recommend|go|say|vote|take|switch|"
        r"do|show|rather|"
        r"put|keep|use|start|leave|drop)\b|\bi (?:suggest|propose|recommend|vote)\b|\bmy "
        r"(?:proposal|suggestion|"
        r"vote)\b|\bthe proposal is\b|\bwe(?:'d| would| could| should| can)\b|\bso we agree\b|"
        r"\bwe need\b|"
        r"\bmaybe we\b|\bwhat if\b|\bi'd like us\b|\bcan (?:it|this) be\b|\bcan we\b|\bdo we "
        r"(?:want|agree|say)\b",
        0.6,
        r"\b(?:should|shall|can|could) we (?:start|begin|continue|talk|move on|go on|wrap)\b",
    ),
)
