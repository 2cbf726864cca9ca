"""What people say when they decide, promise, ask, warn or have an idea: rules as data.

A rule reads one sentence in lower case, plain apostrophes, without leading fillers ("okay, so").
The first rule of a kind that fits decides; `unless` takes back what a pattern takes too widely
(negation, hedging, talk about the talk). Confidence says how often the cue means it, from
reading meetings, not from measuring; it orders the memories and lets a reader cut them off.
"""

import re
from dataclasses import dataclass

FILLER = re.compile(
    r"^(?:(?:okay|ok|so|well|yeah|then|and|but|or|um|uh|uhm|hm|hmm|oh|ah|also|anyway|plus|actually|honestly)"
    r"(?:[,.!?;:…–—-]+\s+|\s+)"
    r"|(?:yes|yep|yup|no|great|cool|good|perfect|right|alright|all right|sure|of course|fine|exactly|true|nice|"
    r"wonderful|absolutely|definitely|thanks|thank you|sorry|please|wait|look|listen|you're right|good point|"
    r"i guess|i think|in that case|for now|convinced|agreed|done|ha|my bad|understood)[,.!?;:…–—-]+\s+)+"
)
"""Words that open a sentence and carry nothing; the second group only with a comma after them,
because "no comparison", "right now" and "fine with me" do."""

# Verbs of talking, thinking and being: a promise or plan with them is no piece of work.
IDLE = (
    r"(?:be|have|say|tell (?:me|you (?:that|what))|admit|see|think|know|guess|mean|wait|stop|live|try to|go|run(?! (?:a|an|the|it|this|that|some|two)\b)|leave|love|"
    r"like|need|want|get|miss|die|cry|repeat|mention|talk(?! to)|share my screen|start|begin|hear|feel|bet|"
    r"find|remember|believe|hope|agree|skip|keep quiet|shut up|read it out|ask after|come to|come back|"
    r"never|not|always|just say|be honest|probably|still)"
)
WORK_ADVERB = r"(?:also |then |just |quickly |definitely |gladly |go ahead and |try and |make sure to )?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`reason` goes into the memory's source, so that a reader can see why it was taken."""

    kind: str
    reason: str
    pattern: re.Pattern[str]
    confidence: float
    unless: re.Pattern[str] | None = None
    whole: bool = False
    """Reads the sentence with its fillers, and with a short "Agreed." before it."""
    answers: bool = False
    """Holds only in a turn that answers a question."""

    def fits(self, plain: str, whole: str, *, answers: bool) -> bool:
        """Whether the sentence is of this kind; `plain` is without fillers."""
        if self.answers and not answers:
            return False
        text = whole if self.whole else plain
        return bool(self.pattern.search(text)) and not (self.unless and self.unless.search(text))


def _rule(  # noqa: PLR0913 (a row of a table, not a call)
    kind: str,
    reason: str,
    pattern: str,
    confidence: float,
    unless: str = "",
    *,
    whole: bool = False,
    answers: bool = False,
) -> Rule:
    return Rule(
        whole=whole,
        answers=answers,
        kind=kind,
        reason=reason,
        pattern=re.compile(pattern),
        confidence=confidence,
        unless=re.compile(unless) if unless else None,
    )


def plain_text(text: str) -> str:
    """The sentence as the rules read it."""
    lowered = whole_text(text)
    return FILLER.sub("", lowered) or lowered


def whole_text(text: str) -> str:
    """Lower case, plain apostrophes, single blanks."""
    return " ".join(text.lower().replace("’", "'").split())


