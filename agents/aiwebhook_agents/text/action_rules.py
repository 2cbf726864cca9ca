"""What people say when they promise, ask for or hand out work: rules as data."""

import re

from aiwebhook_agents.text.rules import TextRule, rule

# Verbs of talking, thinking and being: a promise or plan with them is not a piece of work.
IDLE = (
    r"(?:be|have|say|tell (?:me|you (?:that|what))|admit|see|think|know|guess|mean|wait|stop|"
    r"live|try to|go|run(?! (?:a|an|the|it|this|that|some|two)\b)|leave|love|"
    r"like|need|want|get|miss|die|cry|repeat|mention|talk(?! to)|share my screen|start|begin|"
    r"hear|feel|bet|"
    r"find|remember|believe|hope|agree|skip|keep quiet|shut up|read it out|ask after|come to|"
    r"come back|"
    r"never|not|always|just say|be honest|probably|still)"
)

WORK_ADVERB = (
    r"(?:also |then |just |quickly |definitely |gladly |go ahead and |try and |make sure to )?"
)

ACTIONS: tuple[TextRule, ...] = (
    rule(
        "action_item",
        "promises",
        rf"\bi(?:'ll| will|'m going to| am going to|'m gonna) {WORK_ADVERB}(?!{IDLE}\b)\w+",
        0.85,
        r"\?$|\bi'll (?:have|get|find|go)(?! (?:a|an|the|it|this|that|you|back|them|out|"
        r"through)\b)|"
        r"\bi(?:'ll| will) (?:be right|be back|be there|tell you|let you go|give you that|take "
        r"your word|never)\b|"
        r"\bi thought\b|\bi said\b|\bi wish\b|\bif you\b.*\bi'll\b",
    ),
    rule(
        "action_item",
        "promises to get, find or send back",
        r"\bi(?:'ll| will) (?:get (?:back|it|this|that|the|a|you|them|in touch)|find (?:out|a|an|"
        r"the|someone|"
        r"somebody)|have (?:a|an|the|it|this|that) \w+|be in touch|let (?:you|them|him|her|\w+) "
        r"know|try to|"
        r"start (?:with|on|the|writing|working)|need to|keep (?:you|an eye|track))\b",
        0.8,
        r"\?$|\bhave (?:a|the) (?:coffee|beer|look at my watch)\b",
    ),
    rule(
        "action_item",
        "has to do it",
        rf"\bi (?:need to|have to|must|should|still need to|still have to|also need to|'ve got "
        rf"to) (?!{IDLE}\b)\w+",
        0.65,
        r"\?$|\bi (?:have to|must|need to|should) (?:\w+ )?(?:say|admit|run|go|leave|confess|ask "
        r"you|laugh|think|be|stop|"
        r"jump|drop|head|know|understand|see)\b|\bshould (?:have|'ve|probably have)\b|\bif\b|\bi "
        r"don't\b",
    ),
    rule(
        "action_item",
        "offers to find out",
        r"\blet me (?:check|find out|ask|talk to|look (?:it|into|that)|confirm|verify|get back|"
        r"write|send|draft|"
        r"call|prepare|sort|dig|follow up|test|try (?:it|that) out)\b",
        0.7,
        r"\?$|\blet me (?:check|look) (?:my|the) (?:notes|calendar|list|time|clock)\b",
    ),
    rule(
        "action_item",
        "names who will do it",
        r"^(?:and |so |then )?(?P<owner>[a-zà-ÿ][\w-]+)(?:'ll| will| is going to| is to| takes "
        r"care of|, you'll|"
        r", you will)(?: also| then| please)? (?!be\b|have\b|not\b|never\b|know\b|love\b|say\b|"
        r"need\b|think\b)\w+",
        0.75,
        r"\?$|^(?:it|this|that|which|he|she|they|we|you|there|everyone|everybody|nobody|somebody|"
        r"someone|who|what|"
        r"nothing|something|customers|users|people|i|and|but|time|half|most|all|these|those|"
        r"legal requirements)\b",
    ),
    rule(
        "action_item",
        "then I do it",
        r"^(?:i|tomorrow i|today i|later i) (?:ask|write|send|do|make|check|call|prepare|talk|"
        r"look|test|fix|"
        r"review|update|add|put|draft|set up|organise|organize|order|book|clean|change|move) "
        r".*\b(?:when|tomorrow|"
        r"today|next|tonight|later|after|by|until|this (?:afternoon|evening|week)|on (?:mon|tues|"
        r"wednes|thurs|fri)day|"
        r"again)\b",
        0.6,
        r"\?$|\b(?:usually|always|often|every|sometimes|yesterday|used to)\b",
    ),
    rule(
        "action_item",
        "noted as to be done",
        r"^(?:to do|todo|action(?: item)?)\b|\bneeds? to be (?:done|sent|written|fixed|checked|"
        r"updated|reviewed|"
        r"finished|ready|prepared|signed)\b.*\bby\b|\bis (?:responsible for|in charge of|on the "
        r"hook for)\b",
        0.6,
        r"\?$",
    ),
)

