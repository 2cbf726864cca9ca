"""English. Questions: what is new, what was decided."""

from __future__ import annotations

NEWS = (
    (
        r"(?:is there |are there |do you have |have you got |got )?(?:any|some|the)?"
        r"(?: ?thing)?(?: ?the)? ?(?:new|news|latest|updates?|results?)(?: (?:for me"
        r"|yet|today|please))?"
    ),
    (
        r"(?:is there |are there |do (?:we|you) have |have (?:we|you) got )?(?:anything"
        r"|something) (?:(?:new )?(?:from|by) {the}(?P<agent>{agent})\b.*|to report"
        r"|(?:finished|done|running|failed|back|waiting|pending|open)\b.*)"
    ),
    (
        r"what(?:'s| is| has| are)? (?:new|up|the latest|the news|the status|our"
        r" status|happening|going on|happened|finished|done|running|(?:still )?"
        r"(?:pending|open)|been (?:done|finished))(?: (?:today|now|right now|meanwhile"
        r"|so far|with (?:my|the) (?:tasks|agents)|since .+|while .+))?"
    ),
    (
        r"(?:give me |read me |tell me )?(?:a |an |the |my )?(?:quick |short |brief )?"
        r"(?:status|news|updates?|status (?:update|report)|overview)(?: please)?(?:,?"
        r" what's (?:going on|happening|new))?"
    ),
    (
        r"(?:catch me up|bring me up to (?:speed|date)|what (?:did|have) i miss(?:ed)?"
        r"|where are we|any progress)"
    ),
    r"how far (?:along )?are (?:we|you|they|things)(?: (?:along|now|by now))?",
    r"how far (?:has|have|is|are|did) {the}(?P<agent>{agent})\b.*",
    (
        r"how far (?:along )?(?:has|have|is|are|did) (?P<text>.+?)(?: (?:got|gotten|get"
        r"|along|come))?"
    ),
    r"where (?:do we stand|we stand|we are|are we)(?: with| on)?(?P<text> .+)?",
    (
        r"(?:(?:which|what|how many)(?: of (?:the|my))?|are any) (?:tasks?|jobs?|agents"
        r"?|of them)(?: (?:is|are|do we have))?(?: still| already)? (?:running|done"
        r"|finished|working|busy|active|open|left|pending|waiting|stuck|failed)\b.*"
    ),
    r"who(?:'s| is)(?: still)? (?:busy|working|running|active|waiting|at it|done)\b.*",
    (
        r"(?:has|have|did|does|do|is|are) (?:any|some|every)(?:one|body|thing)\b.*"
        r"(?:fail|finish|answer|question|done|ready|break|broken|broke|working"
        r"|running|waiting|back|need|wrong|result)\w*\b.*"
    ),
    r"how (?:much )?long(?:er)? (?:will|does|is) (?P<text>.+?) (?:still|going to) (?:take|be|need)",
    (
        r"(?!have \w+ of (?:the|my) agents (?!\w+(?:ed|en)\b))(?:has|have|did|do|are|is)"
        r" (?:any|some|all|one) of (?:them|(?:the |my )(?P<text>.+))\b.*"
    ),
    r"(?:are|do|did|have) (?:they|(?:the|my) agents)\b.* (?:work|need|wait|finish|done|ask)\w*\b.*",
    # Any question by yes or no about an agent.
    (
        r"(?:is|was|has|did|does|isn't|hasn't|didn't|doesn't) {the}(?P<agent>{agent})"
        r"\b.+"
    ),
    (
        r"(?:is|are) (?P<text>.+?) (?:already |all |now )?(?:done|finished|ready"
        r"|complete|completed|through|still running|running|fixed|back)(?: (?:yet"
        r"|already|now|by now|with .+))?"
    ),
    r"did (?P<text>.+?) (?:pass|succeed|go through|go well|work)\b.*",
    (
        r"(?:has|have|did) (?P<text>.+?) (?:already )?(?:finish(?:ed)?|complete(?:d)?"
        r"|end(?:ed)?|fail(?:ed)?|come back|passed|work(?:ed)?(?: out)?)(?: (?:yet"
        r"|already|now))?"
    ),
    (
        r"(?:how(?: long| much longer)?|when|where|why)(?:'s| is| will| does| did| has"
        r"| was) {the}(?P<agent>{agent})\b.*"
    ),
    r"(?:are|am) (?:we|i|you) (?:still )?(?:waiting|needed|missing)\b.*",
    (
        r"how(?:'s| is| are) (?P<text>.+?)(?: (?:going|doing|coming(?: along| on)?"
        r"|getting on|looking|progressing))?"
    ),
    (
        r"how (?P<text>.+?) (?:is|are) (?:going|doing|coming(?: along| on)?|getting on"
        r"|looking|progressing)"
    ),
    r"how did (?P<text>.+?) (?:go|turn out|end)",
    (
        r"what {the}(?P<agent>{agent}) (?:(?:is|was|has been) (?:doing|up to|working"
        r" on)|(?:has )?(?:said|found|found out|did|done))(?: (?:now|right now|so"
        r" far))?"
    ),
    r"how (?:much|many)\b.* (?:left|to do|remaining|unfinished)\b.*",
    (
        r"(?:(?:is|are|was|were) there )?any (?:problems?|errors?|trouble|issues?"
        r"|failures?|questions? for me)\b.*"
    ),
    r"what(?:'s| is) (?:the )?(?:status|state|progress) (?:of|on|with) (?P<text>.+)",
    r"(?:status|progress) (?:of|on) (?P<text>.+)",
    r"what(?:'s| did| does| has| is| was| had) {the}(?P<agent>{agent})\b.+",
    (
        r"what(?:'s| did| does| has| is| have| are) (?P<text>(?:it|he|she|they|every"
        r"(?:body|one)|any(?:body|one)|(?:(?:the|my) )?agents?)) (?:sa[iy]|find|found|do"
        r"|answer|wr[io]t|report|work|up to|come up|came up|discover|been)\w*\b.*"
    ),
    r"what(?: has)? happened (?:to|with) (?P<text>.+)",
    r"what came (?:out )?of (?P<text>.+)",
    (
        r"(?:is there |are there |do (?:we|you) have |have (?:we|you) got )?(?:any"
        r"|some) (?:news|updates?|word|progress|results?|answers?)(?: yet)? (?:from|on"
        r"|about|of|with|for) {the}(?:(?P<agent>{agent})\b.*|(?P<text>.+))"
    ),
    (
        r"(?:what's|what is|is there anything|anything|something) new (?:with|on|about|in"
        r"|since|from) (?P<text>.+)"
    ),
    r"are we (?:there|done|through|finished)(?: yet| already)?(?: with (?P<text>.+))?",
    r"(?:is|are) (?P<text>(?:the|my|our) .+) (?:\w+er|more \w+|less \w+) now",
    r"(?:news|updates?) (?:from|on|about) (?P<text>.+)",
)
RECALL = (
    (
        r"what (?:did|have|had|do|does) {we} (?:just |already |finally |last )?"
        r"(?:decide[ds]?|agree[ds]?|sa(?:y|id)|not(?:e|ed)|wr(?:ite|itten|ote)"
        r"|conclude[d]?|discuss(?:ed)?|know|remember|ha(?:ve|d)|stor(?:e|ed)|plan"
        r"(?:ned)?|choose|chosen|settle[d]?|pick(?:ed)?|think|want(?:ed)?|talk(?:ed)?)"
        r"(?: (?:last time|yesterday|today|again))?(?: {about}| to do {about})? ?"
        r"(?P<text>.*)"
    ),
    (
        r"what (?:did|have|had|do) (?:we|i|you) (?:got |still )?(?:to )?(?:prefer|need"
        r"|do|tell|told|mention(?:ed)?|promised?|got|order(?:ed)?|like|call(?:ed)?)"
        r"(?: (?:you|him|her|them))?(?P<text> .*)?"
    ),
    (
        r"what (?P<memory>{things}) (?:did|have|do) {we} (?:make|made|have|take|taken"
        r"|note|noted|store|stored|got|get)(?: {about})? ?(?P<text>.*)"
    ),
    (
        r"what (?:is|was|were|are|'s)? ?(?:my|our|the)(?: last| open| current| old)? "
        r"(?P<memory>{things}|plan|agreement|conclusion)(?: {about})? ?(?P<text>.*)"
    ),
    (
        r"what's (?:my|our|the)(?: last| open| current| old)? (?P<memory>{things}|plan"
        r"|agreement|conclusion)(?: {about})? ?(?P<text>.*)"
    ),
    (
        r"what's (?:on record|noted|written down|stored|in my notes)(?: {about})? "
        r"(?P<text>.+)"
    ),
    r"what (?:was|were) (?P<text>.+)",
    r"what(?:'s| is| are) (?P<text>.+) (?:called|named|again)",
    r"what (?:do|does|did) (?P<text>[\w'-]+ [\w'-]+.*)",
    (
        r"(?:did|have) {we} (?:ever |already )*(?:decide[ds]?|agree[ds]?|sa(?:y|id)"
        r"|note[d]?|write|written|discuss(?:ed)?|store[d]?|mention(?:ed)?|talk(?:ed)?"
        r"|settled?|chose|choose|chosen|pick(?:ed)?)(?: (?:anything|something|that"
        r"|down))*(?: {about})? ?(?P<text>.*)"
    ),
    (
        r"(?:do|have|did) (?:i|we) (?:have |got )?(?:any|some) (?P<memory>{things})"
        r"(?: (?:saved|noted|stored|written down))?(?: {about})? ?(?P<text>.*)"
    ),
    (
        r"(?:is|are) there (?:any|some)(?:thing)? ?(?:in|among) (?:my|the|our)"
        r" (?:notes|memor(?:y|ies))(?: {about})? ?(?P<text>.*)"
    ),
    (
        r"(?:is there |are there |do (?:i|we) have )?(?:any|an?) (?P<memory>{things})"
        r" (?:from|{about}) (?P<text>.+)"
    ),
    (
        r"(?:find|search(?: for)?|look (?:up|for)|recall|look through (?:my )?(?:notes"
        r"|memories)(?: for)?|show me|list|read me|read)(?: (?:me|all|my|our|the))*(?:"
        r" (?P<memory>{things}|to-? ?do list|list))(?: {about})? ?(?P<text>.*)"
    ),
    (
        r"(?:find|search(?: for)?|look up|recall|search my (?:notes|memories) for) "
        r"(?P<text>.+)"
    ),
    (
        r"(?:pull|bring|dig|look) up (?:everything|anything|all|what)(?: (?:that|we|i"
        r"|you|have|know|said|noted|got))*(?: {about})? (?P<text>.+)"
    ),
    (
        r"(?!remind me (?:on|in|at|for|with) .+ (?:to|that) )(?:do you (?:remember|know)|remind me"
        r"|tell me)(?: again)? (?:what (?:{we} "
        r"(?:decided|agreed|said|noted|discussed|planned|chose))(?: {about})?|{about})"
        r"(?P<text>(?! ?(?:it|that)$).*)"
    ),
    (
        r"(?:(?:can|do|could|would) you (?:still |happen to )?(?:remember|recall|know)"
        r"|remind me|i (?:can't|can not|cannot|don't) (?:quite )?(?:remember|recall)"
        r"|i(?:'ve| have)? forg[eo]t(?:ten)?)(?: again)?,? (?:what|why|when|where|who"
        r"|which|how|whether) (?P<text>.+)"
    ),
    (
        r"do you (?:still )?(?:remember|recall) (?P<text>(?:the|an?|my|our|his|her|their"
        r"|any|some|\w+'s) .+)"
    ),
    (
        r"(?:which|who|when|where|why|how much|how many|how)\b(?: \w+)? (?:did|have|do"
        r"|does|was|were) {we} (?P<text>.+)"
    ),
    # A question by its first words: the second one is a verb.
    (
        r"(?:when|where|who|whose \w+|how (?:much|many|often|old|long|big|high)(?:"
        r" \w+)?) (?:is|are|was|were|do|does|did|has|have|had|will|can|should|owns"
        r"|wants|wanted|said|gets|got|needs) (?P<text>.+)"
    ),
    (
        r"which (?!(?:reminds?|is|was|are|means?|makes?|i|we|you|he|she|they|nobody"
        r"|to|of|brings?)\b)(?P<text>[\w'-]+ [\w'-]+ .+)"
    ),
    (
        r"did i (?:ever |already )?(?:tell|mention to) you,? (?:what|when|where|who|why"
        r"|how|if|that) (?P<text>.+)"
    ),
    (
        r"(?:show|tell|read) me (?:what|everything|all)(?: that)? you (?:still )?(?:know"
        r"|remember|have)(?: {about})? (?P<text>.+)"
    ),
    r"do you (?:still )?know (?P<text>(?:\w+'s|my|our|his|her|their) .+)",
    r"(?:look|search) for (?P<text>.+) (?:in|among) (?:my|our|the) (?:notes|memories)",
    r"look (?:in|into|through) (?:my|our|the) (?:notes|memories)(?: {about})? (?P<text>.+)",
    r"what (?:do|does) (?:my|our|the) notes say(?: {about})? (?P<text>.+)",
    (
        r"(?:which|what) (?P<memory>{things}) (?:are|is|were) (?:there )?{about} "
        r"(?P<text>.+)"
    ),
    (
        r"(?:what do you (?:know|remember|have)|what is (?:known|noted|stored))"
        r" {about} (?P<text>.+)"
    ),
)