UNDECIDED = (
    r"(?:not|n't|never|yet to be|to be|be|whether|if|before|until|once|when|haven't|hasn't) "
    r"(?:\w+ ){0,2}?(?:decided|decide|agreed|settled|final)|\bdecide (?:later|whether|if|what|which|how)"
)
TALK_ABOUT_TALK = (
    r"let's (?:\w+ )?(?:see|talk|discuss|look|wait|move on|get started|begin|go (?:on|back|through|around|"
    r"round|over|one by one)|continue|start(?:$|[.!?]| without| here| with (?:you|me|him|her|the agenda|"
    r"an? (?:round|intro\w*)|\w+[.!?]?$))|meet|hear|hope|face|be (?:honest|real|fair|clear|quick)|stop here|"
    r"take (?:a|five|ten|that|this) (?:break|offline|minutes)|wrap|pause|recap|assume|imagine|pretend|call it a day|"
    r"have (?:some|any)(?:one|body))"
)
STATIVE = (
    r"(?:are|were|is|was|have|had|has|know|think|need|want|could|should|might|may|would|can|can't|cannot|"
    r"must|do|don't|didn't|did|got|get|see|saw|believe|guess|hope|feel|like|love|agree|disagree|all|both|"
    r"also|really|probably|maybe|never|always|usually|often|still|currently|already|just|look|talk|talked|"
    r"spoke|said|say|tried|try|measured|asked|wait|hear|heard|live|lose|lost|started|used|went|made|wrote|"
    r"find|found|found out|understand|remember|expect|depend|run into|struggle|offer|officially|'\w+)"
)

ACKNOWLEDGED = (
    r"(?:okay|ok|good|great|fine|no|yes|yep|right|perfect|agreed|alright|then|so|and so|in that case|convinced|"
    r"cool|deal|definitely|exactly|okay for all|everyone|sure|nice|all right)"
)