REQUESTS: tuple[TextRule, ...] = (
    rule(
        "request",
        "gives an order",
        r"^(?:please )?(?:remind (?:me|us)|ask \w+ (?:to|if|whether|for)|tell \w+ (?:to|that|"
        r"about)|make sure|find out|look into|"
        r"send (?:me|him|her|them|us|it|the)|check (?:if|whether|with|that)|prepare (?:a|the)|"
        r"schedule (?:a|the)|"
        r"book (?:a|the)|write (?:a|the) \w+|draft (?:a|the)|create (?:a|the)|add (?:a|the) \w+ "
        r"to|delegate|let \w+ know)\b",
        0.65,
        r"\?$|^tell me (?:about|more|what)\b|^(?:tell|ask) (?:me|you|yourself)\b",
    ),
    rule(
        "request",
        "asks somebody to do it",
        r"\b(?:can|could|would|will) (?:you|[a-zà-ÿ]\w+) (?:maybe |please |also |just |quickly |"
        r"perhaps )*"
        rf"(?!{IDLE}\b|hear|see|handle|imagine|explain|believe|elaborate|show me|give me an "
        rf"example|walk (?:us|me)|"
        rf"recap|summari[sz]e|do (?:that|it)\?)\w+ .*\?",
        0.65,
        r"\b(?:can|could|would|will) (?:we|i|it|this|that|they|there|anybody|anyone|everybody|"
        r"everyone|somebody|users|"
        r"customers|people|the)\b|^(?:when|what|how|why|where|which|who)\b|\bcan you (?:hear|see|"
        r"say|tell me|repeat|explain|imagine|remember)\b",
    ),
    rule(
        "request",
        "asks somebody to find out, to find or to tell",
        r"\b(?:can|could|would|will) you (?:maybe |please |also |just )*(?:find (?:out|me|us|a|"
        r"an|the|somebody|someone)|"
        r"tell (?:them|him|her|[a-z]+ (?:that|about))|get (?:me|us|the|a|it|in touch|hold)|start "
        r"(?:with|on|the)|"
        r"run (?:the|a|it)|have a look|try (?:it|that|to)|keep)\b",
        0.65,
        r"\bget it\b\?",
    ),
    rule(
        "request",
        "hands it to somebody",
        r"\b(?:that's|this is|that one's|that's then) (?:one |something |a (?:job|task|case) |"
        r"then )?for you\b|"
        r"\b(?:this|that|it) (?:one )?is yours\b|\b(?:leave|put) (?:that|it|this) (?:with|on) "
        r"(?:you|your (?:list|plate))\b",
        0.65,
    ),
    rule(
        "request",
        "tells somebody to do it",
        r"^(?:[a-zà-ÿ][\w-]+, )(?:please )?(?:make|take|write|send|check|ask|do (?!you)|find|"
        r"change|update|add|prepare|call|book|set up|put|look (?:at|into)|talk to|review|fix|"
        r"test|draft|share|schedule|"
        r"organise|organize|remind|move|create|clean|order|finish|confirm|let|get|run|own)\b|"
        r"^[a-zà-ÿ][\w-]+, you'?(?:ll)? (?:do|make|take|write|handle|own|send|check|organise|"
        r"organize|prepare)\b|"
        r"^[a-zà-ÿ][\w-]+, (?:please|will you|would you) \w+|\bplease (?!let it|don't|not|be\b|"
        r"stop|wait|no\b)\w+ .{8,}",
        0.65,
        r"\bplease (?:go ahead|continue|come in|sit|hold|stay|keep in mind|note that|put your|"
        r"mute|repeat)\b|"
        r"^(?:okay|so|well|yes|no|then|honestly|sorry|look), |^(?:if|when|because|where|as|to|in|"
        r"on|for|at|from)\b",
    ),
)

ANAPHORIC = re.compile(
    rf"\b(?:i'll|i will) {WORK_ADVERB}(?!{IDLE}\b)\w+ (?:it|that|this|them|those|so)\b|"
    r"\b(?:i'll|i will|i can|i'd|i) (?:do|take|handle|sort|own) (?:it|that|this|them|those|so)\b|"
    r"^(?:will do|on it|doing it now)\b"
)

OFFER = re.compile(
    rf"\bi (?:can|could) (?!{IDLE}\b|hear|imagine|understand|live with|only|hardly|barely|"
    rf"confirm that|promise)\w+"
)

OFFER_NOT = re.compile(
    r"\?$|\bi could\b.*\bbut\b|\bi (?:can|could)(?:'t|not)\b|\bcould have\b|\bif you\b"
)
