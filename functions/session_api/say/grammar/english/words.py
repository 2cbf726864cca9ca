"""English. Words, and the parts of which patterns are made."""

from __future__ import annotations

BEFORE = (
    r"^(?:(?:i(?:'d| would) like to|i want to|do you|can you tell me if you) know(?= (?:what"
    r"|how|where|who|which|whether|if)\b)|(?:(?:when|if) (?:you (?:can|have time|get a"
    r" chance)|(?:it's )?possible)"
    r"|(?:hey|hi|hello)(?: (?:siri|google|there))?|ok|okay|so|well|um+|uh+|er+|and|then"
    r"|now|please|right|alright|listen|just checking in|just|actually|also|maybe|wait|first"
    r"|hang on|hold on|one moment|quick question|by the way|before (?:it slips my mind|i"
    r" forget))\b|(?:would|do) you mind\b|(?:can|could|would|will) you\b(?! (?:guys|all)\b)|"
    r"(?:can|could|shall|should|may) (?:we|i)\b|i(?:'d| would) (?:like|love) (?:you )?to\b|i"
    r" want (?:you )?to\b|i need (?:you )?to\b|go ahead and\b|let's\b(?! go$)|let us\b|let me\b"
    r"|(?:tell|ask) (?:my|the) agents? to (?=ask|have|tell|remember|note|stop|cancel)|tell me"
    r"(?= (?:what|how|where|who|which|whether|if)\b))[,:]? +"
)
AFTER = r"[,]? +(?:please|thanks|thank you|for me|would you|will you|ok|okay|right now)$"
COMMON = frozenset(
    "the a an and is are was were to of in on for with what who when how did do does we i you"
    " it that this have has had not should would could my our there they be will".split()
)
PARTS = {
    "the": r"(?:the )?",
    "this": r"(?:(?:the|my|that|this|those|these|our|both|all)(?: (?:the|my|of))? )",
    "few": r"[\w'-]+(?: [\w'-]+){,4}",
    "we": r"(?:we|i|you|they|he|she|it|[A-Z]\w+)",
    "about": r"(?:about|on|for|regarding|concerning|with|of)",
    "things": (
        r"decisions?|ideas?|questions?|action items?|to-?dos?|to do|tasks? for me|facts?"
        r"|notes?|preferences?|risks?|reminders?"
    ),
    "it": (
        r"(?:it|that|this|everything|all(?: of (?:it|that|them))?|(?:the|that|this) (?:task"
        r"|job|work|run|agent))"
    ),
    "session": r"(?:session|conversation)",
    "somebody": (
        r"(?:someone|somebody|anyone|anybody|an agent|any agent|one of (?:the|my) agents"
        r"|the agents?)"
    ),
    "stop": r"(?:stop|cancel|abort|kill|halt|quit|terminate|end|call off)",
    "give_up": (
        r"(?:stop|halt|quit|abort|cancel|give up|cease|pause|go home|take a break"
        r"|(?:drop|forget|leave)(?: about)? (?:it|that|this|the (?:.+ )?(?:thing|task|job|idea"
        r"|plan|stuff|work|business))|leave the .+ alone)\b.*"
    ),
    # No verb of an order stands behind a subject, a modal or "to".
    "imperative": (
        r"(?<!\bi )(?<!\bwe )(?<!\byou )(?<!\bthey )(?<!\bhe )(?<!\bshe )(?<!\bwho )"
        r"(?<!\bpeople )(?<!\beverybody )(?<!\bto )(?<!\bnot )(?<!n't )(?<!\bnever )"
        r"(?<!\balways )(?<!\bcan )(?<!\bwill )(?<!\bwould )(?<!\bcould )(?<!\bshould )"
        r"(?<!\bmust )(?<!\bmay )(?<!\bmight )(?<!\bdo )(?<!\bdid )(?<!\bcannot )"
    ),
    # What is said first; no report, no condition.
    "aside": (
        r"(?:(?!\b(?:said|says?|told|tells|thinks?|that|if|when|whenever|until|hopes?|wish"
        r"|wonder|why|who|which|whether)\b).)+"
    ),
    "wish": (
        r"(?:i (?:need|want)|i(?:'d| would) (?:like|love|want|prefer)(?: for)?|what i(?:'d"
        r" like| would like| want| need) is(?: for)?|i (?:wonder|was wondering) if"
        r"|{wish_that})"
    ),
    "wish_that": (
        r"(?:(?:i(?:'d| would) (?:be (?:glad|happy|grateful)|like it|appreciate it)|it(?:'d"
        r"| would) be (?:great|nice|good|cool|lovely|helpful|wonderful)) if)"
    ),
    # Verbs that order nothing: what somebody should be, have or know.
    "work": (
        r"(?!(?:be|have (?:been|known)|not|never|know|win|cost|feel|seem|become|mean|really"
        r"|get (?:an?|some) (?:prize|award|medal|raise|rest|break|holiday|name|body))\b)"
    ),
    # What comes before an answer and means nothing.
    "well": (
        r"(?:(?:um+|uh+|er+|hm+|oh|well|so|okay|ok|actually|good|heavens|god|lord|gosh|please"
        r"|i think"
        r"|i guess|maybe|probably|then)[,]? )"
    ),
    "choosing": (
        r"(?:make (?:it|that)|let's (?:go with|take|do|say)|go (?:with|for)|i(?:'d| would) (?:say"
        r"|pick"
        r"|choose|go with|go for|like|take)|i (?:mean|meant|want|wanted|choose|pick|said)"
        r"|i'll (?:go"
        r" with|take|have)|pick|choose|take|that would be|it's|it was|use)"
    ),
    "yes": (
        r"(?:that works|yep that works|that is right|sure thing|go for it|you bet|certainly"
        r"|affirmative|indeed|that(?:'d"
        r"| would) be (?:great|good"
        r"|nice|lovely|fine|it)|perfect|great|good idea|very much so|be my guest|alright|all right"
        r"|make it"
        r" so|i'd like that|let's do (?:it|that|so)|do so|roger|aye|uh-huh|totally|naturally"
        r"|obviously"
        r"|if you (?:would|could|like|must)|go on then|(?:sounds|seems|looks) (?:great|good|fine"
        r"|perfect"
        r"|right|like a plan)|(?:works|fine|okay|ok|good) (?:for|by|with) me|that's the one"
        r"|please go ahead"
        r"|go right ahead|you (?:may|can)|yes please|just do it|y|yes|yeah|yep|yup|ya|sure"
        r"|ok(?:ay)?|fine|correct|right|exactly|absolutely"
        r"|definitely|of course|go ahead|do (?:it|that)|please(?: do(?: (?:it|that))?)?|sounds"
        r" good|confirm(?:ed)?|that's (?:right|fine|good|it|what i (?:meant|mean|want|wanted))"
        r"|by all means|why not|thanks|i do)"
    ),
    "no": (
        r"(?:absolutely not|certainly not|definitely not|of course not|no way|not a chance"
        r"|no chance"
        r"|please don't|don't you dare|hold on|i'd rather not|i changed my mind"
        r"|i've changed my mind|not"
        r" this time|negative|forget i (?:said|asked|mentioned)(?: anything| it| that)?|skip (?:it"
        r"|that)"
        r"|let it (?:be|run|go on)|leave (?:it|that|them)(?: (?:running|alone|be|as it is|there"
        r"|on))?|keep"
        r" (?:it|that|them)(?: (?:going|running))?|by no means|under no circumstances|let's not"
        r"|no need"
        r"|drop (?:it|that)|scrap that|hell no|never|not that|none(?: of (?:them|those))?|neither"
        r"|no|nope|nah|n|never ?mind|not now|(?:rather|better) not|wrong|leave it|don't(?: do"
        r" (?:it|that)| bother)?|do not(?: do (?:it|that))?|that's wrong|not (?:that(?: one)?"
        r"|really|yet|at all)|i (?:don't|do not|didn't) (?:want|mean|need) (?:that|it|this)|"
        r"(?:no )?(?:thanks|thank you)|forget (?:it|that)|in no case)"
    ),
    "do": (
        r"(?:(?:add|write|create|make|find|remove|delete|refactor|rewrite|rename|implement"
        r"|improve|optimi[sz]e|look|take|go|give|get|generate|summari[sz]e|translate|convert"
        r"|compare|explain|describe|draft|prepare|collect|gather|investigate|analy[sz]e"
        r"|extract|figure|try|install|configure|clean|tidy|merge|migrate|replace|rework|tell"
        r"|send|turn|work on|dig|proofread|polish|debug|verify|validate|finish|do|bring"
        r"|suggest|propose|shorten|simplify|ensure|please|count|fetch|download|upload"
        r"|reproduce|inspect|measure|calculate|search for|check (?:for|if|whether|that|what"
        r"|why|how)|test (?:if|whether))|(?:build|test|update|review|plan|design|format"
        r"|change|fix|check|work|report|release|document|search|research|upgrade|list|show"
        r"|run|start|use|deploy|sort|port|move|repair|correct|order)(?= (?:the|an?|my|our|all"
        r"|this|that|these|those|it|me|us|every|each|both|any|some|its|their|up|out)\b))"
    ),
}
NUMBERS = {
    "first": 1,
    "one": 1,
    "1": 1,
    "former": 1,
    "second": 2,
    "two": 2,
    "2": 2,
    "third": 3,
    "three": 3,
    "3": 3,
    "last": -1,
    "latter": -1,
    "top": 1,
    "middle": 2,
    "bottom": -1,
    "final": -1,
}
MEMORIES = {
    "decision": "decision",
    "decisions": "decision",
    "idea": "idea",
    "ideas": "idea",
    "question": "question",
    "questions": "question",
    "open question": "question",
    "action item": "action_item",
    "action items": "action_item",
    "todo": "action_item",
    "todos": "action_item",
    "to-do": "action_item",
    "to-dos": "action_item",
    "to do": "action_item",
    "reminder": "action_item",
    "reminders": "action_item",
    "fact": "fact",
    "facts": "fact",
    "note": "note",
    "notes": "note",
    "preference": "preference",
    "preferences": "preference",
    "risk": "risk",
    "risks": "risk",
}
ALL_OF_THEM = frozenset({"everything", "all"})
EMPTY_TARGETS = frozenset(
    "it that this he she they them task job work run agent agents everything all one"
    " things thing".split()
)
NEWEST = frozenset("last latest newest recent most".split())
NOISE = frozenset(
    "the a an my our your that this of on for with about task tasks job jobs work run agent one"
    " please still already to in at and is are it".split()
)