DECISIONS: tuple[Rule, ...] = (
    _rule(
        "decision",
        "says that it is decided",
        r"\b(?:we|i|they|he|she|the team|everyone)(?:'ve| have| has|'s|'d| had)? (?:\w+ly |all |now |already |"
        r"just |finally )?(?:decided|agreed|settled on|chosen|committed|opted|resolved|signed off)\b"
        r"|\b(?:the|our|my) decision (?:is|was)\b|\b(?:it's|it is|that's|that is|is|was) (?:now )?"
        r"(?:decided|settled|agreed|a deal)\b|\b(?:was|were|has been|have been|is|are) (?:decided|approved|"
        r"agreed|signed off|ruled out)\b",
        0.9,
        UNDECIDED + r"|\?$|\bwho decided\b",
    ),
    _rule(
        "decision",
        "changes a decision",
        r"\bchanged (?:my|our) minds?\b|\binstead of\b.*\b(?:let's|we'll|we use|use)\b|"
        r"\b(?:let's|we'll|we'd) .*\binstead of\b",
        0.85,
        r"\?$|\bmaybe\b|\bcould\b",
    ),
    _rule(
        "decision",
        "chooses",
        r"\bi(?:'m| am) (?:now )?(?:going with|going for|taking the|sticking (?:with|to)|dropping|keeping|choosing|"
        r"picking|skipping)\b|\bi(?:'ll| will) (?:go with|go for|take the|stick (?:with|to)|choose|pick)\b",
        0.75,
        r"\?$|\b(?:if|maybe|might|probably|thinking)\b",
    ),
    _rule(
        "decision",
        "from now on",
        r"\b(?:from now on|as of (?:today|now|tomorrow|next \w+)|(?:from|starting) (?:today|tomorrow|next (?:week|month|sprint))|"
        r"effective immediately)\b|(?:^|, so |, then )(?:for now|then|from now on),? it(?:'s| is) (?!not |just |fine|okay|ok|good|enough|a bit)\w+",
        0.65,
        r"\?$|\bi(?:'ll|'m| will| am| can't| can)\b|\b(?:vacation|holiday|away|sick|off)\b",
    ),
    _rule(
        "decision",
        "answers with what we do",
        r"^we (?:just |only |simply )?(?:use|take|go with|go for|keep|skip|drop|leave|stick (?:with|to)|stay with|ship|"
        r"buy|wait|postpone|build|do it|make it|start with|don't build|don't use|don't need to build)\b",
        0.6,
        r"\?$|\b(?:every (?:day|week|time)|currently|at the moment|already|usually|right now|today|for years|could|might|maybe)\b",
        answers=True,
    ),
    _rule(
        "decision",
        "leaves it as it is, or moves it",
        r"^(?:it|that|this|both|everything|the (?:\w+ ){1,3}|\w+ )(?:stays?|remains?) (?:off|on|in|out|as|where|the same|like|"
        r"with|at|open until|closed|unchanged|here|there)\b|^(?:it|that|this|the (?:\w+ ){1,3}|\w+ )(?:goes|comes|moves) "
        r"(?:in|into|to|out|after|before|first|last|later)\b(?!.*\b(?:problem|wrong|mind|question)\b)",
        0.6,
        r"\?$|\b(?:usually|always|often|sometimes|every|last|yesterday|if|when(?:ever)?|because|depends)\b|^(?:he|she|who|what|"
        r"which|there|everyone|everybody|nobody)\b",
    ),
    _rule(
        "decision",
        "so we do it",
        r"(?:^|, )so we do (?:it|that|this|both|the)\b|^we do (?:it|that|this) (?:that way|like that|this way|so|anyway|then)\b|"
        r"\b(?:that's|this is|so|then) the plan\b|^the plan is (?:to|that)\b|\bthat settles it\b",
        0.65,
        r"\?$|\bif\b",
    ),
    _rule(
        "decision",
        "is now so by decision",
        r"\b(?:is|are|gets?|it's|that's) (?:now |officially |hereby |therefore )?(?:cancelled|canceled|postponed|moved to|pushed to|pushed back|"
        r"put off|dropped|frozen|on hold|approved|confirmed|scheduled for|set for|capped at|limited to|banned|required from)\b",
        0.65,
        r"\?$|\b(?:if|when|usually|always|whether|was|were|until)\b",
    ),
    _rule(
        "decision",
        "orders it for all",
        r"^(?:keep|leave|drop|skip|make it|go with|scrap|stick (?:to|with)) (?!in mind|going|calm|in touch|me|us\b|an eye|quiet|it up|"
        r"talking|alone)\w+(?: \w+)+",
        0.6,
        r"\?$",
    ),
    _rule("decision", "let us", r"\blet's \w+", 0.8, TALK_ABOUT_TALK + r"|\?$|\blet's say\b.{0,12}$"),
    _rule(
        "decision",
        "announces what we will or will not do",
        r"\bwe(?:'ll| will|'re going to| are going to|'re gonna)(?: not| just| simply| only| all| stick to)? "
        r"(?:go with|go for|go ahead|use|take|keep|drop|stick|stay|switch|move|remove|skip|postpone|delay|"
        r"ship|release|launch|start with|support|leave|do|make it|buy|build|hire|call it|offer|replace|"
        r"limit|freeze|roll|adopt|pick|choose|cancel|migrate)\b",
        0.75,
        r"\?$|^(?:if|when|maybe|perhaps|otherwise|unless)\b|\b(?:might|maybe|probably|perhaps|i think|see)\b",
    ),
    _rule(
        "decision",
        "announces what we are dropping or moving to",
        r"\bwe(?:'re| are) (?:now |not )?(?:dropping|killing|going with|going for|moving to|switching to|keeping|"
        r"removing|sticking (?:with|to)|staying (?:with|on)|postponing|cancelling|canceling|replacing|"
        r"skipping|adopting|not doing|not going|raising|freezing|leaving)\b",
        0.8,
        r"\?$|\b(?:if|whether|might|maybe|thinking|wondering|considering)\b",
    ),
    _rule(
        "decision",
        "rules something out",
        r"\bwe (?:won't|will not|aren't going to|are not going to|'re not going to|don't)\b.{0,60}"
        r"\b(?:for now|in the first|until|anymore|any more|this (?:year|quarter|month|sprint|week)|at all|"
        r"ourselves|before|anywhere)\b|\bwe(?:'re| are) not going to (?:do|build|use|support|ship|buy|pay)\b|"
        r"\b(?:is|are) (?:off the table|out of scope|out|a no-go)[.!]?$",
        0.75,
        r"\?$|\b(?:if|maybe|might|why|know|have|can't|find|still)\b",
    ),
    _rule(
        "decision",
        "so we do it thus",
        rf"(?:^|[.!?] )(?:{ACKNOWLEDGED}[,.!?]* )+(?:[\w ]{{3,30}}, )?we (?!{STATIVE}\b)(?!(?:only |just |\w+ly )?\w+ed\b)\w+ \w+",
        0.65,
        r"\?$|\b(?:every day|every week|last (?:week|month|year|time)|yesterday|usually|normally|often|sometimes|"
        r"currently|at the moment|right now|already|for years|percent|could|might|would|should|maybe|a problem)\b",
        whole=True,
    ),
    _rule(
        "decision",
        "so one person takes it",
        rf"(?:^|[.!?] )(?:{ACKNOWLEDGED}[,.!?]* )+(?!it |that |this |which |who |he |she |there )[a-zà-ÿ][\w-]+ "
        r"(?:takes|covers|owns|leads|joins|replaces|handles) \w+",
        0.6,
        r"\?$|\b(?:usually|always|often|too long|hours|minutes|place|time|ages)\b",
        whole=True,
    ),
    _rule(
        "decision",
        "so it is",
        r"^[^,?]{2,60} it is(?:,? then)?[.!]$|^[^?]{3,80}, then[.!]$|\b(?:it|that)'s (?:called|named) .+ then\b|"
        r"\b(?:that's|it's) (?:final|a deal|settled)\b|^deal\b",
        0.7,
        r"\?$|\b(?:how|what|that's how|where|who|here|there|see you|bye|not) it is\b|^(?:bye|see you|later|thanks)",
    ),
    _rule(
        "decision",
        "no such thing, for now",
        r"^(?:then )?no (?:\w+ ){0,3}\w+.*\b(?:in (?:the|this|our) (?:first|next|beta|release|sprint|quarter)|"
        r"for now|until|this (?:year|quarter|sprint)|before)\b",
        0.7,
        r"\?$|\bno (?:one|idea|problem|worries|need|matter|wonder|question|rush)\b|^nobody",
    ),
)

PROPOSALS: tuple[Rule, ...] = (
    _rule(
        "proposal",
        "proposes",
        r"\blet's \w+|\b(?:shall|should|can|could) we\b.*\?|\bhow about\b|\bwhat about\b|\bwhy don't we\b|"
        r"\bi(?:'d| would)(?: \w+)? (?:suggest|propose|prefer|recommend|go|say|vote|take|switch|do|show|rather|"
        r"put|keep|use|start|leave|drop)\b|\bi (?:suggest|propose|recommend|vote)\b|\bmy (?:proposal|suggestion|"
        r"vote)\b|\bthe proposal is\b|\bwe(?:'d| would| could| should| can)\b|\bso we agree\b|\bwe need\b|"
        r"\bmaybe we\b|\bwhat if\b|\bi'd like us\b|\bcan (?:it|this) be\b|\bcan we\b|\bdo we (?:want|agree|say)\b",
        0.6,
        r"\b(?:should|shall|can|could) we (?:start|begin|continue|talk|move on|go on|wrap)\b",
    ),
)

ACTIONS: tuple[Rule, ...] = (
    _rule(
        "action_item",
        "promises",
        rf"\bi(?:'ll| will|'m going to| am going to|'m gonna) {WORK_ADVERB}(?!{IDLE}\b)\w+",
        0.85,
        r"\?$|\bi'll (?:have|get|find|go)(?! (?:a|an|the|it|this|that|you|back|them|out|through)\b)|"
        r"\bi(?:'ll| will) (?:be right|be back|be there|tell you|let you go|give you that|take your word|never)\b|"
        r"\bi thought\b|\bi said\b|\bi wish\b|\bif you\b.*\bi'll\b",
    ),
    _rule(
        "action_item",
        "promises to get, find or send back",
        r"\bi(?:'ll| will) (?:get (?:back|it|this|that|the|a|you|them|in touch)|find (?:out|a|an|the|someone|"
        r"somebody)|have (?:a|an|the|it|this|that) \w+|be in touch|let (?:you|them|him|her|\w+) know|try to|"
        r"start (?:with|on|the|writing|working)|need to|keep (?:you|an eye|track))\b",
        0.8,
        r"\?$|\bhave (?:a|the) (?:coffee|beer|look at my watch)\b",
    ),
    _rule(
        "action_item",
        "has to do it",
        rf"\bi (?:need to|have to|must|should|still need to|still have to|also need to|'ve got to) (?!{IDLE}\b)\w+",
        0.65,
        r"\?$|\bi (?:have to|must|need to|should) (?:\w+ )?(?:say|admit|run|go|leave|confess|ask you|laugh|think|be|stop|"
        r"jump|drop|head|know|understand|see)\b|\bshould (?:have|'ve|probably have)\b|\bif\b|\bi don't\b",
    ),
    _rule(
        "action_item",
        "offers to find out",
        r"\blet me (?:check|find out|ask|talk to|look (?:it|into|that)|confirm|verify|get back|write|send|draft|"
        r"call|prepare|sort|dig|follow up|test|try (?:it|that) out)\b",
        0.7,
        r"\?$|\blet me (?:check|look) (?:my|the) (?:notes|calendar|list|time|clock)\b",
    ),
    _rule(
        "action_item",
        "names who will do it",
        r"^(?:and |so |then )?(?P<owner>[a-zà-ÿ][\w-]+)(?:'ll| will| is going to| is to| takes care of|, you'll|"
        r", you will)(?: also| then| please)? (?!be\b|have\b|not\b|never\b|know\b|love\b|say\b|need\b|think\b)\w+",
        0.75,
        r"\?$|^(?:it|this|that|which|he|she|they|we|you|there|everyone|everybody|nobody|somebody|someone|who|what|"
        r"nothing|something|customers|users|people|i|and|but|time|half|most|all|these|those|legal requirements)\b",
    ),
    _rule(
        "action_item",
        "then I do it",
        r"^(?:i|tomorrow i|today i|later i) (?:ask|write|send|do|make|check|call|prepare|talk|look|test|fix|"
        r"review|update|add|put|draft|set up|organise|organize|order|book|clean|change|move) .*\b(?:when|tomorrow|"
        r"today|next|tonight|later|after|by|until|this (?:afternoon|evening|week)|on (?:mon|tues|wednes|thurs|fri)day|"
        r"again)\b",
        0.6,
        r"\?$|\b(?:usually|always|often|every|sometimes|yesterday|used to)\b",
    ),
    _rule(
        "action_item",
        "noted as to be done",
        r"^(?:to do|todo|action(?: item)?)\b|\bneeds? to be (?:done|sent|written|fixed|checked|updated|reviewed|"
        r"finished|ready|prepared|signed)\b.*\bby\b|\bis (?:responsible for|in charge of|on the hook for)\b",
        0.6,
        r"\?$",
    ),
)

REQUESTS: tuple[Rule, ...] = (
    _rule(
        "request",
        "gives an order",
        r"^(?:please )?(?:remind (?:me|us)|ask \w+ (?:to|if|whether|for)|tell \w+ (?:to|that|about)|make sure|find out|look into|"
        r"send (?:me|him|her|them|us|it|the)|check (?:if|whether|with|that)|prepare (?:a|the)|schedule (?:a|the)|"
        r"book (?:a|the)|write (?:a|the) \w+|draft (?:a|the)|create (?:a|the)|add (?:a|the) \w+ to|delegate|let \w+ know)\b",
        0.65,
        r"\?$|^tell me (?:about|more|what)\b|^(?:tell|ask) (?:me|you|yourself)\b",
    ),
    _rule(
        "request",
        "asks somebody to do it",
        r"\b(?:can|could|would|will) (?:you|[a-zà-ÿ]\w+) (?:maybe |please |also |just |quickly |perhaps )*"
        rf"(?!{IDLE}\b|hear|see|handle|imagine|explain|believe|elaborate|show me|give me an example|walk (?:us|me)|"
        rf"recap|summari[sz]e|do (?:that|it)\?)\w+ .*\?",
        0.65,
        r"\b(?:can|could|would|will) (?:we|i|it|this|that|they|there|anybody|anyone|everybody|everyone|somebody|users|"
        r"customers|people|the)\b|^(?:when|what|how|why|where|which|who)\b|\bcan you (?:hear|see|say|tell me|repeat|explain|imagine|remember)\b",
    ),
    _rule(
        "request",
        "asks somebody to find out, to find or to tell",
        r"\b(?:can|could|would|will) you (?:maybe |please |also |just )*(?:find (?:out|me|us|a|an|the|somebody|someone)|"
        r"tell (?:them|him|her|[a-z]+ (?:that|about))|get (?:me|us|the|a|it|in touch|hold)|start (?:with|on|the)|"
        r"run (?:the|a|it)|have a look|try (?:it|that|to)|keep)\b",
        0.65,
        r"\bget it\b\?",
    ),
    _rule(
        "request",
        "hands it to somebody",
        r"\b(?:that's|this is|that one's|that's then) (?:one |something |a (?:job|task|case) |then )?for you\b|"
        r"\b(?:this|that|it) (?:one )?is yours\b|\b(?:leave|put) (?:that|it|this) (?:with|on) (?:you|your (?:list|plate))\b",
        0.65,
    ),
    _rule(
        "request",
        "tells somebody to do it",
        r"^(?:[a-zà-ÿ][\w-]+, )(?:please )?(?:make|take|write|send|check|ask|do (?!you)|find|"
        r"change|update|add|prepare|call|book|set up|put|look (?:at|into)|talk to|review|fix|test|draft|share|schedule|"
        r"organise|organize|remind|move|create|clean|order|finish|confirm|let|get|run|own)\b|"
        r"^[a-zà-ÿ][\w-]+, you'?(?:ll)? (?:do|make|take|write|handle|own|send|check|organise|organize|prepare)\b|"
        r"^[a-zà-ÿ][\w-]+, (?:please|will you|would you) \w+|\bplease (?!let it|don't|not|be\b|stop|wait|no\b)\w+ .{8,}",
        0.65,
        r"\bplease (?:go ahead|continue|come in|sit|hold|stay|keep in mind|note that|put your|mute|repeat)\b|"
        r"^(?:okay|so|well|yes|no|then|honestly|sorry|look), |^(?:if|when|because|where|as|to|in|on|for|at|from)\b",
    ),
)

ACCEPT_STRONG = re.compile(
    r"^(?:(?:okay|ok|so|well|yeah|yes|oh|hm|great|good|perfect|right|no),? ?[.!]? ?)*(?:agreed|deal|sold|absolutely|"
    r"definitely|exactly that|same(?: here)?\b|works for me|that works|fine (?:with|for|by) me|i'm fine with|"
    r"i'm (?:\w+ )?(?:happy|okay|ok|good) with|i (?:like|love) (?:it|that|this|simple)|i find this good|sounds good|"
    r"sounds great|sounds like a plan|let's do (?:that|it|this)|do it|go for it|i can live with|"
    r"you're right|i'm with \w+|good (?:idea|point|call)|convinced|makes sense|that's clean|perfect|"
    r"that's (?:good|great|perfect|fine|honest|a good idea)|yes,? (?:please|do|let's|exactly|that)|\+1|"
    r"i think that's wise|why not)\b"
)
ACCEPT_WEAK = re.compile(r"^(?:(?:okay|ok|so|well|oh|hm),? )*(?:yes|yep|yup|yeah|sure|okay|ok|fine|right|alright|cool)\b")
DECLINE = re.compile(
    r"^(?:(?:okay|ok|so|well|oh|hm),? )*(?:no\b|nope|not (?:really|yet|quite|now|today)|i can't|i'd rather not|"
    r"never|i don't think|rather not|i doubt|hm, not)"
)
DONE = re.compile(r"^(?:(?:okay|ok|yes|oh|sure),? )*(?:(?:it's |already |all )?done\b|here (?:you go|it is|they are)|there you go|voil)")
TAKES_ON = re.compile(
    r"^(?:(?:okay|ok|so|well|yeah|yes|oh|hm|great|good|perfect|sure|of course),? ?[.!]? ?)*(?:will do|on it|doing (?:it|that) now|"
    r"i'll do (?:it|that|so)|i do (?:it|that)\b|i(?:'ll| can)? take (?:it|that|this|care)|i can do (?:it|that)|consider it done|"
    r"leave it (?:to|with) me|i'll (?:handle|sort) (?:it|that)|mine|me\b[.!]?$|i've got (?:it|that)|got it|ping me|"
    r"i'm on it|happy to|gladly|with pleasure|no problem|sure|yes|yep|okay|of course|absolutely|i can|i will|i'll)\b"
)
ANAPHORIC = re.compile(
    rf"\b(?:i'll|i will) {WORK_ADVERB}(?!{IDLE}\b)\w+ (?:it|that|this|them|those|so)\b|"
    r"\b(?:i'll|i will|i can|i'd|i) (?:do|take|handle|sort|own) (?:it|that|this|them|those|so)\b|^(?:will do|on it|doing it now)\b"
)
OFFER = re.compile(
    rf"\bi (?:can|could) (?!{IDLE}\b|hear|imagine|understand|live with|only|hardly|barely|confirm that|promise)\w+"
)
OFFER_NOT = re.compile(r"\?$|\bi could\b.*\bbut\b|\bi (?:can|could)(?:'t|not)\b|\bcould have\b|\bif you\b")

IDEAS: tuple[Rule, ...] = (
    _rule(
        "idea",
        "has an idea",
        r"\b(?:an|one|another|nice|good|great|crazy|my|the) idea\b|\bwhat if\b|\bhow about\b|\bwe could (?:also|maybe|just|"
        r"even|later|use|build|add|put|offer|let|make|do|try|have|start|ask|run|show)\b|\bmaybe we (?:could|should)\b|"
        r"\bi'd maybe\b|\b(?:it|that|this)(?: would|'d) be (?:a )?(?:nice|cool|great|good|lovely|amazing|fun)\b|"
        r"\bwould be a (?:nice|cool|great|good) (?:thing|feature|addition)\b|\bwhat about (?:\w+ )?\w+\?.*\blike\b|"
        r"\bi'd (?:suggest|propose|show|recommend)\b|\bwe (?:should|might) (?:also )?(?:consider|think about|look at|try)\b",
        0.6,
        r"\b(?:no|any) idea\b|\bgood idea[.!]?$|\bnice idea[.!]?$|^(?:that's|it's|oh,? that's) an? \w+ idea\b|"
        r"\bwould be (?:great|good|nice|lovely|amazing|perfect)[.!]?$|\bidea (?:what|how|why|where|if)\b",
    ),
)

RISKS: tuple[Rule, ...] = (
    _rule(
        "risk",
        "names a risk",
        r"\brisks?\b|\brisky\b|\bdanger\b|\bmy (?:worry|concern|fear)\b|\b(?:i'm|i am|we're|makes me) (?:\w+ )?(?:\w+ )?"
        r"(?:worried|afraid|concerned|nervous|scared)\b|\b(?:we|you) (?:then )?have a problem\b|\b(?:could|might|may|will|would)"
        r" (?:actually |then |even |easily |also )?(?:break|fail|fill up|crash|leak|get sued|blow up|run out|go down|"
        r"burn|lose|cost us|slip|not work|be wrong|be too late|look at somebody else|hurt|kill|bite us)\b|"
        r"\b(?:single point of failure|bottleneck|blocker|deal[- ]?breaker|showstopper)\b|\bworst case\b|"
        r"\b(?:nobody|no one) (?:notices|would notice|knows)\b|\bif .{3,80}, we(?:'re| are) (?:stuck|dead|screwed|in trouble)\b|"
        r"\b(?:is|was) a (?:real )?(?:problem|concern|worry) for\b",
        0.7,
        r"\bno risk\b|\bwhich risks\b|\bany (?:risks|blockers)\b|\brisk register\b|\bnot (?:a|worried|afraid)\b|"
        r"^\w+ had the\b|\bi'm afraid (?:not|so|i)\b|\?$",
    ),
)

OPEN: tuple[Rule, ...] = (
    _rule(
        "question",
        "says that it is open",
        r"\b(?:open|unanswered|unresolved) (?:question|issue|point)|\b(?:still|remains?|stays?|left) (?:an? )?open\b|\bwhat is open\b|"
        r"\b(?:i|we) (?:don't|do not) (?:yet )?know(?: yet)? (?:if|whether|how|what|when|who|why|where|which)\b|"
        r"\bnot (?:\w+ )?sure (?:if|whether|how|what|about|which)\b|\b(?:isn't|is not|not|hasn't been) (?:yet )?decided\b|"
        r"\bhaven't (?:decided|answered)\b|\bwe need to (?:find out|figure out|clarify|decide)\b|\bto be decided\b|\btbd\b|"
        r"\bnobody knows\b|\bwhat i'm not sure about\b|\bthe question is\b",
        0.7,
        r"\bi don't know (?:what|how) (?:to say|you do it)\b|\bnot sure what you mean\b",
    ),
)

CHOICE = re.compile(
    r"^(?!(?:is|are|was|were|did|does|has|have|why|where|who|do you (?:know|mean|think))\b).*\bor\b.*\?$"
)
"""A question that offers two; a short answer picks one of them."""

UNSURE_ANSWER = re.compile(
    r"\b(?:good question|no idea|i don't know|don't know yet|not sure|nobody knows|we'd have to (?:check|find out|ask)|"
    r"have to find out|no clue|hard to say|depends|i'd have to check|hasn't answered|not decided|isn't decided)\b"
)
SMALL_QUESTION = re.compile(
    r"\b(?:can|could) (?:you|everybody|everyone) (?:hear|see)|\bhow are you\b|\bare you there\b|\bis that okay\b|"
    r"\banything else\b|\bsomething else\b|\bany (?:questions|objections|blockers)\b|\bwant to go\b|\bdo you want to\b|"
    r"\byou know\b|\banybody against\b|\bright\?$|\bdid i (?:forget|miss)\b|\bhow (?:was|is) your\b|\bwhere were we\b"
)

HEDGE = re.compile(
    r"\b(?:i think|i guess|i believe|maybe|perhaps|probably|might|could|would|should|may|around|roughly|about|"
    r"something like|or so|i thought|kind of|sort of|i'd say|seems?|apparently|not sure|i mean|if|whether|hopefully|ish)\b"
)
FACT = re.compile(
    r"\b(?:is|are|was|were|has|have|had|costs?|takes?|uses?|needs?|gets?|got|comes? from|contains?|supports?|"
    r"includes?|lies?|stores?|measured|finished|found|deployed|merged|means|wants?)\b"
)
NUMBER = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|sixteen|twenty|thirty|forty|fifty|"
    r"sixty|seventy|eighty|ninety|half|a third|a quarter)"
)
QUANTITY = re.compile(
    rf"\d|\b(?:hundred|thousand|million|percent)\b|\b{NUMBER}(?:[ -]\w+)? (?:percent|days?|weeks?|months?|hours?|years?|"
    r"euros?|dollars?|cents?|customers?|people|users?|teams?|sites?|gigabytes?|kilos?|tonnes?|times|of (?:the|our|them))\b"
)
